"""What the jobs of a pipeline say of the runner that had them, and of its pod."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ops.gitlab.pipelines.demand import Demand, Runners
from ops.gitlab.pipelines.status import is_active

WAITING = ("pending", "created")  # for a runner, or for other jobs


def last_job(jobs: Sequence[Mapping[str, Any]], runner: int) -> Mapping[str, Any] | None:
    """Return the job that ended last on a runner, or None where none has.

    + jobs: of a pipeline
    + runner: its id; it stops polling after any job, also one of another stage whose tags it has
    """
    ended = [
        job
        for job in jobs
        if (job["runner"] or {}).get("id") == runner and job["started_at"] and job["finished_at"]
    ]
    return max(ended, key=lambda job: datetime.fromisoformat(job["finished_at"]), default=None)


def going_on(jobs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the jobs that go on by themselves, and wait for neither a runner nor other jobs.

    + jobs: of a pipeline; one that is told to stop, starts later, or waits for a resource is one
    """
    return [j for j in jobs if is_active(j["status"]) and j["status"] not in WAITING]


def is_younger(pod: Mapping[str, Any], job: Mapping[str, Any]) -> bool:
    """Return whether a pod was made after a job had ended, and so replaced since.

    + pod: its document; Kubernetes knows whole seconds only
    + job: one that has ended, as GitLab's API shows it
    """
    ended = datetime.fromisoformat(job["finished_at"]).replace(microsecond=0)
    return datetime.fromisoformat(pod["metadata"]["creationTimestamp"]) >= ended


def lost_tags(demands: Sequence[Demand], runners: Runners) -> list[str]:
    """Return a line for each job that waits only because runners have lost tags: which ones.

    + demands: pending jobs
    + runners: live settings by id
    """
    lines = []
    for found in demands:
        lacking = {n: found.tags - set(runners[n]["tag_list"]) for n in found.after_tags}
        who = [f"runner {n} lacks {', '.join(sorted(tags))}" for n, tags in lacking.items()]
        if who and not found.ready:
            lines.append(f"{found.job} waits: {'; '.join(who)}")
    return lines
