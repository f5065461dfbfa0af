"""Pods: Kubernetes objects with a machine behind each."""

import asyncio
import secrets
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import initial
from lab.kubernetes import ApiError, Kubernetes, now
from lab.processes import Machine

READY_SECONDS = 0.3
RAKE = Path(__file__).with_name("rake.py")


class Pods:
    """The pods of the site; a deleted one is replaced, as a Deployment does."""

    def __init__(
        self, kubernetes: Kubernetes, directory: Path, environment: Mapping[str, str]
    ) -> None:
        self.kubernetes = kubernetes
        self.directory = directory
        self.environment = environment
        self.machines: dict[str, Machine] = {}

    def reset(self) -> None:
        """Kill and remove all pods, and make the ones of the beginning."""
        self.stop()
        for prefix, namespace, labels, container in initial.PODS:
            self._create(prefix, namespace, labels, container, ready=True)

    def stop(self) -> None:
        """Kill and remove all pods."""
        for name in list(self.machines):
            self._destroy(name)

    def state(self) -> dict[str, Any]:
        """Return the pods for `GET /state`."""
        return {
            name: {"uid": m.identity, "files": m.files(), "processes": m.processes()}
            for name, m in self.machines.items()
        }

    def machine(self, name: str) -> Machine:
        """Return the machine behind a pod."""
        return self.machines[name]

    def replace(self, namespace: str, name: str) -> dict[str, Any]:
        """Delete a pod with all that runs in it, and make its successor."""
        old = self.kubernetes.delete("pods", namespace, name)
        self._destroy(name)
        labels = old["metadata"]["labels"]
        container = old["spec"]["containers"][0]["name"]
        prefix = old["metadata"]["generateName"].removesuffix("-")
        self._create(prefix, namespace, labels, container, ready=False)
        return old

    def replace_by_label(self, app: str) -> None:
        """Replace the pod with a value of the label `app`."""
        for pod in self.kubernetes.select("pods", None, f"app={app}", ""):
            self.replace(pod["metadata"]["namespace"], pod["metadata"]["name"])
            return
        raise ApiError(404, "NotFound", f"no pod with app={app}")

    def _create(
        self, prefix: str, namespace: str, labels: dict[str, str], container: str, ready: bool
    ) -> None:
        name = f"{prefix}-{secrets.token_hex(4)}-{secrets.token_hex(2)}"
        metadata = {"name": name, "generateName": f"{prefix}-", "labels": labels}
        spec = {"containers": [{"name": container, "image": f"{container}:v1"}]}
        new = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        pod = self.kubernetes.create("pods", namespace, new)
        uid = pod["metadata"]["uid"]
        root = self.directory / name
        machine = Machine(root, uid, {"HOSTNAME": name, **self.environment})
        self.machines[name] = machine
        if container == "toolbox":
            program = root / "bin" / "gitlab-rake"
            command = shlex.join([sys.executable, "-I", str(RAKE)])
            program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            program.chmod(0o755)
        _set_ready(pod, container, ready)
        if not ready:
            loop = asyncio.get_running_loop()
            loop.call_later(READY_SECONDS, _set_ready, pod, container, True)

    def _destroy(self, name: str) -> None:
        machine = self.machines.pop(name)
        machine.kill()
        shutil.rmtree(machine.root, ignore_errors=True)


def _set_ready(pod: dict[str, Any], container: str, ready: bool) -> None:
    pod["status"] = {
        "phase": "Running" if ready else "Pending",
        "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        "containerStatuses": [
            {
                "name": container,
                "image": f"{container}:v1",
                "imageID": "",
                "ready": ready,
                "restartCount": 0,
            }
        ],
        "startTime": now(),
    }
