"""The pipelines of a branch, sorted: the one that is kept, obsolete ones, ghosts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.api.pipeline import Jobs, is_active, is_complete, is_usable, missing_jobs, stages

Pipeline = Mapping[str, Any]


@dataclass(frozen=True)
class Branch:
    """The newest pipelines of a branch, as they were read.

    + head: the commit at its head
    + pipelines: the newest one first
    + jobs: returns the jobs of a pipeline by its id; None where somebody has deleted it meanwhile
    + names: names of all jobs of a complete pipeline
    """

    head: str
    pipelines: Sequence[Pipeline]
    jobs: Callable[[int], Jobs | None]
    names: Collection[str]

    def kept(self) -> int | None:
        """Return the pipeline that is to be there: a complete one of the head, not canceled.

        One that still runs comes first: it may be hours into the experiment.
        """
        best = self._best(self.head)
        return best["id"] if best and is_usable(best["status"]) else None

    def obsolete(self) -> dict[int, str]:
        """Return the other pipelines in which something still happens, each with the reason."""
        kept = self.kept()
        return {
            p["id"]: self._why(p, kept)
            for p in self.pipelines
            if p["id"] != kept and self._does_something(p)
        }

    def costly(self, pipeline: int, stages: Collection[str]) -> list[str]:
        """Return what would be lost with a pipeline: jobs of some stages that run or are done."""
        words = {"running": "runs", "success": "was successful"}
        return [
            f"{job['name']} {words[job['status']]}"
            for job in self.jobs(pipeline) or ()
            if job["stage"] in stages and job["status"] in words
        ]

    def ghosts(self) -> dict[int, str]:
        """Return the pipelines that are good for nothing, each with the reason.

        A complete one in which something has run is history, and none of them.
        """
        kept = self.kept()
        reasons = {
            p["id"]: self._ghostly(p)
            for p in self.pipelines
            if p["id"] != kept and not self._does_something(p)
        }
        return {number: reason for number, reason in reasons.items() if reason}

    def successful(self, pipeline: int) -> list[str]:
        """Return the names of the successful jobs of a pipeline."""
        return [job["name"] for job in self.jobs(pipeline) or () if job["status"] == "success"]

    def lacking(self) -> dict[int, list[str]]:
        """Return the pipelines of the head that have not all jobs, with the ones they lack."""
        of_head = [p["id"] for p in self.pipelines if p["sha"] == self.head]
        lacks = {n: missing_jobs(self.jobs(n) or (), self.names) for n in of_head}
        return {number: names for number, names in lacks.items() if names}

    def _best(self, commit: str) -> Pipeline | None:
        """Return the one of the complete pipelines of a commit of which others are duplicates."""
        complete = [
            p
            for p in self.pipelines
            if p["sha"] == commit and is_complete(self.jobs(p["id"]) or (), self.names)
        ]
        complete.sort(key=lambda p: (not is_usable(p["status"]), not self._does_something(p)))
        return complete[0] if complete else None

    def _does_something(self, pipeline: Pipeline) -> bool:
        # GitLab may call a pipeline active although none of its jobs is.
        return is_active(pipeline["status"]) and any(
            is_active(job["status"]) for job in self.jobs(pipeline["id"]) or ()
        )

    def _why(self, pipeline: Pipeline, kept: int | None) -> str:
        if pipeline["sha"] != self.head:
            return f"of commit {pipeline['sha'][:8]}, which is not the head any more"
        return self._lack(pipeline["id"]) or (
            f"it is {pipeline['status']}" if kept is None else f"a duplicate of pipeline {kept}"
        )

    def _ghostly(self, pipeline: Pipeline) -> str:
        number = pipeline["id"]
        jobs = self.jobs(number)
        if jobs is None:
            return ""
        lack = self._lack(number)
        if lack:
            return lack
        best = self._best(pipeline["sha"])
        if best and best["id"] != number:
            return f"a duplicate of pipeline {best['id']}"
        if is_active(pipeline["status"]):
            return f"it is {pipeline['status']}, although none of its jobs does anything"
        return "" if any(job["started_at"] for job in jobs) else "none of its jobs ever ran"

    def _lack(self, number: int) -> str:
        jobs = self.jobs(number) or ()
        lacks = missing_jobs(jobs, self.names)
        if not lacks:
            return ""
        return f"only {len(stages(jobs))} stages, {len(lacks)} of {len(self.names)} jobs are missing"
