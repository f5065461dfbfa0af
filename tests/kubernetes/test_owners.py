"""Who owns fields that are to be applied."""

from typing import Any

import pytest

from ops.kubernetes.server_side import owners

ROLE = {"kind": "ClusterRole", "metadata": {"name": "a"}, "rules": [{"verbs": ["get"]}]}
LABELS = {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}
SPEC = {"spec": {"template": {"containers": [{"name": "a"}]}, "replicas": 1}}


@pytest.mark.parametrize(
    ("fields", "document", "owns"),
    [
        ({"f:rules": {}}, ROLE, True),
        (LABELS, ROLE, False),
        (LABELS, {**ROLE, "metadata": {"labels": {"app": "x"}}}, True),
        (LABELS, {**ROLE, "metadata": {"labels": {"tier": "x"}}}, False),
        ({**LABELS, "f:rules": {}}, ROLE, True),
        ({"f:spec": {"f:template": {"f:containers": {"k:{}": {}}}}}, SPEC, True),
        ({"f:spec": {"f:paused": {}}}, SPEC, False),
        (None, ROLE, True),
    ],
    ids=["rules", "labels", "a label", "another", "both", "an item", "none", "unknown"],
)
def test_who_owns_a_field_of_the_document(fields: Any, document: Any, owns: bool) -> None:
    live = {"metadata": {"managedFields": [{"manager": "one", "fieldsV1": fields}]}}
    assert owners(live, document) == ({"one"} if owns else set())


def test_nobody_owns_what_is_not_there() -> None:
    assert owners(None, ROLE) == owners({"metadata": {}}, ROLE) == set()
