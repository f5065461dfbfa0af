"""What cancels and deletes pipelines, and the wait behind `pipelines.no_obsolete`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import report, report_problem
from ops.api.line import change
from ops.api.reverse import Reverse
from ops.gitlab.facts.pipelines import Pipeline, PipelineJobs
from ops.gitlab.pipelines.status import counted, is_active
from ops.http.request import Request, get
from ops.http.watch import ask, watch

Job = Mapping[str, Any]


def cancel(project: Host, pipeline: int, active: int, reason: str) -> Request:
    """Return the request that cancels a pipeline; one that is gone is nothing to do.

    + project: the host of the project
    + pipeline: its id
    + active: how many of its jobs have not ended
    + reason: why it is canceled
    """
    path = f"{project.data.gitlab_path}/pipelines/{pipeline}"
    never = Reverse(never=f"pipeline {pipeline} was canceled: retry its jobs in GitLab")
    return Request(
        "POST",
        f"{path}/cancel",
        changes=[
            change(
                f"pipeline {pipeline}",
                f"{active} active",
                "canceled",
                f"{counted(active, 'active job')} -> canceled: {reason}",
            )
        ],
        lookup=get(f"{path}/jobs", all_pages=True),
        found=nothing_active,
        missing_ok=True,
    ).taken_back_by(never)


def delete(project: Host, pipeline: int, reason: str) -> Request:
    """Return the request that deletes a pipeline; one that is gone is nothing to do.

    + project: the host of the project
    + pipeline: its id
    + reason: why it is deleted
    """
    path = f"{project.data.gitlab_path}/pipelines/{pipeline}"
    changes = [f"pipeline {pipeline}: exists -> deleted: {reason}"]
    never = Reverse(never=f"pipeline {pipeline} was deleted, and GitLab keeps nothing of it")
    return Request("DELETE", path, changes=changes, missing_ok=True).taken_back_by(never)


def active_jobs(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs that nobody has told to end and that have not ended."""
    return [job for job in jobs if is_active(job["status"]) and job["status"] != "canceling"]


def nothing_active(jobs: Sequence[Job]) -> Sequence[Job] | None:
    """Return the jobs of a pipeline if all were told to end or have ended, else None."""
    return None if active_jobs(jobs) else jobs


def wait_until_over(state: State, host: Host, pipelines: Iterable[int], seconds: float) -> bool:
    """Watch pipelines that were told to cancel; return whether they and all their jobs are over."""
    left = list(pipelines)

    def look(elapsed: float) -> bool | None:
        left[:] = [number for number in left if not _is_over(host, number)]
        return None if left else True

    over = watch(host, look, seconds=seconds, interval=1, waiting=lambda: f"still active: {left}")
    if over is None:
        for number in left:
            text = f"pipeline {number} was told to cancel and is still active after {seconds:.0f} s"
            report_problem(host, [f"{text}. Look at it in GitLab: a job may not react."])
    return bool(over)


def _is_over(host: Host, number: int) -> bool:
    pipeline = ask(host, Pipeline, pipeline=number)
    jobs = ask(host, PipelineJobs, pipeline=number, missing_ok=True)
    if pipeline is None or jobs is None:
        report(host, [f"pipeline {number} is gone: somebody has deleted it"])
        return True
    return not is_active(pipeline["status"]) and not any(is_active(job["status"]) for job in jobs)
