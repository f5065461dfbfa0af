"""The contract of custom resources: Kafka in two versions, a status of its own, types."""

from typing import Any

import pytest
from kubernetes_api import APPLY, MERGE, STRATEGIC, Space

V1, V1BETA2 = "kafka.strimzi.io/v1/kafkas", "kafka.strimzi.io/v1beta2/kafkas"
KAFKA = {
    "metadata": {"name": "cluster"},
    "spec": {
        "kafka": {
            "config": {"super.users": "User:ANONYMOUS", "default.replication.factor": 3},
            "listeners": [{"name": "plain", "port": 9092, "type": "internal", "tls": False}],
        },
    },
}
FULL = {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka"}


@pytest.fixture
def kafka(space: Space) -> dict[str, Any]:
    return space.made(V1, {**FULL, **KAFKA})


def test_kind_and_version_have_to_be_said(space: Space) -> None:
    answer = space.create(V1, KAFKA)
    assert answer.refusal == (400, "BadRequest")


def test_one_object_in_two_versions(space: Space, kafka: dict[str, Any]) -> None:
    old = space.get(V1BETA2, "cluster")
    assert old["apiVersion"] == "kafka.strimzi.io/v1beta2"
    assert old["metadata"]["uid"] == kafka["metadata"]["uid"]
    assert old["spec"] == kafka["spec"]


def test_the_old_version_warns(space: Space, kafka: dict[str, Any]) -> None:
    answer = space.api.send("GET", space.path(V1BETA2, "cluster"))
    assert answer.warnings == (
        '299 - "Version v1beta2 of the Kafka API is deprecated.'
        ' Please use the v1 version instead."',
    )
    assert space.api.send("GET", space.path(V1, "cluster")).warnings == ()


def test_a_strategic_patch_is_not_taken(space: Space, kafka: dict[str, Any]) -> None:
    answer = space.patch(V1, "cluster", {"spec": {}}, STRATEGIC)
    assert answer.refusal == (415, "UnsupportedMediaType")


def test_the_spec_counts_generations_and_the_status_does_not(
    space: Space, kafka: dict[str, Any]
) -> None:
    assert kafka["metadata"]["generation"] == 1
    patch = {"spec": {"kafka": {"config": {"super.users": None}}}, "status": {"x": 1}}
    changed = space.patch(V1, "cluster", patch, MERGE).body
    assert changed["metadata"]["generation"] == 2
    assert "status" not in changed
    assert "super.users" not in changed["spec"]["kafka"]["config"]
    status = {"status": {"observedGeneration": 2}, "spec": {"kafka": None}}
    answer = space.patch(V1, "cluster/status", status, MERGE)
    assert answer.body["status"] == {"observedGeneration": 2}
    assert answer.body["metadata"]["generation"] == 2
    assert answer.body["spec"] == changed["spec"]


def test_a_put_has_to_name_the_version(space: Space, kafka: dict[str, Any]) -> None:
    answer = space.put(V1, "cluster", {**FULL, **KAFKA})
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", "metadata.resourceVersion")]
    assert space.put(V1, "cluster", kafka).status == 200


def test_a_wrong_type(space: Space, kafka: dict[str, Any]) -> None:
    patch = {"spec": {"kafka": {"config": "super.users"}}}
    answer = space.patch(V1, "cluster", patch, MERGE)
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueTypeInvalid", "spec.kafka.config")]
    assert answer.message == (
        'Kafka.kafka.strimzi.io "cluster" is invalid: spec.kafka.config: Invalid value: "string":'
        ' spec.kafka.config in body must be of type object: "string"'
    )


def test_a_list_is_one_value(space: Space, kafka: dict[str, Any]) -> None:
    document = {
        **FULL,
        "metadata": {"name": "cluster"},
        "spec": {"kafka": {"listeners": []}},
    }
    answer = space.patch(V1, "cluster", document, APPLY, fieldManager="two")
    assert answer.refusal == (409, "Conflict")
    assert answer.causes == [("FieldManagerConflict", ".spec.kafka.listeners")]


def test_what_is_not_there(space: Space) -> None:
    answer = space.api.send("GET", space.path(V1, "nothing"))
    assert answer.refusal == (404, "NotFound")
    assert answer.message == 'kafkas.kafka.strimzi.io "nothing" not found'
    details = {"name": "nothing", "group": "kafka.strimzi.io", "kind": "kafkas"}
    assert answer.body["details"] == details


def test_the_group(space: Space) -> None:
    body = space.api.send("GET", "/apis/kafka.strimzi.io").body
    versions = [entry["version"] for entry in body["versions"]]
    assert versions == ["v1", "v1beta2"]
    assert body["preferredVersion"]["version"] == "v1"
