"""Who may do everything: four places of a Kafka resource, and what of them goes."""

from typing import Any

import pytest

from ops.kafka.rights import EVERYONE, IGNORED, IN_FORCE, open_ports, removal, rights, split

ANONYMOUS = "User:ANONYMOUS"


def kafka(authorization: Any = None, **config: Any) -> dict[str, Any]:
    named = {name.replace("_", "."): value for name, value in config.items()}
    return {"spec": {"kafka": {"authorization": authorization, "config": named}}}


def simple(*users: str) -> dict[str, Any]:
    return {"type": "simple", "superUsers": list(users)}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (kafka(simple("ANONYMOUS")), ["User:ANONYMOUS is a super user"]),
        (kafka(simple("User:ANONYMOUS")), []),  # User:User:ANONYMOUS is nobody
        (kafka(simple(), super_users=ANONYMOUS), []),  # Strimzi ignores it
        (kafka(None), ["spec.kafka.authorization is missing, so everybody may do everything"]),
        (
            kafka(simple(), **{EVERYONE: "True"}),
            [f"spec.kafka.config has {EVERYONE}, so everybody may use what has no ACL"],
        ),
        (kafka(simple(), **{EVERYONE: False}), []),
        (kafka(simple("CN=a")), []),
    ],
)
def test_why_anonymous_clients_have_rights(document: dict[str, Any], why: list[str]) -> None:
    assert rights(document).holding([ANONYMOUS]) == why


def test_it_is_said_which_place_is_in_force() -> None:
    document = kafka(simple("CN=a"), super_users=ANONYMOUS, **{EVERYONE: True})
    assert rights(document).lines() == [
        "super users in force (simple): User:CN=a",
        "super.users in spec.kafka.config, which Strimzi ignores: User:ANONYMOUS",
        f"{EVERYONE}: everybody may use what has no ACL",
    ]
    assert rights(kafka()).lines() == ["no spec.kafka.authorization: everybody may do everything"]


@pytest.mark.parametrize(
    ("value", "users"),
    [
        (None, []),
        ("", []),
        (" User:a; User:CN=b,O=c ;;", ["User:a", "User:CN=b,O=c"]),
        (["User:a", " User:b; User:c "], ["User:a", "User:b", "User:c"]),
        (7, ["7"]),
    ],
)
def test_a_value_of_super_users_is_read_as_what_it_is(value: Any, users: list[str]) -> None:
    assert split(value) == users


@pytest.mark.parametrize(
    ("document", "changes"),
    [
        (kafka(simple("a")), {}),
        (kafka(simple("a", "ANONYMOUS")), {IN_FORCE: (["a", "ANONYMOUS"], ["a"])}),
        (kafka(simple("User:ANONYMOUS")), {IN_FORCE: (["User:ANONYMOUS"], None)}),
        (
            kafka(simple(), super_users="User:c; User:ANONYMOUS ;User:b"),
            {IGNORED: ("User:c; User:ANONYMOUS ;User:b", "User:c;User:b")},
        ),
        (
            kafka(simple(), super_users=["User:a", ANONYMOUS]),
            {IGNORED: (["User:a", ANONYMOUS], ["User:a"])},
        ),
        (kafka(simple("ANONYMOUSE"), super_users="User:ANONYMOUSE"), {}),
    ],
)
def test_only_those_who_are_meant_go_and_others_keep_their_order(
    document: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert removal(document, [ANONYMOUS]) == changes


def test_ports_without_a_login() -> None:
    listeners = [
        {"port": 9092, "tls": False},
        {"port": 9093, "tls": True},
        {"port": 9094, "tls": False, "authentication": {"type": "scram-sha-512"}},
    ]
    assert open_ports({"spec": {"kafka": {"listeners": listeners}}}) == ([9092], [9093])
    assert open_ports({"spec": {"kafka": {}}}) == ([], [])
