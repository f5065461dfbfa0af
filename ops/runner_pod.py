"""Replacing the pod of a GitLab runner between two jobs, so that it polls again.

Pause the runner, see that no job runs on it, delete the pod, wait until the next one is ready,
unpause, wait until the runner asks for jobs again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api.host import Host

from ops.api.console import report
from ops.api.pods import is_ready
from ops.api.request import Request, put
from ops.facts.gitlab import Runner
from ops.facts.kubernetes import Pods
from ops.facts.pipelines import RunningJobs
from ops.watch import READ_ERRORS, ask, send, watch

# Marks a pause as ours, so that a run after a killed one takes it back; the old note follows it.
MARK = "Paused while its pod is replaced (deploys/follow_experiment.py). "


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
    """One replacement; `run` returns why it did not succeed, or an empty text."""

    def __init__(self, gitlab: Host, cluster: Host, target: RunnerPod) -> None:
        self.gitlab = gitlab
        self.cluster = cluster
        self.target = target

    def pod(self) -> Mapping[str, Any] | None:
        """Return the ready pod of the runner, or None where there is none."""
        where = {"namespace": self.target.namespace, "selector": self.target.selector}
        ready = [pod for pod in ask(self.cluster, Pods, **where) if is_ready(pod)]
        return ready[0] if ready else None

    def take_back_pause(self) -> None:
        """Unpause the runner where a run that was killed has left it paused."""
        settings = self.settings()
        if is_left_paused(settings):
            report(self.gitlab, ["a replacement has left the runner paused:"])
            self._release(unpause(self.target.runner, settings, self.target.tags))

    def run(self) -> str:
        """Replace the pod, if no job runs; what was paused is unpaused in any case."""
        old = self.pod()
        if old is None:
            return f"no pod with {self.target.selector} is ready"
        settings = self.settings()
        if settings["paused"]:
            return "somebody has paused the runner"
        runner, tags = self.target.runner, self.target.tags
        way_back = unpause(runner, settings, tags)
        self.gitlab.connector.put_back = way_back  # type: ignore[attr-defined]
        try:
            problem = self._send(pause(runner, settings, tags)) or self._replace(old)
        except READ_ERRORS as error:
            problem = str(error)
        problem = self._release(way_back) or problem
        return problem or self._wait_for_polls()

    def _release(self, way_back: Request) -> str:
        problem = self._send(way_back)
        if not problem:
            self.gitlab.connector.put_back = None  # type: ignore[attr-defined]
        return problem

    def _replace(self, old: Mapping[str, Any]) -> str:
        for status in ("running", "canceling"):
            jobs = ask(self.gitlab, RunningJobs, runner=self.target.runner, status=status)
            if jobs:
                return f"job {jobs[0]['name']} runs on it"
        self._contact = self.settings()["contacted_at"]
        problem = self._send_to_cluster(delete_pod(self.target, old["metadata"]))
        if problem:
            return problem
        uid = old["metadata"]["uid"]

        def look(elapsed: float) -> bool | None:
            new = self.pod()
            return True if new is not None and new["metadata"]["uid"] != uid else None

        done = watch(
            self.cluster,
            look,
            seconds=self.target.ready_seconds,
            interval=self.target.interval,
            waiting=lambda: "the new pod is not ready yet",
        )
        return "" if done else f"no new pod is ready after {self.target.ready_seconds:.0f} s"

    def _wait_for_polls(self) -> str:
        def look(elapsed: float) -> bool | None:
            return True if self.settings()["contacted_at"] != self._contact else None

        done = watch(
            self.gitlab,
            look,
            seconds=self.target.poll_seconds,
            interval=self.target.interval,
            waiting=lambda: "the runner has not asked for jobs yet",
        )
        return "" if done else f"it does not poll after {self.target.poll_seconds:.0f} s"

    def settings(self) -> Mapping[str, Any]:
        """Return the settings of the runner."""
        settings: Mapping[str, Any] = ask(self.gitlab, Runner, runner=self.target.runner)
        return settings

    def _send(self, request: Request) -> str:
        report(self.gitlab, [str(request)])
        return send(self.gitlab, request)

    def _send_to_cluster(self, request: Request) -> str:
        report(self.cluster, [str(request)])
        return send(self.cluster, request)


def is_left_paused(settings: Mapping[str, Any]) -> bool:
    """Return whether a replacement that did not end has left the runner paused."""
    return bool(settings["paused"]) and str(settings["maintenance_note"]).startswith(MARK)


def pause(runner: int, settings: Mapping[str, Any], tags: Collection[str]) -> Request:
    """Return the request that pauses a runner, with the mark before its note."""
    return put(f"/runners/{runner}", _body(settings, tags, paused=True), [])


def unpause(
    runner: int, settings: Mapping[str, Any], tags: Collection[str], changes: Sequence[str] = ()
) -> Request:
    """Return the request that takes the pause and the mark back."""
    return put(f"/runners/{runner}", _body(settings, tags, paused=False), changes)


def _body(settings: Mapping[str, Any], tags: Collection[str], *, paused: bool) -> dict[str, Any]:
    note = str(settings["maintenance_note"] or "").removeprefix(MARK)
    body = {"paused": paused, "maintenance_note": MARK + note if paused else note}
    # Of a runner that has lost its tags, GitLab refuses every change that does not bring some.
    return {**body, "tag_list": sorted({*settings["tag_list"], *tags})} if tags else body


def delete_pod(target: RunnerPod, metadata: Mapping[str, Any]) -> Request:
    """Return the request that deletes this one pod, and not a successor with its name."""
    path = f"/api/v1/namespaces/{target.namespace}/pods/{metadata['name']}"
    uid = metadata["uid"]
    body = {"gracePeriodSeconds": target.grace, "preconditions": {"uid": uid}}

    def gone(pod: Mapping[str, Any]) -> Mapping[str, Any] | None:
        found = pod["metadata"]
        return pod if found["uid"] != uid or found.get("deletionTimestamp") else None

    return Request("DELETE", path, body, found=gone)
