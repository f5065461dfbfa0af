"""The pages of GitLab's lists: `Link` headers of REST, cursors of GraphQL.

https://docs.gitlab.com/api/rest/#pagination, https://docs.gitlab.com/api/graphql/#pagination
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from ops.http.request import Request

LARGEST = 100  # GitLab gives no more in one answer.


def query(request: Request) -> dict[str, Any]:
    """Return the parameters of a request; a list is read in the largest pages."""
    is_list = request.all_pages and request.method == "GET"
    return ({"per_page": LARGEST} if is_list else {}) | request.query


def following(request: Request, answer: requests.Response, document: Any) -> Request | None:
    """Return the request for the page after that of an answer, or None where there is none.

    python-gitlab follows a link to wherever it points, with the token and for ever. Of this one
    only the query counts, which is all in which GitLab's pages differ.
    """
    if not request.all_pages:
        return None
    if request.method == "GET":
        link = answer.links.get("next", {}).get("url")
        return request.like(query=parse_qs(urlsplit(link).query)) if link else None
    cursor = _cursor(document)
    if cursor is None:
        return None
    variables = {**request.body["variables"], "after": cursor}
    return request.like(body={**request.body, "variables": variables})


def is_numbered(following: Request | None) -> bool:
    """Return whether the pages of a list have numbers; those of others have cursors."""
    return following is not None and "page" in following.query


def entries(document: Any) -> list[Any]:
    """Return the list in a page of REST, or the nodes of the one connection of a GraphQL answer.

    Raises KeyError, TypeError or ValueError where there is none.
    """
    found: list[Any] = _connection(document)["nodes"] if isinstance(document, dict) else document
    return found


def _cursor(document: Any) -> str | None:
    try:
        page = _connection(document)["pageInfo"]
        # One that has no cursor begins again at the first page, which is found out.
        return str(page["endCursor"] or "") if page["hasNextPage"] else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # Whoever reads the answer sees that it has another form.


def _connection(document: Any) -> Any:
    [connection] = document["data"].values()
    return connection
