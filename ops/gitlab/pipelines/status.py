"""What the statuses of pipelines and jobs mean, and how a pipeline stands, stage by stage."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

FINAL = frozenset({"success", "failed", "canceled", "skipped"})
WAITS_FOR_A_PERSON = "manual"

Jobs = Sequence[Mapping[str, Any]]


def is_active(status: str) -> bool:
    """Return whether something still happens by itself; a status that is not known counts so."""
    return status not in FINAL and status != WAITS_FOR_A_PERSON


def stages(jobs: Jobs) -> list[str]:
    """Return the names of the stages in their order: that of the jobs' ids."""
    return list(dict.fromkeys(str(job["stage"]) for job in sorted(jobs, key=lambda j: j["id"])))


def progress(jobs: Jobs) -> list[str]:
    """Return a line for each stage: how many of its jobs have which status."""
    lines = []
    for stage in stages(jobs):
        statuses = Counter(str(job["status"]) for job in jobs if job["stage"] == stage)
        total = sum(statuses.values())
        done = statuses.pop("success", 0)
        others = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
        lines.append(f"{stage}: {done}/{total} done" + (f", {others}" if others else ""))
    return lines


def pending(jobs: Jobs) -> list[Mapping[str, Any]]:
    """Return the jobs that wait for a runner, those that wait longest first."""
    waiting = [job for job in jobs if job["status"] == "pending"]
    return sorted(waiting, key=lambda job: int(job["id"]))


def is_usable(status: str, jobs: Jobs) -> bool:
    """Return whether a pipeline may still give what its jobs are for: it was not canceled.

    GitLab calls one `failed` that was canceled after a job of it had failed.
    """
    if status == "failed":
        return all(job["status"] != "canceled" or job.get("allow_failure") for job in jobs)
    return status not in ("canceled", "canceling")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 job` or `2 jobs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
