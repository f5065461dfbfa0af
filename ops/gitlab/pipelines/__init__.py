"""Pipelines of a project (https://docs.gitlab.com/api/pipelines/); the host is the project."""

from ops.gitlab.pipelines.operations import (
    complete,
    ghosts_deleted,
    obsolete_canceled,
    settled,
    unblocked,
)

__all__ = ["complete", "ghosts_deleted", "obsolete_canceled", "settled", "unblocked"]
