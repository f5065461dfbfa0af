from typing import Any

import pytest

from ops.kafka.strimzi import condition, is_ready, split, super_users, super_users_field, without

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


@pytest.mark.parametrize(
    ("value", "users"),
    [
        (None, []),
        ("", []),
        ("User:a", ["User:a"]),
        (" User:a; User:CN=b,O=c ;;", ["User:a", "User:CN=b,O=c"]),
    ],
)
def test_users_are_separated_by_semicolons(value: str | None, users: list[str]) -> None:
    assert split(value) == users
    assert super_users({"spec": {"kafka": {"config": {"super.users": value}}}}) == users


@pytest.mark.parametrize("config", [{}, {"config": None}, {"config": {}}])
def test_a_cluster_without_the_field_has_no_super_users(config: dict[str, Any]) -> None:
    assert super_users_field({"spec": {"kafka": config}}) is None


def test_who_is_left_keeps_the_order_and_nobody_is_no_value() -> None:
    assert without(["User:c", "User:a", "User:b"], ["User:a"]) == "User:c;User:b"
    assert without(["User:a"], ["User:a", "User:b"]) is None
    assert without(["User:aa"], ["User:a"]) == "User:aa"
