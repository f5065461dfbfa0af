"""The contract of PATCH: merge, JSON and strategic patches."""

from typing import Any

import pytest
from kubernetes_api import JSON, JSON_PATCH, MERGE, STRATEGIC, Space

IN_OUR_REQUEST = "the server rejected our request due to an error in our request"


@pytest.fixture
def settings(space: Space) -> dict[str, Any]:
    return space.made("configmaps", {"metadata": {"name": "settings"}, "data": {"a": "1"}})


def test_a_stale_version_is_a_conflict(space: Space, settings: dict[str, Any]) -> None:
    stale = settings["metadata"]["resourceVersion"]
    first = space.patch("configmaps", "settings", {"data": {"a": "2"}}, MERGE)
    assert (first.status, first.body["data"]) == (200, {"a": "2"})
    patch = {"metadata": {"resourceVersion": stale}, "data": {"a": "3"}}
    answer = space.patch("configmaps", "settings", patch, MERGE)
    assert answer.refusal == (409, "Conflict")
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "settings": the object has been modified;'
        " please apply your changes to the latest version and try again"
    )
    assert answer.body["details"] == {"name": "settings", "kind": "configmaps"}
    assert space.get("configmaps", "settings")["data"] == {"a": "2"}


def test_zero_is_no_version_and_a_word_is_a_fault_of_the_server(
    space: Space, settings: dict[str, Any]
) -> None:
    patch = {"metadata": {"resourceVersion": "0"}, "data": {"a": "2"}}
    assert space.patch("configmaps", "settings", patch, MERGE).status == 200
    patch = {"metadata": {"resourceVersion": "abc"}, "data": {"a": "3"}}
    answer = space.patch("configmaps", "settings", patch, MERGE)
    assert answer.refusal == (500, "")
    assert answer.message == 'strconv.ParseUint: parsing "abc": invalid syntax'
    assert space.get("configmaps", "settings")["data"] == {"a": "2"}


@pytest.mark.parametrize("stale", [False, True])
def test_another_uid_is_invalid(space: Space, settings: dict[str, Any], stale: bool) -> None:
    metadata = {"uid": "11111111-2222-3333-4444-555555555555"}
    if stale:
        space.patch("configmaps", "settings", {"data": {"a": "2"}}, MERGE)
        metadata["resourceVersion"] = settings["metadata"]["resourceVersion"]
    answer = space.patch("configmaps", "settings", {"metadata": metadata}, MERGE)
    if stale:
        assert answer.refusal == (409, "Conflict")
    else:
        assert answer.refusal == (422, "Invalid")
        # 1.34 says it twice.
        assert set(answer.causes) == {("FieldValueInvalid", "metadata.uid")}
        assert len(answer.causes) == 1 or space.api.is_old
        assert "field is immutable" in answer.message


def test_null_takes_a_field_away(space: Space, settings: dict[str, Any]) -> None:
    answer = space.patch("configmaps", "settings", {"data": {"a": None, "b": "2"}}, MERGE)
    assert (answer.status, answer.body["data"]) == (200, {"b": "2"})


def test_nothing_new_is_no_new_version(space: Space, settings: dict[str, Any]) -> None:
    answer = space.patch("configmaps", "settings", {"data": {"a": "1"}}, MERGE)
    assert answer.status == 200
    assert answer.body["metadata"]["resourceVersion"] == settings["metadata"]["resourceVersion"]


def test_what_is_not_there_is_not_found(space: Space) -> None:
    for content_type, patch in ((MERGE, {}), (JSON_PATCH, []), (STRATEGIC, {})):
        answer = space.patch("configmaps", "nothing", patch, content_type)
        assert answer.refusal == (404, "NotFound")
        assert answer.message == 'configmaps "nothing" not found'
        assert answer.body["details"] == {"name": "nothing", "kind": "configmaps"}


# operations -> status, reason and what the data is then
OPERATIONS: dict[str, tuple[list[dict[str, Any]], tuple[int, str], dict[str, str] | None]] = {
    "a test that holds": (
        [
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "replace", "path": "/data/a", "value": "2"},
        ],
        (200, ""),
        {"a": "2"},
    ),
    "a test that fails": (
        [
            {"op": "test", "path": "/data/a", "value": "9"},
            {"op": "replace", "path": "/data/a", "value": "2"},
        ],
        (422, "Invalid"),
        None,
    ),
    "a test of what is missing": (
        [{"op": "test", "path": "/data/x", "value": "9"}],
        (422, "Invalid"),
        None,
    ),
    "a test below what is missing": (
        [{"op": "test", "path": "/binaryData/x", "value": "9"}],
        (422, "Invalid"),
        None,
    ),
    "a test that nothing is there": (
        [
            {"op": "test", "path": "/data/x", "value": None},
            {"op": "add", "path": "/data/x", "value": "2"},
        ],
        (200, ""),
        {"a": "1", "x": "2"},
    ),
    "replace what is missing": (
        [{"op": "replace", "path": "/data/x", "value": "2"}],
        (200, ""),
        {"a": "1", "x": "2"},
    ),
    "remove what is missing": ([{"op": "remove", "path": "/data/x"}], (422, "Invalid"), None),
    "add below what is missing": (
        [{"op": "add", "path": "/binaryData/x", "value": "MQ=="}],
        (422, "Invalid"),
        None,
    ),
    "add without a value": ([{"op": "add", "path": "/data/x"}], (200, ""), {"a": "1", "x": ""}),
    "copy": (
        [{"op": "copy", "from": "/data/a", "path": "/data/b"}],
        (200, ""),
        {"a": "1", "b": "1"},
    ),
    "move": ([{"op": "move", "from": "/data/a", "path": "/data/b"}], (200, ""), {"b": "1"}),
    "copy what is missing": (
        [{"op": "copy", "from": "/data/x", "path": "/data/b"}],
        (200, ""),
        {"a": "1", "b": ""},
    ),
    "move what is missing": (
        [{"op": "move", "from": "/data/x", "path": "/data/b"}],
        (422, "Invalid"),
        None,
    ),
    "an unknown operation": ([{"op": "grow", "path": "/data/a"}], (422, "Invalid"), None),
    "away with the metadata": ([{"op": "remove", "path": "/metadata"}], (400, "BadRequest"), None),
}


