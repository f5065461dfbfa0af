"""The watch behind `pipelines.pending_jobs`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State
from typing_extensions import override

from ops.api.console import report, report_problem, report_proof, table_columns
from ops.api.difference import show
from ops.api.reverse import Reverse, values
from ops.api.verdict import verdict
from ops.gitlab.facts.pipelines import Pipeline, PipelineJobs
from ops.gitlab.facts.runners import Runners
from ops.gitlab.pipelines.demand import Demand, demand, table
from ops.gitlab.pipelines.seen import Seen
from ops.gitlab.pipelines.status import counted, is_active, pending
from ops.gitlab.runners.lanes import Lanes
from ops.gitlab.runners.losses import missing_tags
from ops.http.request import put
from ops.http.watch import ask, send, watch

STALLED = "what still waits could be taken, but these runners do not poll (follow_experiment)"
# Statuses of a pipeline that GitLab has made and not processed: none of its jobs is pending yet.
BEGINNING = ("created", "preparing", "waiting_for_resource")
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
    most_jobs: int

    @override
    def __str__(self) -> str:
        what = counted(len(self.jobs), "pending job") if self.jobs else "the first jobs"
        return f"watch {what} of pipeline {self.pipeline} for at most {self.seconds} s"


def who_could_take(
    jobs: Sequence[Mapping[str, Any]], runners: Mapping[int, Mapping[str, Any]], settings: Unblock
) -> list[str]:
    """Return a table of the jobs that wait longest, and how many more there are.

    + jobs: the pending jobs, those that wait longest first
    + runners: live settings by id
    + settings: the tags that each runner should have, and how many jobs are watched
    """
    chosen = [demand(job, runners, settings.tags) for job in jobs[: settings.most_jobs]]
    lines = table(chosen, runners, table_columns())
    left = len(jobs) - len(chosen)
    return [*lines, f"left alone: {counted(left, 'more pending job')}"] if left else lines


def watch_pending(state: State, host: Host, settings: Unblock) -> bool:
    """Watch until no job waits any more; return whether a runner had each of them."""
    watched = Watched(host, settings)
    done = watch(
        host,
        watched.look,
        seconds=settings.seconds,
        interval=settings.interval,
        waiting=lambda: f"still waiting: {watched.awaited()}",
    )
    if done is None:
        if watched.losses:  # The cause of what waits.
            report_problem(host, [f"tags were lost {watched.losses} times meanwhile: {LOSES_TAGS}"])
        report_problem(host, [f"still waiting after {settings.seconds:.0f} s: {watched.awaited()}"])
        report(host, watched.table())
    return bool(done)


class Watched:
    """The jobs as they were last seen.

    They are known by their names: one that somebody retries has a new id.
    """

    def __init__(self, host: Host, settings: Unblock) -> None:
        self.host = host
        self.settings = settings
        self.waiting: list[str] = []
        self.losses = 0
        self._lanes = Lanes(host.name, settings.tags, settings.seconds, settings.interval)
        verdict.observe("tags", self._lanes.document)
        self._pipeline = Seen(settings.pipeline)
        self._tagged: set[int] = set()  # Runners that had all of their tags, or were given them.
        self._left = list(settings.jobs)  # No runner has had these.
        self._beginning = "" if settings.jobs else "created"  # How the pipeline stands.
        self._lost: list[str] = []
        self._said: dict[str, str] = {}
        self._contacts: dict[int, tuple[str, float]] = {}
        self._demands: Sequence[Demand] = ()
        self._runners: Mapping[int, Mapping[str, Any]] = {}

    def look(self, elapsed: float) -> bool | None:
        """Look once: report what was picked up, set lost tags again; return the verdict."""
        found = self._jobs()
        self._pipeline.observe(found)
        jobs = {job["name"]: job for job in found}
        self._runners = ask(self.host, Runners)
        self._lanes.observe(self._runners, elapsed)
        verdict.seen()
        for name in self._left:
            self._report(name, fate(jobs.get(name)), elapsed)
        self._left = [n for n in self._left if n not in jobs or not had_runner(jobs[n])]
        self._lost = [n for n in self._left if n not in jobs or not is_active(jobs[n]["status"])]
        self.waiting = [name for name in self._left if name not in self._lost]
        if not self.waiting and self._beginning:
            return None
        if not self.waiting:
            lost = f", and no runner had {', '.join(self._lost)}" if self._lost else ""
            report_proof(self.host, f"no job waits any more, after {elapsed:.0f} s{lost}")
            return not self._lost
        waiting = pending([jobs[name] for name in self.waiting])
        self._demands = [demand(job, self._runners, self.settings.tags) for job in waiting]
        self._count_losses()
        # Another one, which somebody has just retried, is not pending yet.
        stuck = self._stuck(elapsed) if len(waiting) == len(self.waiting) else None
        if stuck is None:
            self._set_lost_tags(elapsed)
        return stuck

    def _jobs(self) -> Sequence[Mapping[str, Any]]:
        """Return all jobs; of a pipeline that begins, those that are pending are watched, too."""
        number = self.settings.pipeline
        if not self._beginning:
            return list(ask(self.host, PipelineJobs, pipeline=number))
        # First the status: once that has changed, all jobs are there with which it begins.
        pipeline = ask(self.host, Pipeline, pipeline=number)
        status = str(pipeline["status"]) if pipeline else ""
        self._beginning = status if status in BEGINNING else ""
        jobs = list(ask(self.host, PipelineJobs, pipeline=number))
        new = [str(job["name"]) for job in pending(jobs) if job["name"] not in self._left]
        self._left = [*self._left, *new][: self.settings.most_jobs]
        return jobs

    def awaited(self) -> str:
        """Return what is waited for."""
        if self.waiting:
            return ", ".join(self.waiting)
        return f"pipeline {self.settings.pipeline} is {self._beginning}"

    def _report(self, name: str, text: str, elapsed: float) -> None:
        if text and self._said.get(name) != text:
            self._said[name] = text
            report(self.host, [f"after {elapsed:.0f} s {name} is {text}"])

    def _stuck(self, elapsed: float) -> bool | None:
        """Return a verdict where all that waits needs somebody's help."""
        if not any(found.is_servable for found in self._demands):
            report_problem(self.host, ["what still waits, no runner can take:", *self.table()])
            return not self._lost and not self.settings.stalled_is_error
        stalled = self._stalled(elapsed)
        if all(set(found.ready) <= stalled and not found.after_tags for found in self._demands):
            report_problem(self.host, [f"{STALLED}: {sorted(stalled)}", *self.table()])
            return not self._lost and not self.settings.stalled_is_error
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
        """Return who waits for what, or no lines where nothing could be read."""
        return table(self._demands, self._runners, table_columns()) if self._demands else []

    def _count_losses(self) -> None:
        """Count the runners that had their tags and lack some now."""
        lacking = set(missing_tags(self.settings.tags, self._runners))
        self.losses += len(lacking & self._tagged)
        self._tagged = set(self._runners) - lacking

    def _set_lost_tags(self, elapsed: float) -> None:
        needed = {number for found in self._demands for number in found.after_tags}
        lacking = missing_tags({n: self.settings.tags[n] for n in needed}, self._runners)
        for number, tags in sorted(lacking.items()):
            # What the runner has beside its own tags stays: nothing is ever taken away here.
            has = set(self._runners[number]["tag_list"])
            body = {"tag_list": sorted(has | set(self.settings.tags[number]))}
            back = values({"tag_list": has}, {"tag_list": set(body["tag_list"])})
            reverse = Reverse(host=f"@gitlab/runners/{number}", values=back)
            request = put(f"/runners/{number}", body, []).taken_back_by(reverse)
            problem = send(self.host, request)
            if not problem:
                self._tagged.add(number)
                self._lanes.was_set(number, elapsed)
            report(self.host, [problem or f"runner {number} lacked {show(tags)}: {request}"])


def had_runner(job: Mapping[str, Any]) -> bool:
    """Return whether a runner has a job, or had it before it ended."""
    return job["status"] != "pending" and bool(job["runner"] or job["started_at"])


def fate(job: Mapping[str, Any] | None) -> str:
    """Return what became of a job, or an empty text where it is still pending."""
    if job is None:
        return "gone"
    reason = job.get("failure_reason")
    status = f"{job['status']} ({reason})" if reason else str(job["status"])
    if had_runner(job) and job["runner"]:
        runner = job["runner"]
        return f"picked up by {runner['id']} {runner['description']}: {status}"
    return "" if status == "pending" else status
