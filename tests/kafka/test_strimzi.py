from typing import Any

import pytest

from ops.kafka.strimzi import PAUSE, condition, is_ready, obstacle, verdict

READY = {"type": "Ready", "status": "True"}
NOT_READY = {"type": "NotReady", "status": "True", "reason": "Timeout"}


def kafka(generation: int, observed: int | None, *conditions: dict[str, str]) -> dict[str, Any]:
    status = {"conditions": list(conditions), "observedGeneration": observed}
    return {"metadata": {"generation": generation}, "status": status}


@pytest.mark.parametrize(
    ("document", "ready"),
    [
        (kafka(2, 2, READY), True),
        (kafka(2, 2, {"type": "Warning", "status": "True"}, READY), True),
        (kafka(2, 1, READY), False),
        (kafka(2, None, READY), False),
        (kafka(2, 2, NOT_READY), False),
        (kafka(2, 2, {"type": "Ready", "status": "False"}), False),
        (kafka(2, 2), False),
        ({"metadata": {"generation": 1}}, False),
        ({"metadata": {"generation": 1}, "status": {"observedGeneration": 1}}, False),
    ],
)
def test_ready_counts_for_the_generation_that_is_there(
    document: dict[str, Any], ready: bool
) -> None:
    assert is_ready(document) is ready


def test_what_the_operator_says_is_one_line() -> None:
    assert condition(kafka(2, 1, NOT_READY)) == "NotReady True (Timeout); generation 2, observed 1"
    assert condition({"metadata": {"generation": 1}}) == "nothing yet; generation 1, observed None"


def paused(document: dict[str, Any]) -> dict[str, Any]:
    document["metadata"]["annotations"] = {PAUSE: "true"}
    return document


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (kafka(2, 1, READY), None),  # the operator is at work: the old Ready is not about it
        (kafka(2, 2, READY), True),
        (kafka(3, 2, READY), True),  # changed again meanwhile: the one that is meant is done
        (kafka(2, 2, NOT_READY), False),
        (kafka(2, 1, NOT_READY), None),  # the failure of an earlier one
        (paused(kafka(2, 1, READY)), False),  # it would never come
    ],
)
def test_the_verdict_about_a_generation(document: dict[str, Any], expected: bool | None) -> None:
    assert verdict(document, 2) is expected


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (kafka(2, 2, READY), ""),
        (kafka(2, 2, {**NOT_READY, "message": "no disk"}), "NotReady True (Timeout: no disk)"),
        (kafka(2, 1, READY), "has not finished with an earlier change"),
        (paused(kafka(2, 2, READY)), f"paused (annotation {PAUSE})"),
        (kafka(2, 1, {"type": "ReconciliationPaused", "status": "True"}), "is paused"),
    ],
)
def test_what_stands_in_the_way_of_a_change(document: dict[str, Any], text: str) -> None:
    assert (text in obstacle(document)) if text else obstacle(document) == ""
