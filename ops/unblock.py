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
from ops.api.pipeline import pending
from ops.api.request import put
from ops.facts.gitlab import Runners
from ops.facts.pipelines import PipelineJobs
from ops.watch import ask, send, watch

STALLED = "what still waits could be taken, but these runners do not poll (follow_experiment)"
LOSES_TAGS = "The tags do not last: repair the database first, with deploys/fix_tags.py."


@dataclass(frozen=True)
class Unblock:
    """What is watched: the jobs of a pipeline, the tags of the runners, and the limits."""

    pipeline: int
    jobs: Collection[int]
    tags: Mapping[int, Collection[str]]
    seconds: float
    interval: float
    most_resets: int
    stalled_seconds: float
    stalled_is_error: bool


def watch_pending(state: State, host: Host, settings: Unblock) -> bool:
    """Watch until no job is pending any more; return whether all of them were picked up."""
    watched = Watched(host, settings)
    verdict = watch(
        host,
        watched.look,
        seconds=settings.seconds,
        interval=settings.interval,
        waiting=lambda: f"{len(watched.waiting)} jobs are pending: {', '.join(watched.waiting)}",
    )
    if verdict is None:
        report(host, [f"still pending after {settings.seconds:.0f} s:", *watched.table()])
    return bool(verdict)


class Watched:
    """The pending jobs as they were last seen."""

    def __init__(self, host: Host, settings: Unblock) -> None:
        self.host = host
        self.settings = settings
        self.waiting: list[str] = []
        self.resets = 0
        self._picked_up: set[int] = set()
        self._contacts: dict[int, tuple[str, float]] = {}
        self._demands: Sequence[Demand] = ()
        self._runners: Mapping[int, Mapping[str, Any]] = {}

    def look(self, elapsed: float) -> bool | None:
        """Look once: report what was picked up, set lost tags again; return the verdict."""
        every_job = ask(self.host, PipelineJobs, pipeline=self.settings.pipeline)
        jobs = [job for job in every_job if job["id"] in self.settings.jobs]
        self._runners = ask(self.host, Runners)
        self._report_picked_up(jobs, elapsed)
        self._demands = [demand(job, self._runners, self.settings.tags) for job in pending(jobs)]
        self.waiting = [found.job for found in self._demands]
        if not self._demands:
            report(self.host, [f"no job waits any more, after {elapsed:.0f} s"])
            return True
        if not any(found.is_servable for found in self._demands):
            report(self.host, ["what still waits, no runner can ever take:", *self.table()])
            return not self.settings.stalled_is_error
        stalled = self._stalled(elapsed)
        if all(set(found.ready) <= stalled and not found.after_tags for found in self._demands):
            report(self.host, [f"{STALLED}: {sorted(stalled)}", *self.table()])
            return not self.settings.stalled_is_error
        return self._set_lost_tags()

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

    def _report_picked_up(self, jobs: Sequence[Mapping[str, Any]], elapsed: float) -> None:
        for job in jobs:
            if job["status"] == "pending" or job["id"] in self._picked_up:
                continue
            self._picked_up.add(job["id"])
            runner = job["runner"]
            who = f"picked up by {runner['id']} {runner['description']}" if runner else "over"
            report(self.host, [f"after {elapsed:.0f} s {job['name']} is {who}: {job['status']}"])

    def _set_lost_tags(self) -> bool | None:
        needed = {number for found in self._demands for number in found.after_tags}
        lacking = missing_tags(
            {number: self.settings.tags[number] for number in needed}, self._runners
        )
        for number, tags in sorted(lacking.items()):
            if self.resets >= self.settings.most_resets:
                text = f"lost tags were set again {self.resets} times, that is the limit."
                report(self.host, [f"{text} {LOSES_TAGS}"])
                return False
            self.resets += 1
            # What the runner has beside its own tags stays: nothing is ever taken away here.
            has = set(self._runners[number]["tag_list"])
            body = {"tag_list": sorted(has | set(self.settings.tags[number]))}
            request = put(f"/runners/{number}", body, [])
            problem = send(self.host, request)
            report(self.host, [problem or f"runner {number} lacked {show(tags)}: {request}"])
        return None
