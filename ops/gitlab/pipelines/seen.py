"""A pipeline as it was last seen: for the record of the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.api.verdict import verdict
from ops.gitlab.pipelines.status import Jobs, stages

MOST_JOBS = 300


@dataclass
class Seen:
    """A pipeline whose jobs are looked at again and again.

    + pipeline: its id
    """

    pipeline: int
    _jobs: Jobs = ()
    _time: datetime | None = None

    def observe(self, jobs: Jobs) -> None:
        """Remember how the jobs are now; the first time the record of the run is to have them."""
        if self._time is None:
            verdict.observe("pipelines", self.document)
        self._jobs, self._time = jobs, datetime.now().astimezone()
        verdict.seen()

    def document(self) -> dict[str, Any]:
        """Return it as docs/run.schema.json says."""
        order = {name: number for number, name in enumerate(stages(self._jobs))}
        jobs = sorted(self._jobs, key=lambda job: (order[str(job["stage"])], job["id"]))
        return {
            "id": self.pipeline,
            "seen": self._time.isoformat(timespec="milliseconds") if self._time else None,
            "jobs": [_job(job) for job in jobs[:MOST_JOBS]],
            "left_out": max(len(jobs) - MOST_JOBS, 0),
        }


def _job(job: Mapping[str, Any]) -> dict[str, Any]:
    runner = job.get("runner")
    return {
        "id": int(job["id"]),
        "name": str(job["name"]),
        "stage": str(job["stage"]),
        "status": str(job["status"]),
        "began": _time(job.get("started_at")),
        "ended": _time(job.get("finished_at")),
        "runner": f"{runner['id']} {runner['description']}" if runner else None,
        "reason": job.get("failure_reason") or None,
    }


def _time(text: str | None) -> str | None:
    """Return a time of GitLab's with its zone; None where there is none."""
    try:
        return datetime.fromisoformat(text).astimezone().isoformat() if text else None
    except (ValueError, OverflowError):
        return None
