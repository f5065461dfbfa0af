from dataclasses import dataclass
from typing import Any

import pytest

from ops.http.lookup import was_done
from ops.http.request import Request, apply, get, json_patch, merge_patch, put


@dataclass
class Answer:
    status: int
    body: Any


FIELD = "/spec/config/super.users"
REMOVE = json_patch(
    "/k", [{"op": "test", "path": FIELD, "value": "a"}, {"op": "remove", "path": FIELD}]
)
REPLACE = json_patch("/k", [{"op": "replace", "path": FIELD, "value": "b"}])
ESCAPED = json_patch("/k", [{"op": "add", "path": "/notes/example.com~1a~0b", "value": 1}])
PUT = put("/runners/17", {"tag_list": ["a", "b"]}, [])
MERGE = merge_patch("/k", {"spec": {"suspend": True}, "metadata": {"resourceVersion": "7"}})
UNSET = merge_patch("/k", {"spec": {"suspend": None}})
APPLY = apply("/k", {"kind": "ClusterRole", "rules": [{"verbs": ["get"]}]}, "me")
DELETE = Request("DELETE", "/projects/280/pipelines/1")


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (REMOVE, {"spec": {"config": {"other": 1}}}),
        (REMOVE, {"spec": {}}),
        (REPLACE, {"spec": {"config": {"super.users": "b"}}}),
        (ESCAPED, {"notes": {"example.com/a~b": 1}}),
        (PUT, {"id": 17, "tag_list": ["b", "a"]}),
        (MERGE, {"spec": {"suspend": True, "schedule": "x"}, "metadata": {"resourceVersion": "8"}}),
        (UNSET, {"spec": {"schedule": "x"}}),
        (APPLY, {"kind": "ClusterRole", "rules": [{"verbs": ["get"]}], "metadata": {}}),
    ],
)
def test_what_is_there_was_done(request_: Request, body: Any) -> None:
    assert was_done(request_, Answer(200, body)) == body


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (REMOVE, {"spec": {"config": {"super.users": "a"}}}),
        (REMOVE, {"spec": {"config": {"super.users": None}}}),
        (REPLACE, {"spec": {"config": {"super.users": "a"}}}),
        (REPLACE, {"spec": {"config": {}}}),
        (REPLACE, None),
        (ESCAPED, {"notes": {}}),
        (PUT, {"id": 17, "tag_list": ["a"]}),
        (MERGE, {"spec": {"suspend": False}}),
        (UNSET, {"spec": {"suspend": True}}),
        (APPLY, {"kind": "ClusterRole", "rules": []}),
    ],
)
def test_what_is_not_there_was_not_done(request_: Request, body: Any) -> None:
    assert was_done(request_, Answer(200, body)) is None


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_read_that_fails_shows_nothing(status: int) -> None:
    assert was_done(PUT, Answer(status, {"tag_list": ["a", "b"]})) is None
    assert was_done(REMOVE, Answer(status, {"spec": {}})) is None


def test_what_was_deleted_is_gone() -> None:
    assert was_done(DELETE, Answer(404, None)) == {}
    assert was_done(DELETE, Answer(200, {"id": 1})) is None
    assert was_done(DELETE, Answer(503, None)) is None


def test_a_request_may_say_itself_what_it_has_brought_about() -> None:
    post = Request(
        "POST", "/pipelines", {"ref": "x"}, lookup=get("/pipelines"),
        found=lambda pipelines: next((p for p in pipelines if p["id"] > 7), None),
    )  # fmt: skip
    assert was_done(post, Answer(200, [{"id": 7}, {"id": 8}])) == {"id": 8}
    assert was_done(post, Answer(200, [{"id": 7}])) is None
