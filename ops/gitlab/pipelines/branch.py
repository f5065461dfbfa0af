"""The pipelines of a branch, sorted: the head's, the active one, obsolete and defunct ones."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.gitlab.pipelines.required import Required
from ops.gitlab.pipelines.status import Jobs, counted, is_active, is_usable, stages

Pipeline = Mapping[str, Any]


def no_jobs(pipeline: int) -> Jobs:
    """Return no jobs, whichever pipeline it is."""
    return ()


@dataclass(frozen=True)
class Branch:
    """The newest pipelines of a branch, as they were read.

    + head: the commit at its head
    + pipelines: the newest one first
    + jobs: returns the jobs of a pipeline by its id; None where somebody has deleted it meanwhile
    + full: returns the jobs that a complete pipeline of a commit has, by the commit
    + own: returns the jobs that a pipeline has by its own source and the files of its push
    + costly_stages: stages whose jobs are hours of work
    + attempts: returns the jobs of a pipeline with those that were retried
    """

    head: str
    pipelines: Sequence[Pipeline]
    jobs: Callable[[int], Jobs | None]
    full: Callable[[str], Required]
    own: Callable[[Pipeline], Required]
    costly_stages: Collection[str] = ()
    attempts: Callable[[int], Jobs | None] = no_jobs

    def undecided(self) -> str:
        """Return why it cannot be said what a complete pipeline of the head is; empty: it can."""
        return self.full(self.head).undecided

    def head_pipeline(self) -> int | None:
        """Return the pipeline that is to be there: a complete one of the head, not canceled.

        One that still runs comes first, and of several ones that in which the costly work is.
        """
        best = self._best(self.head)
        return best["id"] if best and self._is_usable(best) else None

    def active_pipeline(self) -> Pipeline | None:
        """Return the pipeline that everybody waits for, or None where none is active.

        That is the head's pipeline, if something still happens in it; else the newest active one
        that is complete: a push that touches no code makes a newer one with a few jobs.
        """
        active = [p for p in self.pipelines if is_active(p["status"])]
        if len(active) < 2:  # No jobs have to be read.
            return active[0] if active else None
        head_pipeline = self.head_pipeline()
        running = [p for p in active if p["id"] == head_pipeline and self._does_something(p)]
        return running[0] if running else next(filter(self.is_complete, active), active[0])

    def is_complete(self, pipeline: Pipeline) -> bool:
        """Return whether a pipeline has all jobs that one of its commit can have by itself."""
        full = self.full(pipeline["sha"])
        return not full.undecided and not full.missing(self.jobs(pipeline["id"]) or ())

    def obsolete(self) -> dict[int, str]:
        """Return the other pipelines in which something still happens, each with the reason."""
        head_pipeline = self.head_pipeline()
        return {
            p["id"]: self._why(p, head_pipeline)
            for p in self.pipelines
            if p["id"] != head_pipeline and self._does_something(p)
        }

    def costly(self, pipeline: int) -> list[str]:
        """Return what would be lost with a pipeline: costly jobs that run or were successful.

        A result stays when its job is retried; such jobs are read only if there is no other loss.
        """
        words = {"running": "runs", "success": "was successful"}
        jobs = self._costly_jobs(self.jobs(pipeline))
        losses = [f"{job['name']} {words[job['status']]}" for job in jobs if job["status"] in words]
        if losses or not jobs:
            return losses
        attempts = self._costly_jobs(self.attempts(pipeline))
        done = [job["name"] for job in attempts if job["status"] == "success"]
        return [f"{name} was successful and then retried" for name in dict.fromkeys(done)]

    def defunct(self) -> dict[int, str]:
        """Return the pipelines that are good for nothing, each with the reason.

        A complete one in which something has run is history, and none of them.
        """
        head_pipeline = self.head_pipeline()
        reasons = {
            p["id"]: self._why_defunct(p)
            for p in self.pipelines
            if p["id"] != head_pipeline and not self._does_something(p)
        }
        return {number: reason for number, reason in reasons.items() if reason}

    def later_defunct(self) -> dict[int, str]:
        """Return the obsolete pipelines that are defunct once they are canceled, and why."""
        obsolete = self.obsolete()
        reasons = {p["id"]: self._useless(p) for p in self.pipelines if p["id"] in obsolete}
        return {number: reason for number, reason in reasons.items() if reason}

    def successful(self, pipeline: int) -> list[str]:
        """Return the names of the successful jobs of a pipeline."""
        return [job["name"] for job in self.jobs(pipeline) or () if job["status"] == "success"]

    def refusing(self) -> list[tuple[Pipeline, list[str]]]:
        """Return those of `lacking` that were triggered through the API and not canceled."""
        return [
            (pipeline, names)
            for pipeline, names in self.lacking()
            if pipeline["source"] == "api" and self._is_usable(pipeline)
        ]

    def lacking(self) -> list[tuple[Pipeline, list[str]]]:
        """Return the pipelines of the head that lack jobs, each with the names of those."""
        of_head = [(p, self.jobs(p["id"])) for p in self.pipelines if p["sha"] == self.head]
        full = self.full(self.head)
        lacks = [(p, full.missing(j)) for p, j in of_head if j is not None]
        return [(pipeline, names) for pipeline, names in lacks if names]

    def _best(self, commit: str) -> Pipeline | None:
        """Return the one of the complete pipelines of a commit of which others are duplicates."""
        complete = [p for p in self.pipelines if p["sha"] == commit and self.is_complete(p)]
        usable = [p for p in complete if self._is_usable(p)]
        running = [p for p in usable if self._does_something(p)]
        if len(running) > 1:
            running.sort(key=lambda p: not self.costly(p["id"]))
        return next(iter(running or usable or complete), None)

    def _is_usable(self, pipeline: Pipeline) -> bool:
        return is_usable(pipeline["status"], self.jobs(pipeline["id"]) or ())

    def _costly_jobs(self, jobs: Jobs | None) -> Jobs:
        return [job for job in jobs or () if job["stage"] in self.costly_stages]

    def _does_something(self, pipeline: Pipeline) -> bool:
        # GitLab may call a pipeline active although none of its jobs is.
        return is_active(pipeline["status"]) and any(
            is_active(job["status"]) for job in self.jobs(pipeline["id"]) or ()
        )

    def _why(self, pipeline: Pipeline, head_pipeline: int | None) -> str:
        if pipeline["sha"] != self.head:
            return f"of commit {pipeline['sha'][:8]}, which is not the head any more"
        return self._lack(pipeline, self.full(pipeline["sha"])) or (
            f"it is {pipeline['status']}"
            if head_pipeline is None
            else f"a duplicate of pipeline {head_pipeline}"
        )

    def _why_defunct(self, pipeline: Pipeline) -> str:
        jobs = self.jobs(pipeline["id"])
        # Without jobs of its own, an active one waits for a pipeline that it has triggered.
        if jobs is None or (not jobs and is_active(pipeline["status"])):
            return ""
        useless = self._useless(pipeline)
        if useless or not is_active(pipeline["status"]):
            return useless
        return f"it is {pipeline['status']}, although none of its jobs does anything"

    def _useless(self, pipeline: Pipeline) -> str:
        number, best = pipeline["id"], self._best(pipeline["sha"])
        if best and best["id"] != number:
            is_part = not self.is_complete(pipeline)
            return f"a {'part' if is_part else 'duplicate'} of pipeline {best['id']}"
        # One that has all that its own rules give it is as it should be.
        lack = "" if self.is_complete(pipeline) else self._lack(pipeline, self.own(pipeline))
        if lack:
            return lack
        has_run = any(job["started_at"] for job in self.jobs(number) or ())
        return "" if has_run else "none of its jobs ever ran"

    def _lack(self, pipeline: Pipeline, required: Required) -> str:
        jobs = self.jobs(pipeline["id"]) or ()
        lacks = required.missing(jobs)
        if not lacks or required.undecided:
            return ""
        verb = "is" if len(lacks) == 1 else "are"
        missing = f"{len(lacks)} of {len(required.names)} jobs {verb} missing"
        return f"only {counted(len(stages(jobs)), 'stage')}, {missing}"
