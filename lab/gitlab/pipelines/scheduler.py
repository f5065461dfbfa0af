"""Runners that poll for jobs: who takes which job, and when it ends."""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Any

from lab.gitlab.initial import Pods
from lab.gitlab.pipelines.jobs import Job, iso
from lab.gitlab.pipelines.state import Pipelines
from lab.gitlab.pipelines.traces import Traces
from lab.gitlab.state import GitLab
from lab.kubernetes.state import Kubernetes
from lab.server.clock import Clock

TICK = 0.1


class Scheduler:
    """Hand out pending jobs as GitLab and its runners do, one at a time to each runner.

    + pods: which runners are pods
    + variables: returns the CI/CD variables that a job gets
    """

    def __init__(
        self,
        gitlab: GitLab,
        kubernetes: Kubernetes,
        pipelines: Pipelines,
        traces: Traces,
        pods: Pods,
        variables: Callable[[Job], dict[str, str]],
    ) -> None:
        self.gitlab = gitlab
        self.kubernetes = kubernetes
        self.pipelines = pipelines
        self.clock: Clock = pipelines.clock
        self.traces = traces
        self.pods = pods
        self.variables = variables
        self.reset()

    def reset(self) -> None:
        """Let all runners poll, and jobs take the usual time and succeed."""
        self.job_seconds = 0.6
        self._failing: dict[str, int] = {}
        self._stopped: dict[int, str] = {}
        self._pods: dict[int, str] = {}
        self._begun: dict[int, float] = {}

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(TICK)
            self.tick()

    def tick(self) -> None:
        """End the jobs whose time is over, and let each idle runner ask for one."""
        self.pipelines.process_due()
        for job in self.pipelines.jobs():
            if job.status == "canceling":
                self._end(job, "canceled")
            elif job.status == "running" and self._age(job) >= self.job_seconds:
                self._finish(job)
        waiting = [job for job in self.pipelines.jobs() if job.status == "pending"]
        busy = self._busy()
        for number, runner in sorted(self.gitlab.runners.items()):
            if self.polls(number):
                runner["contacted_at"] = iso(time.time())
                if not runner["paused"] and number not in busy:
                    self._take_one(number, runner, waiting)

    def polls(self, number: int) -> bool:
        """Return whether a runner asks for jobs: its process is there and not stuck."""
        if not self.gitlab.runners[number]["online"]:
            return False
        pod = self._pod(number)
        return number not in self.pods.labels or (pod != "" and self._stopped.get(number) != pod)

    def fail(self, name: str, times: int = 1) -> None:
        """Let the next jobs with a name fail."""
        self._failing[name] = times

    def finish(self, job: Job, status: str) -> None:
        """End a job at once, as if a runner had taken it."""
        if status not in ("success", "failed", "canceled"):
            raise ValueError(f"no job ends as {status}")
        if job.started_at is None:
            job.started_at, job.variables = time.time(), self.variables(job)
        self._end(job, status, "script_failure")

    def drop(self, job: Job) -> None:
        """Give a job up that no runner has taken, as GitLab does after a while."""
        job.finish("failed", "stuck_or_timeout_failure")
        self.pipelines.get(job.pipeline).process()

    def state(self) -> dict[str, Any]:
        """Return what runners do, for `GET /state`."""
        busy = self._busy()
        return {
            str(number): {"polling": self.polls(number), "job": busy.get(number)}
            for number in self.gitlab.runners
        }

    def _take_one(self, number: int, runner: dict[str, Any], waiting: list[Job]) -> None:
        for job in waiting:
            if job.status == "pending" and _fits(job, runner):
                job.status, job.runner, job.started_at = "running", number, time.time()
                job.variables = self.variables(job)
                sha = self.pipelines.get(job.pipeline).sha
                job.trace = self.traces.begin(job, runner["description"], sha)
                self._pods[job.id] = self._pod(number)
                self._begun[job.id] = self.clock.now()
                return

    def _finish(self, job: Job) -> None:
        name = job.spec.name
        if self._pods.get(job.id) != self._pod(job.runner):
            # The pod that ran it was deleted meanwhile.
            self._end(job, "failed", "runner_system_failure")
        elif self._failing.get(name) or self.traces.fails(job):
            self._failing[name] = max(0, self._failing.get(name, 0) - 1)
            self._end(job, "failed", "script_failure")
        else:
            self._end(job, "success")

    def _end(self, job: Job, status: str, reason: str | None = None) -> None:
        pod = self._pods.pop(job.id, "")
        job.finish(status, reason)
        if not job.trace_is_set:
            job.trace += self.traces.end(job)
        if job.delivered is None:
            job.delivered = self.traces.delivers(job)
        if job.artifacts is None:
            job.artifacts = self.traces.artifacts(job)
        if job.runner is not None and job.runner in self.pods.stuck:
            self._stopped[job.runner] = pod
        self.pipelines.get(job.pipeline).process()

    def _age(self, job: Job) -> float:
        # Those that run at the beginning have begun before the clock.
        return self.clock.now() - self._begun.get(job.id, -math.inf)

    def _busy(self) -> dict[int, int]:
        """Return the oldest job that each busy runner has."""
        active = [job for job in self.pipelines.jobs() if job.status in ("running", "canceling")]
        return {job.runner: job.id for job in reversed(active) if job.runner is not None}

    def _pod(self, number: int | None) -> str:
        if number is None or number not in self.pods.labels:
            return ""
        label = f"app={self.pods.labels[number]}"
        for pod in self.kubernetes.select("pods", self.pods.namespace, label):
            # A pod that is being deleted is still listed, and ready, but its runner is gone.
            if "deletionTimestamp" in pod["metadata"]:
                continue
            if any(c["ready"] for c in pod.get("status", {}).get("containerStatuses", [])):
                return str(pod["metadata"]["uid"])
        return ""


def _fits(job: Job, runner: dict[str, Any]) -> bool:
    tags = set(job.spec.tags)
    return tags <= set(runner["tag_list"]) if tags else bool(runner["run_untagged"])
