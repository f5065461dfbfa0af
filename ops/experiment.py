"""Operations on the experiment that a pipeline runs on one runner, job by job."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.demand import demand, table
from ops.api.operation import operation, read
from ops.api.pipeline import is_active, pending, progress
from ops.facts.gitlab import Runners
from ops.facts.pipelines import PipelineJobs
from ops.runner_pod import Replacement, RunnerPod, is_left_paused, unpause
from ops.watch import READ_ERRORS, ask, watch

PREFIX = "experiment:"
LONGEST_INTERVAL = 2  # between two looks at a pod, while its runner is paused
Jobs = Sequence[Mapping[str, Any]]
_time = datetime.fromisoformat


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


@operation
def followed(
    pipeline: int,
    runner: int,
    namespace: str,
    selector: str,
    cluster: str = "@kubernetes",
    seconds: float = 14400,
    interval: float = 10,
    grace: int = 5,
    ready_seconds: float = 300,
    stalled_seconds: float = 120,
    tags: Mapping[int, Collection[str]] | None = None,
    stalled_is_error: bool = True,
) -> Iterator[PyinfraCommand]:
    """
    Follow a pipeline to its end, and replace the runner's pod after each experiment job.

    + pipeline: id of the pipeline
    + runner: id of the runner of the experiment jobs, which stops polling after each of them
    + namespace, selector: where the runner's pod is
    + cluster: name of the host that is the Kubernetes API
    + seconds: how long to follow; running it again goes on where the pipeline is then
    + interval: seconds between two looks
    + grace: seconds that a pod has to end
    + ready_seconds: how long the next pod may take to be ready
    + stalled_seconds: replace it also when a job waits that long and the runner does not poll
    + tags: the tags that each runner should have, by its id
    + stalled_is_error: whether it fails when only jobs are left that no runner can ever take

    The pod is never replaced while a job runs on the runner: that is paused first. It succeeds when
    all jobs are over and none has failed.

    **Example:**

    ```python
    experiment.followed(
        name="Follow the experiment to its end",
        pipeline=6936,
        runner=17,
        namespace="gitlab-runner",
        selector="app=gitlab-runner-4",
        seconds=14400,
    )
    ```
    """
    jobs = read(host, PipelineJobs, pipeline=pipeline)
    if not any(is_active(job["status"]) for job in jobs):
        host.noop(f"pipeline {pipeline} is over")
        return
    looks = min(interval, LONGEST_INTERVAL)
    own = (tags or {}).get(runner, ())
    target = RunnerPod(runner, namespace, selector, grace, ready_seconds, interval=looks, tags=own)
    settings = Follow(
        pipeline, target, cluster, seconds, interval, stalled_seconds, tags or {}, stalled_is_error
    )
    left = [j["name"] for j in jobs if j["name"].startswith(PREFIX) and is_active(j["status"])]
    text = (
        f"follow pipeline {pipeline} for at most {seconds:.0f} s; after each of {len(left)}"
        f" experiment jobs: pause runner {runner}, delete its pod ({selector}, grace period"
        f" {grace} s), wait until the next one is ready and polls"
    )
    yield Action(text, _follow, settings, changes=progress(jobs))


@operation
def unpaused(runner: int, tags: Collection[str] = ()) -> Iterator[PyinfraCommand]:
    """
    Take back the pause in which a run that was killed has left a runner; leave anybody else's.

    + runner: id of the runner
    + tags: what it should have; GitLab unpauses no runner without tags

    **Example:**

    ```python
    experiment.unpaused(
        name="Take back a pause that was left",
        runner=17,
    )
    ```
    """
    settings = read(host, Runners).get(runner)
    if settings is None or not is_left_paused(settings):
        host.noop(f"no run has left runner {runner} paused")
        return
    yield unpause(runner, settings, tags, [f"runner {runner} paused: true -> false"])


def _follow(state: State, host: Host, settings: Follow) -> bool:
    follower = Follower(host, state.inventory.get_host(settings.cluster), settings)
    verdict = watch(
        host,
        follower.look,
        seconds=settings.seconds,
        interval=settings.interval,
        waiting=lambda: "; ".join(follower.running) or "no job runs at the moment",
    )
    if verdict is None:
        text = f"pipeline {settings.pipeline} is not over after {settings.seconds:.0f} s"
        report(host, [f"{text}. Run again to go on.", *follower.shown])
    return bool(verdict)


class Follower:
    """A pipeline as it was last seen."""

    def __init__(self, host: Host, cluster: Host, settings: Follow) -> None:
        self.host = host
        self.settings = settings
        self.replacement = Replacement(host, cluster, settings.target)
        self.shown: list[str] = []
        self.running: list[str] = []
        self._replaced_after: set[int] = set()
        self._waits_since: tuple[str, float] | None = None
        self._stuck_since: float | None = None

    def look(self, elapsed: float) -> bool | None:
        """Look once: report progress, replace the pod where that is due; return the verdict."""
        self.replacement.take_back_pause()
        jobs = ask(self.host, PipelineJobs, pipeline=self.settings.pipeline)
        self.running = [f"{job['name']} runs" for job in jobs if job["status"] == "running"]
        lines = progress(jobs)
        report(self.host, [line for line in lines if line not in self.shown])
        self.shown = lines
        due = self._due(jobs) or self._stalled(jobs, elapsed)
        if due:
            self._replace(due)
        if any(is_active(job["status"]) for job in jobs):
            return self._stuck(jobs, elapsed)
        return self._end(jobs)

    def _stuck(self, jobs: Jobs, elapsed: float) -> bool | None:
        """Return a verdict where for long only jobs are left that no runner can ever take."""
        runners = ask(self.host, Runners)
        found = [demand(job, runners, self.settings.tags) for job in pending(jobs)]
        if self.running or not found or any(job.is_servable for job in found):
            self._stuck_since = None
            return None
        if self._stuck_since is None:
            self._stuck_since = elapsed
        if elapsed - self._stuck_since < self.settings.stalled_seconds:
            return None
        report(self.host, ["what is left, no runner can ever take:", *table(found, runners)])
        return not self.settings.stalled_is_error

    def _due(self, jobs: Jobs) -> str:
        """Return after which job the pod has to be replaced, or an empty text."""
        ended = [j for j in jobs if self._ran_here(j) and j["started_at"] and j["finished_at"]]
        if not ended:
            return ""
        last = max(ended, key=lambda job: str(job["finished_at"]))
        if last["id"] in self._replaced_after:
            return ""
        pod = self.replacement.pod()
        if pod is None:
            return ""
        # A pod that is younger than the end of the job has been replaced after it. Kubernetes knows
        # whole seconds only.
        ended_at = _time(last["finished_at"]).replace(microsecond=0)
        young = _time(pod["metadata"]["creationTimestamp"]) >= ended_at
        self._replaced_after.add(last["id"])
        return "" if young else str(last["name"])

    def _ran_here(self, job: Mapping[str, Any]) -> bool:
        # It stops polling after any job, also one of another stage whose tags it has.
        return (job["runner"] or {}).get("id") == self.settings.target.runner

    def _stalled(self, jobs: Jobs, elapsed: float) -> str:
        """Return the job that waits although the runner could take it, if it does for long."""
        settings = self.replacement.settings()
        tags = set(settings["tag_list"])
        waiting = [
            job["name"]
            for job in pending(jobs)
            if job["name"].startswith(PREFIX) and set(job["tag_list"]) <= tags
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

    def _replace(self, after: str) -> None:
        report(self.host, [f"replacing the pod of runner {self.settings.target.runner}: {after}"])
        try:
            problem = self.replacement.run()
        except READ_ERRORS as error:
            problem = str(error)
        text = (
            f"not replaced: {problem}. It is tried again." if problem else "replaced, and it polls"
        )
        if problem:
            self._replaced_after.clear()
        report(self.host, [text])

    def _end(self, jobs: Jobs) -> bool:
        failed = [j["name"] for j in jobs if j["status"] == "failed" and not j["allow_failure"]]
        canceled = [j["name"] for j in jobs if j["status"] == "canceled"]
        report(self.host, [f"pipeline {self.settings.pipeline} is over", *self.shown])
        if failed or canceled:
            text = f"failed: {', '.join(failed) or '-'}; canceled: {', '.join(canceled) or '-'}"
            report(self.host, [text])
        return not failed and not canceled
