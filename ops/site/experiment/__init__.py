"""The experiment that a pipeline runs on one runner, and its configuration; on the project.

Operations: `followed`, `unpaused`; `config.agreed`.
"""

from ops.site.experiment.operations import followed, unpaused

__all__ = ["followed", "unpaused"]
