"""How GitLab shows commits, pipelines and jobs (lib/api/entities/)."""

from collections.abc import Mapping
from typing import Any

from lab.gitlab.pipelines.jobs import FINISHED, Job, Pipeline, iso
from lab.gitlab.project import Project

USER = {
    "id": 1,
    "username": "root",
    "name": "root",
    "state": "active",
    "locked": False,
    "avatar_url": None,
}
RUNNER_FIELDS = (
    "id", "description", "ip_address", "active", "paused", "is_shared", "runner_type", "name",
    "online", "status",
)  # fmt: skip


def runner(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a runner as lists and jobs show it."""
    return {name: settings[name] for name in RUNNER_FIELDS}


def commit(found: Mapping[str, Any], project: Project) -> dict[str, Any]:
    """Return a commit."""
    return {
        "id": found["id"],
        "short_id": found["id"][:8],
        "created_at": found["committed_date"],
        "parent_ids": found["parents"],
        **{name: found[name] for name in ("title", "message", "author_name", "author_email")},
        **{name: found[name] for name in ("authored_date", "committer_name", "committer_email")},
        "committed_date": found["committed_date"],
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{project.web_url}/-/commit/{found['id']}",
    }


def pipeline(shown: Pipeline, project: Project) -> dict[str, Any]:
    """Return a pipeline as in a list."""
    return {
        "id": shown.id,
        "iid": shown.iid,
        "project_id": project.data.id,
        "sha": shown.sha,
        "ref": shown.ref,
        "status": shown.status,
        "source": shown.source,
        "created_at": iso(shown.created_at),
        "updated_at": iso(shown.updated_at),
        "web_url": f"{project.web_url}/-/pipelines/{shown.id}",
        "name": None,
    }


def pipeline_details(shown: Pipeline, project: Project) -> dict[str, Any]:
    """Return a pipeline with everything."""
    started = min((job.started_at for job in shown.jobs if job.started_at), default=None)
    finished = shown.updated_at if shown.status in FINISHED else None
    duration = int(finished - started) if started and finished else None
    return {
        **pipeline(shown, project),
        "before_sha": shown.before_sha,
        "tag": False,
        "yaml_errors": shown.yaml_errors,
        "user": USER,
        "started_at": iso(started),
        "finished_at": iso(finished),
        "committed_at": None,
        "duration": duration,
        "queued_duration": int(started - shown.created_at) if started else None,
        "coverage": None,
        "archived": False,
    }


async def job(shown: Job, project: Project) -> dict[str, Any]:
    """Return a job with everything."""
    return {
        **await job_basic(shown, project),
        "artifacts": [],
        "runner": _runner_of(shown, project),
        "runner_manager": None,
        "artifacts_expire_at": None,
        "archived": False,
        "tag_list": sorted(shown.spec.tags),
    }


async def job_basic(shown: Job, project: Project) -> dict[str, Any]:
    """Return a job as a runner's list of jobs shows it."""
    of = project.pipelines.get(shown.pipeline)
    failed = {"failure_reason": shown.failure_reason} if shown.status == "failed" else {}
    return {
        "id": shown.id,
        "status": shown.status,
        "stage": shown.spec.stage,
        "name": shown.spec.name,
        "ref": of.ref,
        "tag": False,
        "coverage": None,
        "allow_failure": shown.spec.allow_failure,
        "created_at": iso(shown.created_at),
        "started_at": iso(shown.started_at),
        "finished_at": iso(shown.finished_at),
        "erased_at": None,
        "duration": shown.duration,
        "queued_duration": shown.queued_duration,
        "user": USER,
        "commit": commit(await project.commit(of.sha), project),
        "pipeline": pipeline(of, project),
        **failed,
        "web_url": f"{project.web_url}/-/jobs/{shown.id}",
        "project": {"ci_job_token_scope_enabled": False},
    }


def _runner_of(shown: Job, project: Project) -> dict[str, Any] | None:
    settings = project.gitlab.runners.get(shown.runner or 0)
    return None if settings is None else runner(settings)