@pytest.mark.parametrize("case", OPERATIONS)
def test_a_json_patch(space: Space, settings: dict[str, Any], case: str) -> None:
    operations, refusal, data = OPERATIONS[case]
    answer = space.patch("configmaps", "settings", operations, JSON_PATCH)
    assert answer.refusal == refusal, answer.body
    if data is None:
        assert space.get("configmaps", "settings") == settings
    else:
        assert answer.body["data"] == data
    if refusal == (422, "Invalid"):
        assert answer.message == IN_OUR_REQUEST


def test_a_wrong_type_of_body(space: Space, settings: dict[str, Any]) -> None:
    answer = space.patch("configmaps", "settings", {"data": {"a": "2"}}, JSON)
    assert answer.refusal == (415, "UnsupportedMediaType")
    assert answer.message == "415: Unsupported Media Type"


@pytest.mark.parametrize("content_type", [MERGE, STRATEGIC, JSON_PATCH])
def test_what_is_no_json_is_a_bad_request(
    space: Space, settings: dict[str, Any], content_type: str
) -> None:
    answer = space.patch("configmaps", "settings", "{", content_type)
    assert answer.refusal == (400, "BadRequest")


@pytest.mark.parametrize("content_type", [MERGE, STRATEGIC])
def test_an_unknown_field_is_dropped_with_a_warning(
    space: Space, settings: dict[str, Any], content_type: str
) -> None:
    patch = {"colour": "blue", "data": {"b": "2"}}
    answer = space.patch("configmaps", "settings", patch, content_type)
    assert answer.status == 200
    assert answer.body["data"] == {"a": "1", "b": "2"}
    assert "colour" not in answer.body
    assert answer.warnings == ('299 - "unknown field \\"colour\\""',)
    ignored = space.patch("configmaps", "settings", patch, content_type, fieldValidation="Ignore")
    assert (ignored.status, ignored.warnings) == (200, ())
    strict = space.patch("configmaps", "settings", patch, content_type, fieldValidation="Strict")
    assert strict.refusal == (422, "Invalid")
    assert 'unknown field "colour"' in strict.message


@pytest.mark.parametrize("content_type", [MERGE, STRATEGIC])
def test_a_wrong_kind_of_value(space: Space, settings: dict[str, Any], content_type: str) -> None:
    answer = space.patch("configmaps", "settings", {"data": {"a": 1}}, content_type)
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", "patch")]
    assert space.get("configmaps", "settings") == settings


@pytest.mark.parametrize("value", ["Some", ""])
def test_an_unknown_dry_run_is_refused(space: Space, settings: dict[str, Any], value: str) -> None:
    answer = space.patch("configmaps", "settings", {"data": {"a": "2"}}, MERGE, dryRun=value)
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueNotSupported", "dryRun")]
    assert space.get("configmaps", "settings") == settings


def test_a_dry_run_validates_and_stores_nothing(space: Space, settings: dict[str, Any]) -> None:
    right = space.patch("configmaps", "settings", {"data": {"a": "2"}}, MERGE, dryRun="All")
    assert (right.status, right.body["data"]) == (200, {"a": "2"})
    wrong = space.patch("configmaps", "settings", {"data": {"a b": "2"}}, MERGE, dryRun="All")
    assert wrong.refusal == (422, "Invalid")
    assert wrong.causes == [("FieldValueInvalid", "data[a b]")]
    assert space.get("configmaps", "settings") == settings


def test_another_name_is_a_bad_request(space: Space, settings: dict[str, Any]) -> None:
    answer = space.patch("configmaps", "settings", {"metadata": {"name": "other"}}, MERGE)
    assert answer.refusal == (400, "BadRequest")
    assert answer.message == (
        "the name of the object (other) does not match the name on the URL (settings)"
    )


def test_force_is_for_apply_alone(space: Space, settings: dict[str, Any]) -> None:
    answer = space.patch("configmaps", "settings", {"data": {}}, MERGE, force="true")
    assert answer.refusal == (422, "Invalid")
    assert answer.causes == [("FieldValueForbidden", "force")]
