"""The experiment that a pipeline runs on one runner, and its configuration; on the project.

Operations: `pipeline_completion`, `no_leftover_pause`; `configuration.consistency`.
"""

from ops.site.experiment.operations import no_leftover_pause, pipeline_completion

__all__ = ["no_leftover_pause", "pipeline_completion"]
