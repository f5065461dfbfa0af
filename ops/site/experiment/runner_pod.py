"""Replacing the pod of a GitLab runner between two jobs, so that it polls again.

See that no job runs on the runner, pause it, look once more, delete the pod, wait until the next
one is ready, unpause, wait until the runner asks for jobs again.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api.host import Host

from ops.api.console import report, report_progress
from ops.api.reverse import Reverse
from ops.gitlab.facts.pipelines import RunningJobs
from ops.gitlab.facts.runners import Runner
from ops.http.request import Request
from ops.http.request_failed import is_permanent
from ops.http.watch import READ_ERRORS, ask, send, watch
from ops.kubernetes.facts import Pods
from ops.kubernetes.pods import choose
from ops.site.experiment.pause_mark import mark_of
from ops.site.experiment.runner_pause import is_alive, own_mark, pause, unpause

Pod = Mapping[str, Any]


@dataclass(frozen=True)
class RunnerPod:
    """A runner and the pod that it runs in.

    + runner: id of the runner
    + namespace, selector: where its pod is
    + grace: seconds that the pod has to end
    + ready_seconds: how long the next pod may take to be ready
    + poll_seconds: how long the runner may take then to ask for jobs
    + interval: seconds between two looks
    + tags: what the runner should have; without tags GitLab lets nobody pause or unpause it
    """

    runner: int
    namespace: str
    selector: str
    grace: int = 5
    ready_seconds: float = 300
    poll_seconds: float = 120
    interval: float = 2
    tags: Collection[str] = ()


class Replacement:
    """One replacement after the other; `run` returns why one did not succeed, or an empty text."""

    def __init__(self, gitlab: Host, cluster: Host, target: RunnerPod) -> None:
        self.gitlab = gitlab
        self.cluster = cluster
        self.target = target
        self._mark = own_mark()
        self._contact: str | None = None  # When the runner polled last before its pod was deleted.

    def pod(self) -> Pod | None:
        """Return the newest pod of the runner, or None where that is not ready."""
        return choose(self._pods(), settled=True).pod

    def take_back_pause(self) -> str:
        """Unpause the runner where a run that is over has left it paused.

        Return which other run replaces the pod at the moment, or an empty text.
        """
        settings = self.settings()
        mark = mark_of(settings)
        if mark is None:
            return ""
        if is_alive(mark, self.target.ready_seconds):
            return str(mark)
        report(self.gitlab, [f"a run that is over has left the runner paused ({mark}):"])
        self._send(unpause(self.target.runner, settings, self.target.tags))
        return ""

    def has_polled(self) -> bool:
        """Return whether the runner has asked for jobs since its pod was deleted here."""
        return self._contact is None or str(self.settings()["contacted_at"]) != self._contact

    def run(self, seconds: float) -> str:
        """Replace the pod, if no job runs; what was paused is unpaused in any case.

        + seconds: how long it may take; what is waited for gets at most the rest of them

        Raises RequestFailed where trying it again would not help.
        """
        end = time.monotonic() + seconds
        pods = self._pods()
        choice = choose(pods, settled=True)
        old = choice.pod
        if old is None:
            return f"no pod with {self.target.selector} is ready: {choice}"
        problem = self._busy()
        if problem:
            return problem
        settings = self.settings()
        if settings["paused"]:
            return f"{mark_of(settings) or 'somebody'} has paused the runner"
        runner, tags = self.target.runner, self.target.tags
        self._mark = own_mark()
        try:
            pausing = pause(runner, settings, tags, self._mark)
        except ValueError as error:
            return str(error)
        rollback = unpause(runner, settings, tags)
        self.gitlab.connector.put_back = rollback  # type: ignore[attr-defined]
        failure: Exception | None = None
        try:
            problem = self._send(pausing) or self._replace(old, pods, end)
        except READ_ERRORS as error:
            problem, failure = str(error), error
        problem = self._release(rollback) or problem
        if failure and is_permanent(failure):
            raise failure
        return problem or self._wait_for_polls(end)

    def _release(self, rollback: Request) -> str:
        """Take the own pause back; leave what somebody else has made of it meanwhile."""
        request: Request | None = rollback
        try:
            settings = self.settings()
            is_ours = mark_of(settings) == self._mark
            request = unpause(self.target.runner, settings, self.target.tags) if is_ours else None
        except READ_ERRORS as error:
            report_progress(self.gitlab, [f"unpaused without another look: {error}"])
        problem = self._send(request) if request else ""
        if not problem:
            self.gitlab.connector.put_back = None  # type: ignore[attr-defined]
        return problem

    def _busy(self) -> str:
        """Return which job is on the runner, or an empty text."""
        for status in ("running", "canceling"):
            jobs = ask(self.gitlab, RunningJobs, runner=self.target.runner, status=status)
            if jobs:
                return f"job {jobs[0]['name']} is {status} on it"
        return ""

    def _replace(self, old: Pod, pods: Sequence[Pod], end: float) -> str:
        settings = self.settings()
        if mark_of(settings) != self._mark:
            # Two runs saw it unpaused at once; the one whose pause came last goes on.
            return f"{mark_of(settings) or 'somebody'} has changed the pause of the runner"
        problem = self._busy()  # With a job that it took right before the pause.
        if problem:
            return problem
        self._contact = str(settings["contacted_at"])
        problem = self._send_to_cluster(delete_pod(self.target, old["metadata"]))
        if problem:
            return problem
        known = {pod["metadata"]["uid"] for pod in pods}

        def look(elapsed: float) -> bool | None:
            new = self.pod()
            return True if new is not None and new["metadata"]["uid"] not in known else None

        limit = _rest(self.target.ready_seconds, end)
        done = watch(
            self.cluster,
            look,
            seconds=limit,
            interval=self.target.interval,
            waiting=lambda: "the new pod is not ready yet",
        )
        return "" if done else f"no new pod is ready after {limit:.0f} s"

    def _wait_for_polls(self, end: float) -> str:
        limit = _rest(self.target.poll_seconds, end)
        done = watch(
            self.gitlab,
            lambda elapsed: self.has_polled() or None,
            seconds=limit,
            interval=self.target.interval,
            waiting=lambda: "the runner has not asked for jobs yet",
        )
        return "" if done else f"it does not poll after {limit:.0f} s"

    def settings(self) -> Mapping[str, Any]:
        """Return the settings of the runner."""
        settings: Mapping[str, Any] = ask(self.gitlab, Runner, runner=self.target.runner)
        return settings

    def _pods(self) -> Sequence[Pod]:
        where = {"namespace": self.target.namespace, "selector": self.target.selector}
        pods: Sequence[Pod] = ask(self.cluster, Pods, **where)
        return pods

    def _send(self, request: Request) -> str:
        report_progress(self.gitlab, [str(request)])
        return send(self.gitlab, request)

    def _send_to_cluster(self, request: Request) -> str:
        report_progress(self.cluster, [str(request)])
        return send(self.cluster, request)


def _rest(seconds: float, end: float) -> float:
    return max(0, min(seconds, end - time.monotonic()))


def delete_pod(target: RunnerPod, metadata: Mapping[str, Any]) -> Request:
    """Return the request that deletes this one pod, and not a successor with its name."""
    path = f"/api/v1/namespaces/{target.namespace}/pods/{metadata['name']}"
    uid = metadata["uid"]
    body = {"gracePeriodSeconds": target.grace, "preconditions": {"uid": uid}}

    def gone(pod: Mapping[str, Any]) -> Mapping[str, Any] | None:
        found = pod["metadata"]
        return pod if found["uid"] != uid or found.get("deletionTimestamp") else None

    never = Reverse(never="a pod was replaced by its successor, which does the same")
    return Request("DELETE", path, body, found=gone, missing_ok=True).taken_back_by(never)
