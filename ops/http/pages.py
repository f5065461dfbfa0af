"""Lists that an API gives in pages: read to their end, and each loop has one.

How a page names the next one is the API's matter (GitLab: `Link: rel="next"`, or a cursor of
GraphQL; Kubernetes: `continue`). Its client says it with `Response.following`.

Behind a cursor nothing moves. Where pages have numbers, an entry that is removed from one that was
read moves another one there, unseen; that each page counts as many entries says nothing, where one
is made meanwhile. So such a list of several pages is used where two readings have the same entries.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ops.http.request import Request
from ops.http.response import Response

# Of 100 entries each. No list of a site comes near; 1,000 answers take longer than the deadline.
MOST_PAGES = 1000
MOST_READINGS = 5


class Pages:
    """One list.

    + request: for its first page
    + entries: returns the entries of a body, as the list object that is in it; raises KeyError,
      TypeError or ValueError where it has none
    """

    def __init__(self, request: Request, entries: Callable[[Any], list[Any]]) -> None:
        self.request = request
        self.entries = entries
        self.asked: set[str] = set()

    def read(self, send: Callable[[Request], Response]) -> Response:
        """Return the first answer with the entries of all pages in it, or one that is no success.

        + send: sends the request for a page

        Raises OSError in words where a page leads to one that was there, there is no end, or the
        list changes all the time.
        """
        before: list[str] | None = None
        for _ in range(MOST_READINGS):
            self.asked.clear()
            response, is_fixed = self._read(send)
            if is_fixed or not response.ok:
                return response
            now = [_identity(entry) for entry in self._entries(response)]
            if now == before:
                return response
            before = now
        raise OSError(
            f"{self.request.method} {self.request.path} -> the list changed while its pages were"
            f" read, {MOST_READINGS} times: nothing of it is used. Run again when it is quiet"
        )

    def _read(self, send: Callable[[Request], Response]) -> tuple[Response, bool]:
        """Return the answer of one reading, and whether no entry could move meanwhile."""
        first = response = self._send(self.request, send)
        if not first.ok or (first.following is None and self.request.most is None):
            return first, True
        found = self._entries(first)
        most = self.request.most
        while response.following is not None and (most is None or len(found) < most):
            response = self._send(response.following, send)
            if not response.ok:
                return response, True
            found += self._entries(response)
        if most is not None:
            del found[most:]
        # Only the first of several pages surely has one that follows.
        return replace(first, following=None), response is first or not first.is_numbered

    def _send(self, request: Request, send: Callable[[Request], Response]) -> Response:
        name = json.dumps([request.path, request.query, request.payload], sort_keys=True)
        if name in self.asked:
            raise self._error("leads to one that was read before")
        if len(self.asked) == MOST_PAGES:
            raise self._error("is not the last one, and a list of this site has not so many")
        self.asked.add(name)
        return send(request)

    def _entries(self, response: Response) -> list[Any]:
        try:
            found = self.entries(response.body)
        except (AttributeError, KeyError, TypeError, ValueError):
            found = None
        if not isinstance(found, list):
            raise self._error("is no list")
        return found

    def _error(self, what: str) -> OSError:
        return OSError(
            f"{self.request.method} {self.request.path} -> page {len(self.asked)} of the list"
            f" {what}: nothing of it is used. Is that address the API's, and what stands before it?"
        )


def _identity(entry: Any) -> str:
    """Return what of an entry does not change while it is there."""
    number = entry.get("id") if isinstance(entry, dict) else None
    return json.dumps(number if isinstance(number, int) else entry, sort_keys=True)
