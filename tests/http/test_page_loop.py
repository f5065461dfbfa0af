"""The loop that reads the pages of a list, without a network."""

from collections.abc import Callable
from typing import Any

import pytest

from ops.http.pages import MOST_PAGES, Pages
from ops.http.request import Request, get
from ops.http.response import Response


def page_number(request: Request) -> int:
    return int(request.query.get("page", 1))


def answers(last: int, size: int = 2) -> Callable[[Request], Response]:
    """Return what answers with numbered entries, up to a last page."""

    def send(request: Request) -> Response:
        number = page_number(request)
        following = request.like(query={"page": number + 1}) if number < last else None
        first = (number - 1) * size
        return Response(200, "OK", [*range(first, first + size)], following=following)

    return send


def read(send: Callable[[Request], Response], most: int | None = None) -> tuple[Any, int]:
    """Return the body, and how many pages were asked for."""
    pages = Pages(get("/list", all_pages=True, most=most), lambda document: document)
    response = pages.read(send)
    assert response.following is None or not response.ok
    return response.body, len(pages.asked)


def test_all_of_them() -> None:
    assert read(answers(3)) == ([0, 1, 2, 3, 4, 5], 3)


def test_an_only_one() -> None:
    assert read(answers(1)) == ([0, 1], 1)


@pytest.mark.parametrize(
    ("most", "entries", "asked"),
    [(1, 1, 1), (2, 2, 1), (3, 3, 2), (4, 4, 2), (5, 5, 3), (6, 6, 3), (9, 6, 3)],
)
def test_no_more_than_are_wanted(most: int, entries: int, asked: int) -> None:
    assert read(answers(3), most) == ([*range(entries)], asked)


def test_a_list_without_end_has_one() -> None:
    with pytest.raises(OSError, match=f"page {MOST_PAGES} of the list is not the last one"):
        read(answers(MOST_PAGES + 1))
    assert read(answers(MOST_PAGES))[1] == MOST_PAGES


def test_a_page_that_is_refused_is_the_answer() -> None:
    """Half of a list is none."""

    def send(request: Request) -> Response:
        if page_number(request) == 2:
            return Response(403, "Forbidden", {"message": "403 Forbidden"})
        return answers(3)(request)

    body, asked = read(send)
    assert (body, asked) == ({"message": "403 Forbidden"}, 2)


def test_pages_that_go_round() -> None:
    def send(request: Request) -> Response:
        return Response(200, "OK", [], following=request.like(query={"page": 1}))

    with pytest.raises(OSError, match="GET /list -> page 2 of the list leads to one that was read"):
        read(send)


def test_cursors_that_begin_alike_are_told_apart() -> None:
    """What is shown of a long text in a body is its beginning."""

    def send(request: Request) -> Response:
        number = page_number(request)
        following = request.like(body={"after": f"{'x' * 90}{number}"}, query={"page": number + 1})
        return Response(200, "OK", [number], following=following if number < 3 else None)

    pages = Pages(Request("POST", "/x", {"after": None}, reads=True), lambda document: document)
    assert pages.read(send).body == [1, 2, 3]
