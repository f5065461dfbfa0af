"""Strimzi's cluster operator: it rolls the brokers where their configuration changes, and reports.

While it is at work it writes nothing: the old Ready stays, with the old observedGeneration.
https://github.com/strimzi/strimzi-kafka-operator, KafkaAssemblyOperator and StatusUtils
"""

import asyncio
import copy
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from lab.kafka import initial
from lab.kafka.brokers import ANONYMOUS, Brokers, render
from lab.kafka.initial import BROKERS, CLUSTER, NAMESPACE, USER
from lab.kafka.logins import Logins
from lab.kafka.programs import Programs
from lab.kafka.topics import Delivery, Topics
from lab.kubernetes.state import Kubernetes, now
from lab.kubernetes.status import ApiError
from lab.kubernetes.workloads.pods import Pods
from lab.server.clock import Clock

KAFKA = ("kafkas", NAMESPACE, CLUSTER)
PAUSE = "strimzi.io/pause-reconciliation"
NOTICE_SECONDS = 0.1
ROLL_SECONDS = 1.0
POLL_SECONDS = 0.02
OPERATOR = "strimzi-cluster-operator"


class Failed(Exception):
    """A reconciliation that failed, with the reason and the message that the status gets."""


class Kafka:
    """The Kafka cluster with its operator.

    + password: that of the user, at the beginning
    + deliveries: returns what clients have brought to the topics

    Settings: `roll_seconds` that rolling all brokers takes; `never_ready`: brokers of a generation
    whose super users lack ANONYMOUS do not become ready; `stuck`: a broker does not answer, so the
    operator comes to no end.
    """

    def __init__(
        self,
        kubernetes: Kubernetes,
        pods: Pods,
        clock: Clock,
        password: str,
        deliveries: Callable[[], Iterable[Delivery]],
    ) -> None:
        self.kubernetes = kubernetes
        self.pods = pods
        self.clock = clock
        self.password = password
        self.brokers = Brokers()
        self.logins = Logins(kubernetes, pods, self.brokers)
        self.programs = Programs(self.logins, Topics(deliveries))
        self.roll_seconds = ROLL_SECONDS
        self.never_ready = self.stuck = False
        self._task: asyncio.Task[None] | None = None
        kubernetes.observers.append(self._stored)

    def reset(self) -> None:
        """Go back to a cluster that is Ready, with ANONYMOUS as super user."""
        self.stop()
        self.logins.reset()
        self.roll_seconds, self.never_ready, self.stuck = ROLL_SECONDS, False, False
        self.kubernetes.create_all(initial.objects(self.password))
        self.stop()  # What was just created needs no time.
        self.brokers.start_all(render(self.kubernetes.get(*KAFKA)))
        self._report([_condition("Ready")], 1)
        user = {"conditions": [_condition("Ready")], "observedGeneration": 1}
        user |= {"username": USER, "secret": USER}
        self._set_status(("kafkausers", NAMESPACE, USER), user, "strimzi-user-operator")

    def _keep_old(self, number: int) -> None:
        """Let a broker run with what it had in the beginning, though the operator says Ready."""
        self.brokers.running[number] = render(initial.kafka())

    old_broker = property(None, _keep_old)

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
        status, spec = kafka.get("status", {}), kafka["spec"]["kafka"]
        return {
            "generation": kafka["metadata"]["generation"],
            "observedGeneration": status.get("observedGeneration"),
            "ready": any(c["type"] == "Ready" for c in status.get("conditions", [])),
            "super_users": render(kafka)["super.users"],
            "ignored": (spec.get("config") or {}).get("super.users"),
            "brokers": self.brokers.state(),
            "logins": self.logins.all(),
        }

    def _stored(self, plural: str, document: dict[str, Any]) -> None:
        if plural != "kafkas" or document["metadata"]["name"] != CLUSTER:
            return
        if self._is_due(document) and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._reconcile())

    def _is_due(self, kafka: dict[str, Any]) -> bool:
        status = kafka.get("status", {})
        is_said = any(c["type"] == "ReconciliationPaused" for c in status.get("conditions", []))
        if _is_paused(kafka):
            return not is_said
        return is_said or status.get("observedGeneration") != kafka["metadata"]["generation"]

    async def _reconcile(self) -> None:
        with suppress(ApiError):  # It is deleted.
            while self._is_due(kafka := self.kubernetes.get(*KAFKA)):
                # What is changed meanwhile has its turn afterwards.
                await self._reconcile_once(kafka)

    async def _reconcile_once(self, kafka: dict[str, Any]) -> None:
        generation = kafka["metadata"]["generation"]
        if not kafka.get("status"):
            creating = {"reason": "Creating", "message": "Kafka cluster is being deployed"}
            self._report([_condition("NotReady") | creating], 0)
        await self.clock.sleep(NOTICE_SECONDS)
        if _is_paused(self.kubernetes.get(*KAFKA)):
            seen = kafka.get("status", {}).get("observedGeneration")
            self._report([_condition("ReconciliationPaused")], seen)
            return
        try:
            _validate(kafka)
            await self._roll_brokers(kafka)
        except Failed as failure:
            reason, message = failure.args
            problem = _condition("NotReady") | {"reason": reason, "message": message}
            self._report([problem], generation)
        else:
            self._report([_condition("Ready")], generation)

    async def _roll_brokers(self, kafka: dict[str, Any]) -> None:
        wanted = render(kafka)
        for name, number in BROKERS.items():
            if self.brokers.running[number] == wanted:
                continue
            self.pods.delete(NAMESPACE, name, 0)
            await self.clock.sleep(self.roll_seconds / len(BROKERS))
            while self.stuck or not self.pods.is_ready(NAMESPACE, name):
                await self.clock.sleep(POLL_SECONDS)
            self.brokers.running[number] = wanted
            if self.never_ready and ANONYMOUS not in wanted["super.users"]:
                text = "Exceeded timeout of 300000ms while waiting for Pods resource"
                text += f" {name} in namespace {NAMESPACE} to be ready"
                raise Failed("StrimziTimeoutException", text)

    def _report(self, conditions: list[dict[str, str]], generation: int | None) -> None:
        listeners = self.kubernetes.get(*KAFKA)["spec"]["kafka"]["listeners"]
        status: dict[str, Any] = {
            "conditions": conditions,
            "listeners": [_listener(listener) for listener in listeners],
            "clusterId": "kZ8mJ3bqT2yX0cQm1v7w5A",
            "kafkaVersion": initial.VERSION,
            "kafkaMetadataVersion": "4.1-IV1",
            "kafkaNodePools": [{"name": name} for name in sorted(initial.POOLS)],
            "operatorLastSuccessfulVersion": "0.49.1",
        }
        if generation is not None:
            status["observedGeneration"] = generation
        self._set_status(KAFKA, status, OPERATOR)

    def _set_status(self, key: tuple[str, str, str], status: dict[str, Any], by: str) -> None:
        document = copy.deepcopy(self.kubernetes.get(*key)) | {"status": status}
        self.kubernetes.replace(*key, document, manager=by, subresource="status")


def _is_paused(kafka: dict[str, Any]) -> bool:
    return (kafka["metadata"].get("annotations") or {}).get(PAUSE) == "true"


def _validate(kafka: dict[str, Any]) -> None:
    for key, value in (kafka["spec"]["kafka"].get("config") or {}).items():
        if isinstance(value, list | dict):
            text = f"Unsupported type {type(value).__name__} in configuration for key {key}"
            raise Failed("InvalidConfigParameterException", text)


def _listener(listener: dict[str, Any]) -> dict[str, Any]:
    host = f"{initial.BOOTSTRAP}.{NAMESPACE}.svc"
    return {
        "name": listener["name"],
        "addresses": [{"host": host, "port": listener["port"]}],
        "bootstrapServers": f"{host}:{listener['port']}",
    }


def _condition(kind: str) -> dict[str, str]:
    # NotReady is a type of its own: Strimzi does not write Ready with the status False.
    return {"type": kind, "status": "True", "lastTransitionTime": now()}
