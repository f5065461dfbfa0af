"""Pods: Kubernetes objects with a machine behind each."""

import functools
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.kubernetes.state import Kubernetes
from lab.kubernetes.status import ApiError
from lab.kubernetes.workloads.exec_status import NODE
from lab.kubernetes.workloads.processes import Machine, kill_all, processes
from lab.kubernetes.workloads.templates import GRACE_PERIOD, Template, status
from lab.server.clock import Clock
from lab.server.faults import Faults

READY_SECONDS = 0.3
GRACE_SECONDS = 0.02  # what a second of a grace period takes here
NO_ROUTE = f"error dialing backend: dial tcp {NODE}: connect: no route to host"

# container -> the programs on its PATH, each with the Python file that runs as that
Programs = Mapping[str, Mapping[str, Path]]


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
        self.grace_seconds = GRACE_SECONDS
        self.lost: set[str] = set()
        self.machines: dict[str, Machine] = {}
        self._templates: dict[str, Template] = {}

    def reset(self) -> None:
        """Kill and remove all pods, and make the ones of the beginning."""
        self.stop()
        self.ready_seconds = READY_SECONDS
        self.grace_seconds = GRACE_SECONDS
        self.lost.clear()
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
        """Return the machine behind a pod; raise ApiError where its node does not answer."""
        if name in self.lost:
            raise ApiError(500, "", NO_ROUTE)
        return self.machines[name]

    def add(self, template: Template, ready: bool = True, created: str = "") -> None:
        """Make one more pod.

        + created: moment that its document has; empty: now
        """
        pod = self._create(template, ready)
        if created:
            pod["metadata"]["creationTimestamp"] = created

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
        if template and _has_successor_at_once(template) and not is_terminating:
            self._create(template, ready=False)
        if name in self.lost and grace > 0:
            return pod  # Nobody says that its processes have ended.
        if grace > 0 and (template or pod["spec"].get("nodeName")):  # Else no kubelet has it.
            self.clock.later(
                grace * self.grace_seconds, functools.partial(self._remove, namespace, name, uid)
            )
        else:
            self._remove(namespace, name, uid)
        return pod

    def replace_by_label(self, app: str, grace: float = 0) -> None:
        """Replace the pod with a value of the label `app`."""
        namespace, name = self._by_label(app)
        self.delete(namespace, name, grace)

    def lose_node(self, app: str) -> None:
        """Let the node of a pod stop answering: it is not Ready, then deleted, and stays so.

        What runs in it goes on.
        """
        namespace, name = self._by_label(app)
        self.lost.add(name)
        pod = self.kubernetes.get("pods", namespace, name)
        self._set_status(namespace, name, pod["metadata"]["uid"], False, "NodeNotReady")
        self.delete(namespace, name)

    def _by_label(self, app: str) -> tuple[str, str]:
        for pod in self.kubernetes.select("pods", None, f"app={app}"):
            metadata = pod["metadata"]
            is_of_job = metadata["ownerReferences"][0]["kind"] == "Job"
            if "deletionTimestamp" not in metadata and not is_of_job:
                return metadata["namespace"], metadata["name"]
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

    def _create(self, template: Template, ready: bool) -> dict[str, Any]:
        manager = "kube-controller-manager"
        pod = self.kubernetes.create(
            "pods", template.namespace, template.document(), manager=manager
        )
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        self._templates[uid] = template
        environment = {"HOSTNAME": name, **self.environment, **template.environment}
        self.machines[name] = Machine(self.directory / name, uid, environment)
        for program, source in self.programs.get(template.container, {}).items():
            _install(self.machines[name], program, source)
        self._set_status(template.namespace, name, uid, ready)
        if not ready and not self.faults.keeps_unready(template.labels):
            begin = functools.partial(self._set_status, template.namespace, name, uid, True)
            self.clock.later(self.ready_seconds, begin)
        return self.kubernetes.get("pods", template.namespace, name)

    def _set_status(
        self, namespace: str, name: str, uid: str, ready: bool, reason: str = ""
    ) -> None:
        pod = self.kubernetes.objects.get(("pods", namespace, name))
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        new = {"metadata": {}, "status": status(pod, ready, reason)}
        self.kubernetes.replace(
            "pods", namespace, name, new, manager="kubelet", subresource="status"
        )

    def _destroy(self, name: str) -> None:
        kill_all([self.machines[name]])
        self._remove_files(name)

    def _remove_files(self, name: str) -> None:
        shutil.rmtree(self.machines.pop(name).root, ignore_errors=True)


def _has_successor_at_once(template: Template) -> bool:
    return not template.stable and template.owner != "Job"


def _install(machine: Machine, name: str, source: Path) -> None:
    program = machine.root / "bin" / name
    command = shlex.join([sys.executable, "-I", str(source)])
    program.write_text(f'#!/bin/sh\nexport PROGRAM={name}\nexec {command} "$@"\n')
    program.chmod(0o755)
