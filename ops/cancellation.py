"""The wait behind `pipelines.obsolete_canceled`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import report
from ops.api.pipeline import is_active
from ops.facts.pipelines import Pipeline, PipelineJobs
from ops.watch import ask, watch

Job = Mapping[str, Any]


def nothing_active(jobs: Sequence[Job]) -> Sequence[Job] | None:
    """Return the jobs of a pipeline if all were told to end or have ended, else None."""
    stopping = [job for job in jobs if is_active(job["status"]) and job["status"] != "canceling"]
    return None if stopping else jobs


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
            report(host, [f"{text}. Look at it in GitLab: a job may not react."])
    return bool(over)


def _is_over(host: Host, number: int) -> bool:
    pipeline = ask(host, Pipeline, pipeline=number)
    jobs = ask(host, PipelineJobs, pipeline=number, missing_ok=True)
    if pipeline is None or jobs is None:
        report(host, [f"pipeline {number} is gone: somebody has deleted it"])
        return True
    return not is_active(pipeline["status"]) and not any(is_active(job["status"]) for job in jobs)
