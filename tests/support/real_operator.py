"""A stand-in for Strimzi's cluster operator beside a real API server: it writes the status.

What it writes, and when, is what the real one does, after its source (KafkaAssemblyOperator,
KafkaStatus, StatusUtils of https://github.com/strimzi/strimzi-kafka-operator) and a run of it.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from kubernetes_api import MERGE, Api
from real_cluster import KAFKA

PAUSE = "strimzi.io/pause-reconciliation"
POLL_SECONDS = 0.1

Condition = dict[str, str]


class Failed(Exception):
    """A reconciliation that failed: the reason, the name of an exception in Java, and a message."""


class Strimzi:
    """The operator of one Kafka resource.

    While it is at work it writes nothing, however long that takes: the old Ready stays, with the
    generation that it is about. What is changed meanwhile has its turn afterwards.

    + roll: called with the `spec.kafka` of a new generation; comes back when the brokers have it,
      or raises Failed
    + warnings: conditions of the type Warning that it writes before Ready
    """

    def __init__(
        self,
        api: Api,
        roll: Callable[[dict[str, Any]], None] = lambda spec: None,
        warnings: tuple[Condition, ...] = (),
    ):
        self.api = api
        self.roll = roll
        self.warnings = warnings
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; what it is at work on is finished."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(POLL_SECONDS):
            self._reconcile(self.api.send("GET", KAFKA).body)

    def _reconcile(self, kafka: dict[str, Any]) -> None:
        status, generation = kafka.get("status") or {}, kafka["metadata"]["generation"]
        said = {entry["type"] for entry in status.get("conditions", [])}
        if is_paused(kafka):
            if said != {"ReconciliationPaused"}:
                self._write([condition("ReconciliationPaused")])
        elif status.get("observedGeneration") != generation or "ReconciliationPaused" in said:
            if not said:
                creating = condition("NotReady", "Creating", "Kafka cluster is being deployed")
                self._write([creating], 0)
            self._write(self._outcome(kafka["spec"]["kafka"]), generation)

    def _outcome(self, spec: dict[str, Any]) -> list[Condition]:
        try:
            validate(spec)
            self.roll(spec)
        except Failed as failure:
            return [condition("NotReady", *failure.args)]
        return [*self.warnings, condition("Ready")]

    def _write(self, conditions: list[Condition], generation: int | None = None) -> None:
        status: dict[str, Any] = {"conditions": conditions}
        if generation is not None:
            status["observedGeneration"] = generation
        self.api.send("PATCH", f"{KAFKA}/status", {"status": status}, MERGE)


def is_paused(kafka: Mapping[str, Any]) -> bool:
    """Return whether somebody has told the operator to leave the resource alone."""
    notes = kafka["metadata"].get("annotations") or {}
    return bool(notes.get(PAUSE) == "true")


def validate(spec: Mapping[str, Any]) -> None:
    """Refuse what the operator cannot write into a file of properties.

    Raises Failed. A number or a boolean is no obstacle, and neither is a key that it ignores.
    """
    for key, value in (spec.get("config") or {}).items():
        if isinstance(value, list | dict):
            text = f"Unsupported type {type(value).__name__} in configuration for key {key}"
            raise Failed("InvalidConfigParameterException", text)


def condition(kind: str, reason: str = "", message: str = "") -> Condition:
    """Return a condition of the status; NotReady is a type of its own, Ready is never False."""
    why = {"reason": reason, "message": message} if reason else {}
    return {"type": kind, "status": "True", **why}
