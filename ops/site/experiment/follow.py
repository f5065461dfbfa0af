"""The watch behind `experiment.pipeline_completion`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.console import (
    report,
    report_problem,
    report_progress,
    report_proof,
    table_columns,
)
from ops.gitlab.facts.pipelines import PipelineJobs
from ops.gitlab.facts.runners import Runners
from ops.gitlab.pipelines.demand import demand, table
from ops.gitlab.pipelines.results import canceled, failed
from ops.gitlab.pipelines.seen import Seen
from ops.gitlab.pipelines.status import is_active, pending, progress
from ops.http.request_failed import is_permanent
from ops.http.watch import READ_ERRORS, ask, watch
from ops.site.experiment.pause_mark import mark_of
from ops.site.experiment.runner_jobs import going_on, is_younger, last_job, lost_tags
from ops.site.experiment.runner_pod import Replacement, RunnerPod

Job = Mapping[str, Any]
Jobs = Sequence[Job]


@dataclass(frozen=True)
class Follow:
    """What is followed: a pipeline, the pod of its runner, and how long."""

    pipeline: int
    target: RunnerPod
    cluster: str
    seconds: float
    interval: float
    stalled_seconds: float
    tags: Mapping[int, Collection[str]]
    stalled_is_error: bool
    prefix: str  # of the names of the experiment's jobs
    shown: Sequence[str] = ()  # The progress that is on the screen already.


def follow(state: State, host: Host, settings: Follow) -> bool:
    """Follow to the end; return whether all jobs were successful and no replacement is open."""
    follower = Follower(host, state.inventory.get_host(settings.cluster), settings)
    verdict = watch(
        host,
        follower.look,
        seconds=settings.seconds,
        interval=settings.interval,
        waiting=follower.waiting,
    )
    if verdict is None:
        report_problem(host, follower.unfinished(settings.seconds))
    return bool(verdict)


class Follower:
    """A pipeline as it was last seen."""

    def __init__(self, host: Host, cluster: Host, settings: Follow) -> None:
        self.host = host
        self.settings = settings
        self.replacement = Replacement(host, cluster, settings.target)
        self._seen = Seen(settings.pipeline)
        self._shown = list(settings.shown)
        self._busy: list[str] = []  # Jobs that go on without help.
        self._waits: list[str] = []
        self._is_over = False
        self._due = ""  # The job after which the pod is still to be replaced.
        self._tried = ""  # After which job it was tried and did not succeed,
        self._problem = ""  # and why not.
        self._other = ""  # Another run that replaces the pod at the moment.
        self._last = 0  # The job that ended last on the runner,
        self._replaced_after = 0  # and the one after which the pod was replaced; their ids.
        self._waits_since: tuple[str, float] | None = None
        self._stuck_since: float | None = None
        self._held_since: float | None = None

    def look(self, elapsed: float) -> bool | None:
        """Look once: report progress, replace the pod where that is due; return the verdict."""
        self._make_way()
        jobs = ask(self.host, PipelineJobs, pipeline=self.settings.pipeline)
        self._seen.observe(jobs)
        self._is_over = not any(is_active(job["status"]) for job in jobs)
        self._busy = [f"{job['name']} is {job['status']}" for job in going_on(jobs)]
        lines = progress(jobs)
        report_progress(self.host, [line for line in lines if line not in self._shown])
        self._shown = lines
        self._due = self._open(jobs)
        after = self._due or self._stalled(jobs, elapsed)
        left = self.settings.seconds - elapsed
        if after and not self._other and left > 0:
            self._replace(after, left)
        if not self._is_over:
            return self._stuck(jobs, elapsed)
        return self._held(elapsed) if self._due else self._end(jobs)

    def waiting(self) -> str:
        """Return what is waited for."""
        return "; ".join([*self._busy, *self._waits]) or "no job runs at the moment"

    def unfinished(self, seconds: float) -> list[str]:
        """Return what is not done after a time."""
        number, limit = self.settings.pipeline, f"{seconds:.0f} s"
        if not self._is_over:
            text = f"pipeline {number} is not over after {limit}. Run again to go on."
            return [text, *self._shown, *self._waits]
        reason = self._problem or "there was no time left"
        if self._other:
            reason = f"{self._other} has paused it"
        return [
            f"pipeline {number} is over, but after {limit} the pod of runner"
            f" {self.settings.target.runner} is not replaced after its last job, {self._due}:"
            f" {reason}. To go on: --data pipeline={number}",
            *self._shown,
        ]

    def _make_way(self) -> None:
        """Take back a pause that was left, and see whether another run is at work."""
        other = self.replacement.take_back_pause()
        if other and other != self._other:
            report_progress(
                self.host, [f"another run replaces the pod, and is left alone: {other}"]
            )
        self._other = other

    def _stuck(self, jobs: Jobs, elapsed: float) -> bool | None:
        """Return a verdict where for long only jobs are left that no runner can take."""
        runners = ask(self.host, Runners)
        found = [demand(job, runners, self.settings.tags) for job in pending(jobs)]
        self._waits = lost_tags(found, runners)
        goes_on = self._busy or self._other or any(job.is_servable for job in found)
        if goes_on or not found:
            self._stuck_since = None
            return None
        if self._stuck_since is None:
            self._stuck_since = elapsed
        if elapsed - self._stuck_since < self.settings.stalled_seconds:
            return None
        rows = table(found, runners, table_columns())
        report_problem(self.host, ["what is left, no runner can take:", *rows])
        has_failed = self._has_failed(jobs)
        return not (self.settings.stalled_is_error or self._due or has_failed)

    def _held(self, elapsed: float) -> bool | None:
        """Return a verdict where a person keeps the runner paused after the last job.

        How long that lasts nobody knows, and nothing else is left to be waited for.
        """
        settings = self.replacement.settings()
        if not settings["paused"] or mark_of(settings):
            self._held_since = None
            return None
        if self._held_since is None:
            self._held_since = elapsed
        if elapsed - self._held_since < self.settings.stalled_seconds:
            return None
        self._problem = "somebody has paused it, so unpause it first"
        report_problem(self.host, self.unfinished(elapsed))
        return False

    def _open(self, jobs: Jobs) -> str:
        """Return after which job the pod has to be replaced, or an empty text."""
        last = last_job(jobs, self.settings.target.runner)
        if last is None or last["id"] == self._replaced_after:
            return ""
        self._last = int(last["id"])
        pod = self.replacement.pod()
        if pod is None or not is_younger(pod, last) or not self.replacement.has_polled():
            return str(last["name"])
        self._replaced_after = self._last
        return ""

    def _stalled(self, jobs: Jobs, elapsed: float) -> str:
        """Return the job that waits although the runner could take it, if it does for long."""
        settings = self.replacement.settings()
        tags = set(settings["tag_list"])
        waiting = [
            job["name"]
            for job in pending(jobs)
            if job["name"].startswith(self.settings.prefix) and set(job["tag_list"]) <= tags
        ]
        if not waiting or settings["paused"]:
            self._waits_since = None
            return ""
        contact = str(settings["contacted_at"])
        if self._waits_since is None or self._waits_since[0] != contact:
            self._waits_since = (contact, elapsed)
        if elapsed - self._waits_since[1] < self.settings.stalled_seconds:
            return ""
        self._waits_since = None
        return f"nothing, although {waiting[0]} waits and the runner does not poll"

    def _replace(self, after: str, seconds: float) -> None:
        """Replace the pod once, and remember why not where that did not succeed.

        + after: the job that ended, or why else
        + seconds: how long it may take
        """
        if after != self._tried:
            number = self.settings.target.runner
            report_progress(self.host, [f"replacing the pod of runner {number}: {after}"])
        try:
            problem = self.replacement.run(seconds)
        except READ_ERRORS as error:
            if is_permanent(error):
                raise
            problem = str(error)
        if not problem:
            report_progress(self.host, ["replaced, and it polls"])
        elif problem != self._problem or after != self._tried:
            report_progress(self.host, [f"not replaced: {problem}. It is tried again."])
        self._tried, self._problem = (after, problem) if problem else ("", "")
        if not problem:
            # By the clocks of another system the pod may still look older than the job's end.
            self._due, self._replaced_after = "", self._last

    def _end(self, jobs: Jobs) -> bool:
        report(self.host, self._shown)
        if self._has_failed(jobs):
            return False
        report_proof(self.host, f"pipeline {self.settings.pipeline} is over, and all is well")
        return True

    def _has_failed(self, jobs: Jobs) -> bool:
        """Return whether jobs have failed or were canceled, and say which."""
        names = {"failed": failed(jobs), "canceled": canceled(jobs)}
        if not any(names.values()):
            return False
        report_problem(
            self.host, ["; ".join(f"{how}: {', '.join(n) or '-'}" for how, n in names.items())]
        )
        return True
