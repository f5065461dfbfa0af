"""The loop that reads the pages of a list, without a network."""

from collections.abc import Callable
from typing import Any

import pytest

from ops.http.pages import MOST_PAGES, MOST_READINGS, Pages
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


class Numbered:
    """A list whose pages have numbers, and which changes after each answer.

    + changes: what it is after the first, the second … answer; the last one stays
    """

    def __init__(self, *changes: list[Any]) -> None:
        self.changes = [*changes]
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        entries = self.changes.pop(0) if len(self.changes) > 1 else self.changes[0]
        number = page_number(request)
        self.asked.append(number)
        part = entries[2 * number - 2 : 2 * number]
        following = request.like(query={"page": number + 1}) if 2 * number < len(entries) else None
        return Response(200, "OK", part, following=following, is_numbered=following is not None)


@pytest.mark.parametrize("most", [None, 4])
def test_an_entry_that_slips_to_a_page_that_was_read_is_there(most: int | None) -> None:
    server = Numbered([1, 2, 3, 4, 5], [2, 3, 4, 5])
    assert read(server, most)[0] == [2, 3, 4, 5]  # Not without the 3.
    assert server.asked == [1, 2] * 3


def test_one_that_goes_and_one_that_comes_do_not_make_up_for_one_another() -> None:
    """Each page says that there are six, and six come, without the 3."""
    server = Numbered([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 7])
    assert read(server)[0] == [2, 3, 4, 5, 6, 7]
    assert server.asked == [1, 2, 3] * 3


def test_several_pages_are_read_twice_where_nothing_changes() -> None:
    server = Numbered([1, 2, 3, 4, 5])
    assert read(server)[0] == [1, 2, 3, 4, 5]
    assert server.asked == [1, 2, 3] * 2


@pytest.mark.parametrize(("entries", "most"), [([1, 2], None), ([1, 2, 3, 4], 2), ([], None)])
def test_one_page_is_read_once(entries: list[int], most: int | None) -> None:
    server = Numbered(entries)
    assert read(server, most)[0] == entries[:most]
    assert server.asked == [1]


def test_another_one_in_its_place_is_noticed() -> None:
    server = Numbered([1, 2, 3, 4], [0, 1, 2, 3])
    assert read(server)[0] == [0, 1, 2, 3]
    assert server.asked == [1, 2] * 3


def test_what_changes_of_an_entry_is_no_change_of_the_list() -> None:
    states = [[{"id": n, "status": status} for n in (1, 2, 3)] for status in "abcd"]
    server = Numbered(*states)
    assert [entry["id"] for entry in read(server)[0]] == [1, 2, 3]
    assert server.asked == [1, 2] * 2


def test_a_list_that_changes_all_the_time_is_an_error() -> None:
    shrinking = Numbered(*([*range(n, 200)] for n in range(190)))
    with pytest.raises(
        OSError, match=r"GET /list -> the list changed while its pages were read, 5"
    ):
        read(shrinking)
    assert shrinking.asked.count(1) == MOST_READINGS


def test_behind_a_cursor_nothing_moves() -> None:
    assert read(answers(3)) == ([0, 1, 2, 3, 4, 5], 3)
