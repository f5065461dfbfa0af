"""What a client that executes over a WebSocket needs, by the version of the API server."""

from typing import Any

import pytest

from ops.kubernetes.rules import for_web_sockets

CORE = {"apiGroups": [""]}


def exec_rule(*verbs: str, more: tuple[str, ...] = ()) -> dict[str, Any]:
    return {**CORE, "resources": ["pods/exec", *more], "verbs": list(verbs)}


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([exec_rule("create")], [exec_rule("create", "get")]),
        ([exec_rule("get")], [exec_rule("get", "create")]),
        ([exec_rule("get", "create")], [exec_rule("get", "create")]),
        ([exec_rule("*")], [exec_rule("*")]),
        ([exec_rule("list")], [exec_rule("list")]),
        (
            [exec_rule("create", more=("pods",))],
            [exec_rule("create", more=("pods",)), exec_rule("get")],
        ),
        ([{**CORE, "resources": ["pods"], "verbs": ["create"]}],) * 2,
    ],
    ids=["create", "get", "both", "all", "neither", "with another resource", "no exec"],
)
def test_from_1_35_on_it_needs_both(rules: Any, wanted: Any) -> None:
    assert for_web_sockets(rules, (1, 35)) == wanted
    assert for_web_sockets(rules, (1, 34)) == rules
    assert for_web_sockets(rules, (2, 0)) == wanted
