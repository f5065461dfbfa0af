"""Pages of a list, as GitLab divides it (https://docs.gitlab.com/api/rest/#pagination)."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from lab.server.refused import Refused

LARGEST = 100
MOST_COUNTED = 10_000


def page(request: web.Request, rows: Sequence[Any], counted: bool = True) -> web.Response:
    """Answer with the page of a list that a request asks for.

    + counted: whether GitLab says how many rows there are; of more than 10,000 it never does
    """
    if request.query.get("pagination", "offset") != "offset":
        raise Refused(501, "the lab does not simulate this pagination of a list")
    counted = counted and len(rows) <= MOST_COUNTED
    number, size = _number(request, "page", 1), _number(request, "per_page", 20)
    size = min(size, LARGEST)
    part = list(rows[(number - 1) * size : number * size])
    headers = _headers(request, number, size, len(rows), counted)
    return web.json_response(part, headers=headers)


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit():
        raise Refused(400, f"{name} is invalid", "error")
    if int(text) < 1:
        raise Refused(400, f"{name} does not have a valid value", "error")
    return int(text)


def _headers(
    request: web.Request, number: int, size: int, total: int, counted: bool
) -> dict[str, str]:
    pages = max(1, -(-total // size))
    numbers = {"first": 1}
    numbers |= {"last": pages} if counted else {}
    numbers |= {"prev": number - 1} if number > 1 else {}
    numbers |= {"next": number + 1} if number < pages else {}
    links = [
        f'<{request.url.update_query(page=other, per_page=size)}>; rel="{name}"'
        for name, other in numbers.items()
    ]
    totals = {"X-Total": str(total), "X-Total-Pages": str(pages)} if counted else {}
    return {
        "Link": ", ".join(links),
        "X-Page": str(number),
        "X-Per-Page": str(size),
        "X-Next-Page": str(numbers.get("next", "")),
        "X-Prev-Page": str(numbers.get("prev", "")),
        **totals,
    }
