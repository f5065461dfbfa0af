"""Rules of a role: what others add to them, as the API's authorizer reads them."""

from typing import Any

import pytest

from ops.kubernetes.rules import actions, added

WANTED = [{"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get"]}]


def rule(**fields: list[str]) -> dict[str, Any]:
    return {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get"], **fields}


@pytest.mark.parametrize(
    ("live", "is_covered"),
    [
        (rule(), True),
        (rule(verbs=["list", "get"], apiGroups=["", "apps"]), True),
        (rule(verbs=["*"]), True),
        (rule(apiGroups=["*"]), True),
        (rule(resources=["*"]), True),
        (rule(resources=["*/scale"]), True),
        (rule(resources=["deployments"]), False),
        (rule(resources=["deployments/*"]), False),
        (rule(resources=["*/status"]), False),
        (rule(apiGroups=[""]), False),
        (rule(verbs=["list"]), False),
        (rule(resourceNames=["one"]), False),
        ({"nonResourceURLs": ["*"], "verbs": ["*"]}, False),
    ],
    ids=str,
)
def test_what_a_rule_allows_already_is_not_added(live: dict[str, Any], is_covered: bool) -> None:
    assert (added(WANTED, [live]) == []) is is_covered


def test_several_rules_count_together_and_what_is_left_is_said() -> None:
    wanted = [rule(verbs=["get", "list", "watch"]), rule(resourceNames=["a", "b"], verbs=["patch"])]
    live = [rule(verbs=["list"]), rule(verbs=["get"]), rule(resourceNames=["a"], verbs=["patch"])]
    left = "watch deployments/scale.apps, patch deployments/scale.apps b"
    assert actions(added(wanted, live)) == left


def test_paths_that_are_no_resources_are_nothing_in_a_namespace() -> None:
    assert added([{"nonResourceURLs": ["/healthz"], "verbs": ["get"]}], []) == []
