"""The watch behind `pipelines.unblocked`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import report
from ops.api.demand import Demand, demand, table
from ops.api.difference import show
from ops.api.losses import missing_tags
from ops.api.pipeline import is_active, pending
from ops.api.request import put
from ops.facts.gitlab import Runners
from ops.facts.pipelines import PipelineJobs
from ops.watch import ask, send, watch

STALLED = "what still waits could be taken, but these runners do not poll (follow_experiment)"
LOSES_TAGS = "the tags do not last, so repair the database first, with deploys/fix_tags.py"


@dataclass(frozen=True)
class Unblock:
    """What is watched: jobs of a pipeline by name, the tags of the runners, and the limits."""

    pipeline: int
    jobs: Collection[str]
    tags: Mapping[int, Collection[str]]
    seconds: float
    interval: float
    stalled_seconds: float
    stalled_is_error: bool


def watch_pending(state: State, host: Host, settings: Unblock) -> bool:
    """Watch until no job waits any more; return whether a runner had each of them."""
    watched = Watched(host, settings)
    verdict = watch(
        host,
        watched.look,
        seconds=settings.seconds,
        interval=settings.interval,
        waiting=lambda: f"{len(watched.waiting)} jobs wait: {', '.join(watched.waiting)}",
    )
    if verdict is None:
        waiting = f"still waiting after {settings.seconds:.0f} s: {', '.join(watched.waiting)}"
        report(host, [waiting, *watched.table()])
        if watched.resets:
            report(host, [f"lost tags were set again {watched.resets} times: {LOSES_TAGS}"])
    return bool(verdict)


class Watched:
    """The jobs as they were last seen.

    They are known by their names: one that somebody retries has a new id.
    """

    def __init__(self, host: Host, settings: Unblock) -> None:
        self.host = host
        self.settings = settings
        self.waiting: list[str] = []
        self.resets = 0
        self._left = list(settings.jobs)  # No runner has had these.
        self._lost: list[str] = []
        self._said: dict[str, str] = {}
        self._contacts: dict[int, tuple[str, float]] = {}
        self._demands: Sequence[Demand] = ()
        self._runners: Mapping[int, Mapping[str, Any]] = {}

    def look(self, elapsed: float) -> bool | None:
        """Look once: report what was picked up, set lost tags again; return the verdict."""
        every_job = ask(self.host, PipelineJobs, pipeline=self.settings.pipeline)
        jobs = {job["name"]: job for job in every_job}
        self._runners = ask(self.host, Runners)
        for name in self._left:
            self._report(name, fate(jobs.get(name)), elapsed)
        self._left = [n for n in self._left if n not in jobs or not had_runner(jobs[n])]
        self._lost = [n for n in self._left if n not in jobs or not is_active(jobs[n]["status"])]
        self.waiting = [name for name in self._left if name not in self._lost]
        if not self.waiting:
            lost = f", and no runner had {', '.join(self._lost)}" if self._lost else ""
            report(self.host, [f"no job waits any more, after {elapsed:.0f} s{lost}"])
            return not self._lost
        found = pending([jobs[name] for name in self.waiting])
        self._demands = [demand(job, self._runners, self.settings.tags) for job in found]
        return self._stuck(elapsed) if found else None

    def _report(self, name: str, text: str, elapsed: float) -> None:
        if text and self._said.get(name) != text:
            self._said[name] = text
            report(self.host, [f"after {elapsed:.0f} s {name} is {text}"])

    def _stuck(self, elapsed: float) -> bool | None:
        """Return a verdict where nothing helps what still waits, else set lost tags again."""
        if not any(found.is_servable for found in self._demands):
            report(self.host, ["what still waits, no runner can take:", *self.table()])
            return not self._lost and not self.settings.stalled_is_error
        stalled = self._stalled(elapsed)
        if all(set(found.ready) <= stalled and not found.after_tags for found in self._demands):
            report(self.host, [f"{STALLED}: {sorted(stalled)}", *self.table()])
            return not self._lost and not self.settings.stalled_is_error
        self._set_lost_tags()
        return None

    def _stalled(self, elapsed: float) -> set[int]:
        """Return the runners that could take a job and have not asked for one for long."""
        stalled = set()
        for number in {number for found in self._demands for number in found.ready}:
            contact = str(self._runners[number]["contacted_at"])
            if number not in self._contacts or self._contacts[number][0] != contact:
                self._contacts[number] = (contact, elapsed)
            elif elapsed - self._contacts[number][1] >= self.settings.stalled_seconds:
                stalled.add(number)
        return stalled

    def table(self) -> list[str]:
        """Return who waits for what."""
        return table(self._demands, self._runners)

    def _set_lost_tags(self) -> None:
        needed = {number for found in self._demands for number in found.after_tags}
        lacking = missing_tags(
            {number: self.settings.tags[number] for number in needed}, self._runners
        )
        for number, tags in sorted(lacking.items()):
            # What the runner has beside its own tags stays: nothing is ever taken away here.
            has = set(self._runners[number]["tag_list"])
            body = {"tag_list": sorted(has | set(self.settings.tags[number]))}
            request = put(f"/runners/{number}", body, [])
            problem = send(self.host, request)
            self.resets += not problem
            report(self.host, [problem or f"runner {number} lacked {show(tags)}: {request}"])


def had_runner(job: Mapping[str, Any]) -> bool:
    """Return whether a runner has the job, or had it to its end."""
    if job["status"] == "failed":
        return bool(job["started_at"])
    return job["status"] in ("running", "success") or (
        is_active(job["status"]) and job["runner"] is not None
    )


def fate(job: Mapping[str, Any] | None) -> str:
    """Return what became of a job, or an empty text where it is still pending."""
    if job is None:
        return "gone"
    if had_runner(job) and job["runner"]:
        runner = job["runner"]
        return f"picked up by {runner['id']} {runner['description']}: {job['status']}"
    reason = job.get("failure_reason")
    status = f"{job['status']} ({reason})" if reason else str(job["status"])
    return "" if status == "pending" else status
