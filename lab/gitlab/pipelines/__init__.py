"""Pipelines and jobs, and the runners that take them."""
