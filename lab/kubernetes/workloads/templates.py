"""What pods are made from, and what their documents say in the beginning and later."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.kubernetes.state import now

GRACE_PERIOD = 30
CONTROLLERS = {"ReplicaSet": "apps/v1", "Job": "batch/v1", "StrimziPodSet": "core.strimzi.io/v1"}


@dataclass(frozen=True)
class Template:
    """What a controller makes pods from.

    + prefix: the beginning of their names; all of it where `stable`, as in a StatefulSet
    + owner: kind of the controller; a pod of a Job has no successor
    + sidecars: further containers, after the first one
    """

    prefix: str
    namespace: str
    labels: dict[str, str]
    container: str
    stable: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    owner: str = "ReplicaSet"
    sidecars: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return a new pod."""
        kind = "StrimziPodSet" if self.stable else self.owner
        owner = self.prefix if kind != "ReplicaSet" else f"{self.prefix}-{secrets.token_hex(4)}"
        metadata: dict[str, Any] = {
            "name": self.prefix,
            "labels": dict(self.labels),
            "ownerReferences": [
                {
                    "apiVersion": CONTROLLERS[kind],
                    "kind": kind,
                    "name": owner,
                    "uid": str(uuid.uuid4()),
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        }
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        if not self.stable:
            metadata["generateName"] = f"{owner}-"
            metadata["name"] = f"{owner}-{secrets.token_hex(3)[:5]}"
        names = (self.container, *self.sidecars)
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {
                "containers": [{"name": name, "image": f"{name}:v1"} for name in names],
                "terminationGracePeriodSeconds": GRACE_PERIOD,
            },
        }


def status(pod: dict[str, Any], ready: bool, reason: str = "") -> dict[str, Any]:
    """Return the status that the kubelet writes.

    + reason: why a pod that runs is not Ready; its containers are as they were seen last
    """
    if reason:
        condition = {"type": "Ready", "status": "False", "reason": reason}
        return {**pod["status"], "conditions": [condition]}
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
            for container in pod["spec"]["containers"]
        ],
        "startTime": now(),
    }
