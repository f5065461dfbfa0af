"""Items of the lists that an apply would replace: what is there stays, what is missing is added."""

from typing import Any

import pytest

from ops.kubernetes.union import with_live_items

RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
OTHER = {"apiGroups": ["apps"], "resources": ["statefulsets/scale"], "verbs": ["update"]}
SUBJECT = {"kind": "ServiceAccount", "name": "default", "namespace": "gitlab-runner"}
USER = {"kind": "User", "name": "me"}


@pytest.mark.parametrize("name", ["rules", "subjects"])
def test_live_items_come_first_and_missing_ones_are_added(name: str) -> None:
    document = {"kind": "x", name: [RULE, SUBJECT]}
    wanted = {"kind": "x", name: [OTHER, SUBJECT, RULE]}
    assert with_live_items(document, {name: [OTHER, SUBJECT], "kind": "y"}) == wanted
    assert document == {"kind": "x", name: [RULE, SUBJECT]}


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        ({"verbs": ["list", "get"], "resources": ["pods"], "apiGroups": [""]}, RULE),
        ({**RULE, "resourceNames": []}, RULE),
        ({**SUBJECT, "apiGroup": ""}, SUBJECT),
        ({"namespace": "gitlab-runner", "kind": "ServiceAccount", "name": "default"}, SUBJECT),
        ({**USER, "apiGroup": "rbac.authorization.k8s.io"}, USER),
    ],
    ids=["order", "empty list", "empty text", "fields", "default"],
)
def test_the_same_item_is_not_added_twice(live: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert with_live_items({"rules": [wanted]}, {"rules": [live]}) == {"rules": [live]}


def test_an_item_that_is_wanted_twice_is_added_once() -> None:
    turned = dict(reversed(SUBJECT.items()))
    assert with_live_items({"subjects": [SUBJECT, turned]}, {}) == {"subjects": [SUBJECT]}


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        ({**RULE, "resourceNames": ["one"]}, RULE),
        ({**RULE, "verbs": ["get"]}, RULE),
        ({**SUBJECT, "namespace": "other"}, SUBJECT),
        ({**USER, "kind": "Group"}, USER),
    ],
)
def test_an_item_that_differs_is_another_one(live: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert with_live_items({"rules": [wanted]}, {"rules": [live]}) == {"rules": [live, wanted]}


def test_other_lists_and_what_the_document_does_not_name_stay_out() -> None:
    live = {"rules": [RULE], "subjects": None, "items": [1]}
    assert with_live_items({"items": [2]}, live) == {"items": [2]}
    assert with_live_items({"subjects": [USER]}, live) == {"subjects": [USER]}
