"""The contract of PUT, POST and DELETE: versions, names, preconditions."""

from typing import Any

import pytest
from kubernetes_api import Space

MAP = {"metadata": {"name": "settings"}, "data": {"a": "1"}}


def test_a_stale_put_is_a_conflict(space: Space) -> None:
    first = space.made("configmaps", MAP)
    second = space.put("configmaps", "settings", {**first, "data": {"a": "2"}})
    assert second.status == 200
    stale = space.put("configmaps", "settings", {**first, "data": {"a": "3"}})
    assert stale.refusal == (409, "Conflict")
    unguarded = space.put("configmaps", "settings", {**MAP, "data": {"a": "4"}})
    assert (unguarded.status, unguarded.body["data"]) == (200, {"a": "4"})


def test_put_of_what_is_not_there(space: Space) -> None:
    assert space.put("configmaps", "settings", MAP).refusal == (404, "NotFound")


def test_what_exists_is_not_created_again(space: Space) -> None:
    space.made("configmaps", MAP)
    answer = space.create("configmaps", MAP)
    assert answer.refusal == (409, "AlreadyExists")
    assert answer.message == 'configmaps "settings" already exists'


def test_a_namespace_that_is_not_there(space: Space) -> None:
    space.name = "nowhere"
    answer = space.create("configmaps", MAP)
    assert answer.refusal == (404, "NotFound")
    assert answer.message == 'namespaces "nowhere" not found'
    empty = space.api.send("GET", space.path("configmaps"))
    assert (empty.status, empty.body["items"]) == (200, [])


@pytest.mark.parametrize("name", ["Settings", "-a", "a_b", "a" * 254])
def test_a_wrong_name(space: Space, name: str) -> None:
    answer = space.create("configmaps", {"metadata": {"name": name}})
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", "metadata.name")]


def test_no_name(space: Space) -> None:
    answer = space.create("configmaps", {"metadata": {}})
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueRequired", "metadata.name")]
    assert answer.message == (
        'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'
    )


def test_a_generated_name(space: Space) -> None:
    found = space.made("configmaps", {"metadata": {"generateName": "part-"}})
    assert found["metadata"]["name"].startswith("part-")
    assert len(found["metadata"]["name"]) == len("part-") + 5


PRECONDITIONS: dict[str, tuple[dict[str, Any], str]] = {
    "uid": ({"uid": "11111111-2222-3333-4444-555555555555"}, "UID"),
    "version": ({"resourceVersion": "1"}, "ResourceVersion"),
}


@pytest.mark.parametrize("case", PRECONDITIONS)
def test_a_precondition_of_a_deletion(space: Space, case: str) -> None:
    wanted, word = PRECONDITIONS[case]
    made = space.made("configmaps", MAP)
    options = {"preconditions": wanted}
    path = space.path("configmaps", "settings")
    answer = space.api.send("DELETE", path, options)
    assert answer.refusal == (409, "Conflict")
    value = next(iter(wanted.values()))
    live = made["metadata"][next(iter(wanted))]
    assert answer.message.startswith(
        f'Operation cannot be fulfilled on ConfigMap "settings": the {word} in the precondition'
        f" ({value}) does not match the {word} in record ({live}). The object might have been"
    )
    right = {"preconditions": {next(iter(wanted)): live}}
    done = space.api.send("DELETE", path, right)
    assert (done.status, done.body["kind"], done.body["status"]) == (200, "Status", "Success")
    details = {"name": "settings", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    assert done.body["details"] == details
    assert space.api.send("DELETE", path).refusal == (404, "NotFound")


def test_a_dry_run_of_a_deletion(space: Space) -> None:
    space.made("configmaps", MAP)
    path = space.path("configmaps", "settings")
    assert space.api.send("DELETE", path, {"dryRun": ["All"]}).status == 200
    assert space.api.send("DELETE", path, dryRun="All").status == 200
    assert space.get("configmaps", "settings")["data"] == {"a": "1"}


def test_an_unknown_field_of_a_new_object(space: Space) -> None:
    answer = space.create("configmaps", {**MAP, "colour": "blue"})
    assert answer.status == 201
    assert answer.warnings == ('299 - "unknown field \\"colour\\""',)
    assert "colour" not in answer.body
    strict = space.create("configmaps", {**MAP, "colour": "blue"}, fieldValidation="Strict")
    assert strict.refusal == (400, "BadRequest")
    assert 'strict decoding error: unknown field "colour"' in strict.message
