"""Pods: Kubernetes objects with a machine behind each."""

import functools
import secrets
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.kubernetes.state import Kubernetes, now
from lab.kubernetes.status import ApiError
from lab.kubernetes.workloads.processes import Machine, kill_all, processes
from lab.server.clock import Clock
from lab.server.faults import Faults

READY_SECONDS = 0.3
GRACE_PERIOD = 30
GRACE_SECONDS = 0.02  # what a second of a grace period takes here

# container -> the programs on its PATH, each with the Python file that runs as that
Programs = Mapping[str, Mapping[str, Path]]


@dataclass(frozen=True)
class Template:
    """What a controller makes pods from.

    + prefix: the beginning of their names; all of it where `stable`, as in a StatefulSet
    """

    prefix: str
    namespace: str
    labels: dict[str, str]
    container: str
    stable: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


class Pods:
    """The pods of the site; a deleted one is replaced, as its controller does.

    + templates: what there is in the beginning
    + programs: what is installed in the containers
    """

    def __init__(
        self,
        kubernetes: Kubernetes,
        directory: Path,
        environment: Mapping[str, str],
        faults: Faults,
        clock: Clock,
        templates: Sequence[Template],
        programs: Programs,
    ) -> None:
        self.kubernetes = kubernetes
        self.directory = directory
        self.environment = environment
        self.faults = faults
        self.clock = clock
        self.templates = templates
        self.programs = programs
        self.ready_seconds = READY_SECONDS
        self.machines: dict[str, Machine] = {}
        self._templates: dict[str, Template] = {}

    def reset(self) -> None:
        """Kill and remove all pods, and make the ones of the beginning."""
        self.stop()
        self.ready_seconds = READY_SECONDS
        for template in self.templates:
            self._create(template, ready=True)

    def stop(self) -> None:
        """Kill and remove all pods."""
        kill_all(self.machines.values())
        for name in list(self.machines):
            self._remove_files(name)
        self._templates.clear()

    def state(self) -> dict[str, Any]:
        """Return the pods for `GET /state`."""
        running = processes()
        return {
            name: {"uid": m.identity, "files": m.files(), "processes": running.get(m.identity, [])}
            for name, m in self.machines.items()
        }

    def machine(self, name: str) -> Machine:
        """Return the machine behind a pod."""
        return self.machines[name]

    def delete(self, namespace: str, name: str, grace: float | None = None) -> dict[str, Any]:
        """Let a pod terminate, and make its successor: at once, unless it has the same name.

        + grace: seconds of its grace period; 0 removes it at once, with all that runs in it
        """
        pod = self.kubernetes.get("pods", namespace, name)
        uid, metadata = pod["metadata"]["uid"], pod["metadata"]
        template = self._templates.get(uid)
        if grace is None:
            grace = pod["spec"].get("terminationGracePeriodSeconds", GRACE_PERIOD)
        is_terminating = "deletionTimestamp" in metadata
        if is_terminating:
            grace = min(grace, metadata["deletionGracePeriodSeconds"])
        pod = self.kubernetes.mark_deleted(namespace, name, grace)
        if template and not template.stable and not is_terminating:
            self._create(template, ready=False)
        if grace > 0 and uid in self._templates:
            self.clock.later(
                grace * GRACE_SECONDS, functools.partial(self._remove, namespace, name, uid)
            )
        else:
            self._remove(namespace, name, uid)
        return pod

    def replace_by_label(self, app: str) -> None:
        """Replace the pod with a value of the label `app`, with no grace."""
        for pod in self.kubernetes.select("pods", None, f"app={app}"):
            if "deletionTimestamp" not in pod["metadata"]:
                self.delete(pod["metadata"]["namespace"], pod["metadata"]["name"], 0)
                return
        raise ApiError(404, "NotFound", f"no pod with app={app}")

    def is_ready(self, namespace: str, name: str) -> bool:
        """Return whether a pod is there and ready."""
        pod = self.kubernetes.objects.get(("pods", namespace, name), {})
        return any(
            condition["type"] == "Ready" and condition["status"] == "True"
            for condition in pod.get("status", {}).get("conditions", [])
        )

    def _remove(self, namespace: str, name: str, uid: str) -> None:
        pod = self.kubernetes.objects.get(("pods", namespace, name))
        if pod is None or pod["metadata"]["uid"] != uid:
            return  # It is gone already, and this may be its successor.
        self.kubernetes.delete("pods", namespace, name)
        template = self._templates.pop(uid, None)
        if template is not None:
            self._destroy(name)
            if template.stable:
                self._create(template, ready=False)

    def _create(self, template: Template, ready: bool) -> None:
        metadata: dict[str, Any] = {"name": template.prefix, "labels": dict(template.labels)}
        if not template.stable:
            metadata["generateName"] = f"{template.prefix}-"
            metadata["name"] += f"-{secrets.token_hex(4)}-{secrets.token_hex(2)}"
        container = template.container
        new = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {
                "containers": [{"name": container, "image": f"{container}:v1"}],
                "terminationGracePeriodSeconds": GRACE_PERIOD,
            },
        }
        manager = "kube-controller-manager"
        pod = self.kubernetes.create("pods", template.namespace, new, manager=manager)
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        self._templates[uid] = template
        environment = {"HOSTNAME": name, **self.environment, **template.environment}
        self.machines[name] = Machine(self.directory / name, uid, environment)
        for program, source in self.programs.get(container, {}).items():
            _install(self.machines[name], program, source)
        self._set_status(template.namespace, name, uid, ready)
        if not ready and not self.faults.keeps_unready(template.labels):
            begin = functools.partial(self._set_status, template.namespace, name, uid, True)
            self.clock.later(self.ready_seconds, begin)

    def _set_status(self, namespace: str, name: str, uid: str, ready: bool) -> None:
        pod = self.kubernetes.objects.get(("pods", namespace, name))
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        new = {"metadata": {}, "status": _status(pod["spec"]["containers"][0], ready)}
        self.kubernetes.replace(
            "pods", namespace, name, new, manager="kubelet", subresource="status"
        )

    def _destroy(self, name: str) -> None:
        kill_all([self.machines[name]])
        self._remove_files(name)

    def _remove_files(self, name: str) -> None:
        shutil.rmtree(self.machines.pop(name).root, ignore_errors=True)


def _install(machine: Machine, name: str, source: Path) -> None:
    program = machine.root / "bin" / name
    command = shlex.join([sys.executable, "-I", str(source)])
    program.write_text(f'#!/bin/sh\nexport PROGRAM={name}\nexec {command} "$@"\n')
    program.chmod(0o755)


def _status(container: dict[str, Any], ready: bool) -> dict[str, Any]:
    state = (
        {"running": {"startedAt": now()}} if ready else {"waiting": {"reason": "ContainerCreating"}}
    )
    return {
        "phase": "Running" if ready else "Pending",
        "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": ready,
                "restartCount": 0,
                "state": state,
            }
        ],
        "startTime": now(),
    }
