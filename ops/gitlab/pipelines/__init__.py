"""Pipelines of a project (https://docs.gitlab.com/api/pipelines/); the host is the project."""

from ops.gitlab.pipelines.operations import (
    complete,
    no_defunct,
    no_obsolete,
    pending_jobs,
    push_pipeline,
)

__all__ = ["complete", "no_defunct", "no_obsolete", "pending_jobs", "push_pipeline"]
