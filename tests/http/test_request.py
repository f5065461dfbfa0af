import pytest

from ops.http.request import Request, get, graphql, merge_patch


def test_the_text_of_a_request() -> None:
    assert str(Request("PUT", "/runners/17", {"tag_list": ["a"]})) == (
        'PUT /runners/17 {"tag_list": ["a"]}'
    )
    assert str(get("/runners/all", per_page=100)) == "GET /runners/all?per_page=100"


@pytest.mark.parametrize(
    ("text", "method", "path", "body"),
    [
        ("GET /version", "GET", "/version", None),
        ('PUT /runners/17 {"paused": true}', "PUT", "/runners/17", {"paused": True}),
        (" DELETE /projects/280/pipelines/1 ", "DELETE", "/projects/280/pipelines/1", None),
    ],
)
def test_parse(text: str, method: str, path: str, body: object) -> None:
    request = Request.parse(text)
    assert (request.method, request.path, request.body) == (method, path, body)


@pytest.mark.parametrize("text", ["uptime", "get /version", "GET version", "", "PUT"])
def test_what_is_no_request_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="METHOD /path"):
        Request.parse(text)


def test_a_body_that_is_not_json_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="PUT /x is not JSON") as caught:
        Request.parse("PUT /x {password}")
    assert "password" not in str(caught.value)


def test_what_changes_something() -> None:
    assert Request("PUT", "/x").mutating
    assert merge_patch("/x", {}).mutating
    assert not get("/x").mutating
    assert not merge_patch("/x", {}, dry_run=True).mutating
    assert not graphql("query { x }").mutating


def test_a_shell_host_refuses_a_request() -> None:
    with pytest.raises(OSError, match="takes shell commands"):
        get("/version").get_raw_value()
