"""Strimzi's cluster operator: it rolls the brokers after each change, then reports Ready.

https://strimzi.io/docs/operators/0.45.0/deploying#con-custom-resources-status-str
"""

import asyncio
import copy
from contextlib import suppress
from typing import Any

from lab.kafka import initial
from lab.kafka.initial import BROKERS, CLUSTER, NAMESPACE, USER
from lab.kafka.logins import Logins
from lab.kubernetes.state import Kubernetes, now
from lab.kubernetes.status import ApiError
from lab.kubernetes.workloads.pods import Pods
from lab.server.clock import Clock

KAFKA = ("kafkas", NAMESPACE, CLUSTER)
ANONYMOUS = "User:ANONYMOUS"
NOTICE_SECONDS = 0.1  # Until the operator notices a change the old status says Ready.
ROLL_SECONDS = 1.0
POLL_SECONDS = 0.02
OPERATOR = "strimzi-cluster-operator"


class Kafka:
    """The Kafka cluster with its operator.

    + password: that of the user, at the beginning

    Settings: `roll_seconds` from the change to Ready; `never_ready`: a generation whose super users
    lack ANONYMOUS does not become Ready.
    """

    def __init__(self, kubernetes: Kubernetes, pods: Pods, clock: Clock, password: str) -> None:
        self.kubernetes = kubernetes
        self.pods = pods
        self.clock = clock
        self.password = password
        self.logins = Logins(kubernetes, pods)
        self.roll_seconds = ROLL_SECONDS
        self.never_ready = False
        self._task: asyncio.Task[None] | None = None
        self._generation = 0  # the one that the task is about
        kubernetes.observers.append(self._stored)

    def reset(self) -> None:
        """Go back to a cluster that is Ready, with ANONYMOUS as super user."""
        self.stop()
        self.logins.reset()
        self.roll_seconds, self.never_ready = ROLL_SECONDS, False
        self.kubernetes.create_all(initial.objects(self.password))
        self.stop()  # What was just created needs no time.
        self._report([_condition("Ready")], 1)
        user = {"conditions": [_condition("Ready")], "observedGeneration": 1}
        user |= {"username": USER, "secret": USER}
        self._set_status(("kafkausers", NAMESPACE, USER), user, "strimzi-user-operator")

    def stop(self) -> None:
        """Stop what the operator is doing."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def state(self) -> dict[str, Any]:
        """Return the cluster for `GET /state`."""
        kafka = self.kubernetes.objects.get(KAFKA)
        if kafka is None:
            return {"logins": self.logins.all()}
        status = kafka.get("status", {})
        return {
            "generation": kafka["metadata"]["generation"],
            "observedGeneration": status.get("observedGeneration"),
            "ready": any(c["type"] == "Ready" for c in status.get("conditions", [])),
            "super_users": super_users(kafka),
            "logins": self.logins.all(),
        }

    def _stored(self, plural: str, document: dict[str, Any]) -> None:
        if plural != "kafkas" or document["metadata"]["name"] != CLUSTER:
            return
        seen = document.get("status", {}).get("observedGeneration")
        if seen != document["metadata"]["generation"] and not self._is_busy_with(document):
            self.stop()
            self._generation = document["metadata"]["generation"]
            self._task = asyncio.get_running_loop().create_task(self._reconcile(document))

    def _is_busy_with(self, document: dict[str, Any]) -> bool:
        is_busy = self._task is not None and not self._task.done()
        return is_busy and self._generation == document["metadata"]["generation"]

    async def _reconcile(self, kafka: dict[str, Any]) -> None:
        generation = kafka["metadata"]["generation"]
        with suppress(ApiError):  # It is deleted.
            await self.clock.sleep(NOTICE_SECONDS)
            seen = self.kubernetes.get(*KAFKA).get("status", {}).get("observedGeneration")
            self._report([_not_ready("Reconciling", "Kafka brokers are being rolled")], seen)
            for name in BROKERS:
                await self._roll(name, self.roll_seconds / len(BROKERS))
            if self.never_ready and ANONYMOUS not in super_users(kafka):
                text = "Exceeded timeout of 300000ms while waiting for Pods resource"
                text += f" {next(iter(BROKERS))} in namespace {NAMESPACE} to be ready"
                self._report([_not_ready("TimeoutException", text)], generation)
            else:
                self._report([_condition("Ready")], generation)

    async def _roll(self, name: str, seconds: float) -> None:
        self.pods.delete(NAMESPACE, name, 0)
        await self.clock.sleep(seconds)
        while not self.pods.is_ready(NAMESPACE, name):
            await self.clock.sleep(POLL_SECONDS)

    def _report(self, conditions: list[dict[str, str]], generation: int | None) -> None:
        listeners = self.kubernetes.get(*KAFKA)["spec"]["kafka"]["listeners"]
        status: dict[str, Any] = {
            "conditions": conditions,
            "listeners": [_listener(listener) for listener in listeners],
            "clusterId": "kZ8mJ3bqT2yX0cQm1v7w5A",
            "kafkaVersion": initial.VERSION,
            "kafkaMetadataState": "ZooKeeper",
            "operatorLastSuccessfulVersion": "0.45.0",
        }
        if generation is not None:
            status["observedGeneration"] = generation
        self._set_status(KAFKA, status, OPERATOR)

    def _set_status(self, key: tuple[str, str, str], status: dict[str, Any], by: str) -> None:
        document = copy.deepcopy(self.kubernetes.get(*key)) | {"status": status}
        self.kubernetes.replace(*key, document, manager=by, subresource="status")


def super_users(kafka: dict[str, Any]) -> list[str]:
    """Return the super users that the configuration of the brokers names."""
    text = (kafka["spec"]["kafka"].get("config") or {}).get("super.users") or ""
    return [user.strip() for user in text.split(";") if user.strip()]


def _listener(listener: dict[str, Any]) -> dict[str, Any]:
    host = f"{initial.BOOTSTRAP}.{NAMESPACE}.svc"
    return {
        "name": listener["name"],
        "addresses": [{"host": host, "port": listener["port"]}],
        "bootstrapServers": f"{host}:{listener['port']}",
    }


def _condition(kind: str) -> dict[str, str]:
    return {"type": kind, "status": "True", "lastTransitionTime": now()}


def _not_ready(reason: str, message: str) -> dict[str, str]:
    # A type of its own: Strimzi does not write Ready with the status False.
    return _condition("NotReady") | {"reason": reason, "message": message}
