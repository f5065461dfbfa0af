"""The contract of Leases: compare-and-set, times with six digits, and what a PUT makes."""

from typing import Any

import pytest
from kubernetes_api import MERGE, Space

LEASES, KAFKAS = "coordination.k8s.io/v1/leases", "kafka.strimzi.io/v1/kafkas"
SPEC = {
    "holderIdentity": "anna",
    "leaseDurationSeconds": 120,
    "acquireTime": "2026-11-27T12:00:00.000001Z",
    "renewTime": "2026-11-27T13:00:00.000000+01:00",
    "leaseTransitions": 0,
}
LEASE = {"metadata": {"name": "lock"}, "spec": SPEC}
LAYOUT = "2006-01-02T15:04:05.000000Z07:00"
BEGUN = "2026-11-27T12:00:00"
STALE = (
    'Operation cannot be fulfilled on leases.coordination.k8s.io "lock": the object has been'
    " modified; please apply your changes to the latest version and try again"
)


@pytest.fixture
def lease(space: Space) -> dict[str, Any]:
    return space.made(LEASES, LEASE)


def _with(lease: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {**lease, "spec": {**lease["spec"], **spec}}


def test_times_are_stored_in_utc(lease: dict[str, Any]) -> None:
    assert lease["spec"] == {**SPEC, "renewTime": "2026-11-27T12:00:00.000000Z"}
    assert "generation" not in lease["metadata"]


def test_of_two_who_have_read_the_same_one_writes(space: Space, lease: dict[str, Any]) -> None:
    first = space.put(LEASES, "lock", _with(lease, holderIdentity="bert"))
    assert first.status == 200
    assert first.body["metadata"]["resourceVersion"] != lease["metadata"]["resourceVersion"]
    second = space.put(LEASES, "lock", _with(lease, holderIdentity="carl"))
    assert second.refusal == (409, "Conflict")
    assert second.message == STALE
    assert space.get(LEASES, "lock")["spec"]["holderIdentity"] == "bert"


def test_of_two_who_create_it_one_does(space: Space, lease: dict[str, Any]) -> None:
    answer = space.create(LEASES, LEASE)
    assert answer.refusal == (409, "AlreadyExists")
    assert answer.message == 'leases.coordination.k8s.io "lock" already exists'


@pytest.mark.parametrize("version", [None, "", "0"])
def test_an_update_names_what_it_replaces(
    space: Space, lease: dict[str, Any], version: str | None
) -> None:
    metadata = {"name": "lock", "resourceVersion": version}
    answer = space.put(LEASES, "lock", {**lease, "metadata": metadata})
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", "metadata.resourceVersion")]
    assert answer.message == (
        'leases.coordination.k8s.io "lock" is invalid: metadata.resourceVersion:'
        " Invalid value: 0: must be specified for an update"
    )


def test_a_merge_patch_guards_nothing(space: Space, lease: dict[str, Any]) -> None:
    answer = space.patch(LEASES, "lock", {"spec": {"holderIdentity": "bert"}}, MERGE)
    assert (answer.status, answer.body["spec"]["holderIdentity"]) == (200, "bert")


def test_what_changes_nothing_leaves_the_version(space: Space, lease: dict[str, Any]) -> None:
    answer = space.put(LEASES, "lock", lease)
    assert (answer.status, answer.body["metadata"]) == (200, lease["metadata"])


TIMES = {
    f"{BEGUN}Z": ("Z", ".000000"),
    f"{BEGUN}+00:00": ("+00:00", ".000000"),
    f"{BEGUN}.123Z": (".123Z", ".000000"),
    f"{BEGUN}.123456789Z": ("789Z", "Z07:00"),
    f"{BEGUN}.123456": ("", "Z07:00"),
    "2026-11-27 12:00:00.123456Z": (" 12:00:00.123456Z", "T"),
    "soon": ("soon", "2006"),
    "": ("", "2006"),
}


@pytest.mark.parametrize("time", TIMES)
def test_other_than_six_digits_are_refused(space: Space, lease: dict[str, Any], time: str) -> None:
    rest, part = TIMES[time]
    why = f'parsing time "{time}" as "{LAYOUT}": cannot parse "{rest}" as "{part}"'
    answer = space.put(LEASES, "lock", _with(lease, renewTime=time))
    assert answer.refusal == (400, "BadRequest")
    assert answer.message == f'Lease in version "v1" cannot be handled as a Lease: {why}'
    patched = space.patch(LEASES, "lock", {"spec": {"renewTime": time}}, MERGE)
    assert patched.refusal == (422, "Invalid")
    assert why in patched.message.replace('\\"', '"')


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("leaseDurationSeconds", 0, "must be greater than 0"),
        ("leaseDurationSeconds", -1, "must be greater than 0"),
        ("leaseTransitions", -1, "must be greater than or equal to 0"),
    ],
)
def test_a_number_that_is_too_small(
    space: Space, lease: dict[str, Any], field: str, value: int, words: str
) -> None:
    answer = space.put(LEASES, "lock", _with(lease, **{field: value}))
    assert answer.refusal == (422, "Invalid")
    assert answer.message == (
        f'Lease.coordination.k8s.io "lock" is invalid: spec.{field}:'
        f" Invalid value: {value}: {words}"
    )


@pytest.mark.parametrize("field", SPEC)
def test_everything_may_be_absent(space: Space, lease: dict[str, Any], field: str) -> None:
    answer = space.put(LEASES, "lock", _with(lease, **{field: None}))
    assert answer.status == 200
    assert field not in answer.body["spec"]


def test_nobody_may_hold_it(space: Space, lease: dict[str, Any]) -> None:
    answer = space.put(LEASES, "lock", _with(lease, holderIdentity=""))
    assert (answer.status, answer.body["spec"]["holderIdentity"]) == (200, "")


def test_a_put_makes_one_that_is_not_there_whatever_version_it_names(
    space: Space, lease: dict[str, Any]
) -> None:
    assert space.api.send("DELETE", space.path(LEASES, "lock")).status == 200
    metadata = {"name": "lock", "resourceVersion": lease["metadata"]["resourceVersion"]}
    answer = space.put(LEASES, "lock", {**lease, "metadata": metadata})
    assert answer.status == 201
    assert answer.body["metadata"]["uid"] != lease["metadata"]["uid"]


def test_a_put_with_a_uid_makes_none(space: Space, lease: dict[str, Any]) -> None:
    assert space.api.send("DELETE", space.path(LEASES, "lock")).status == 200
    answer = space.put(LEASES, "lock", lease)
    assert answer.refusal == (409, "Conflict")
    assert f"UID in precondition: {lease['metadata']['uid']}, UID in object meta: " in (
        answer.message
    )


def test_another_one_of_the_name_is_a_conflict(space: Space, lease: dict[str, Any]) -> None:
    assert space.api.send("DELETE", space.path(LEASES, "lock")).status == 200
    other = space.made(LEASES, LEASE)
    versions = (lease["metadata"]["resourceVersion"], other["metadata"]["resourceVersion"])
    for version in versions:
        metadata = {**lease["metadata"], "resourceVersion": version}
        answer = space.put(LEASES, "lock", {**lease, "metadata": metadata})
        assert answer.refusal == (409, "Conflict")


def test_a_custom_resource_is_guarded_too(space: Space) -> None:
    document = {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "spec": {}}
    made = {**document, "metadata": {"name": "cluster"}}
    space.made(KAFKAS, made)
    answer = space.put(KAFKAS, "cluster", made)
    assert answer.refusal == (422, "Invalid")
    assert answer.message == (
        'kafkas.kafka.strimzi.io "cluster" is invalid: metadata.resourceVersion:'
        " Invalid value: 0: must be specified for an update"
    )


def test_a_role_is_made_by_a_put_and_a_config_map_is_not(space: Space) -> None:
    role = {"metadata": {"name": "reader"}, "rules": []}
    assert space.put("rbac.authorization.k8s.io/v1/roles", "reader", role).status == 201
    settings = {"metadata": {"name": "settings"}}
    assert space.put("configmaps", "settings", settings).refusal == (404, "NotFound")
