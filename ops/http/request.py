"""A request to an API, in the place where pyinfra expects a shell command.

pyinfra passes a `StringCommand` unchanged from facts and operations to the connector; a `Request`
is one whose text is `METHOD /path {body}`. What a preview shows and what is sent are one object.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self
from urllib.parse import urlencode

from pyinfra.api import StringCommand
from typing_extensions import override

from ops.api.reverse import Reverse
from ops.api.secret import reveal
from ops.http.shown_body import shown_body

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


class Request(StringCommand):
    """Describe one request to the API behind a host.

    + method: GET, HEAD, POST, PUT, PATCH or DELETE
    + path: path below the API's root, beginning with a slash
    + body: JSON document to send; may contain `Secret` values, which are shown as fingerprints
    + query: parameters of the query string
    + content_type: media type of the body
    + changes: the difference that the request makes, a line for each field (`ops.api.difference`)
    + reads: true where a POST or PATCH changes nothing (GraphQL query, `dryRun=All`)
    + missing_ok: true where 404 is an answer; the fact then gets `null`
    + all_pages: true where the answer is a list of which all pages are wanted
    + most: of such a list, how many entries are enough
    + lookup: the read that tells, after the answer to a write was lost, whether it was done; by
      default the path itself, except for a POST
    + found: picks out of that read what the write brought about, or returns None; by default the
      fields of the body are compared
    + done: is given the document that a write has brought about
    """

    def __init__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        changes: Sequence[str] = (),
        reads: bool = False,
        missing_ok: bool = False,
        all_pages: bool = False,
        most: int | None = None,
        lookup: "Request | None" = None,
        found: Callable[[Any], Any | None] | None = None,
        done: Callable[[Any], None] | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.body = body
        self.query = dict(query or {})
        self.content_type = content_type
        self.changes = list(changes)
        self.missing_ok = missing_ok
        self.attempts = 5  # at most, where sending it again is safe
        self.all_pages = all_pages
        self.most = most
        self.found = found
        self.done = done
        self.asks: Callable[[], None] | None = None  # before each attempt; it may raise
        self.reverse: Reverse | None = None
        self.lookup = lookup
        if lookup is None and method in ("PUT", "PATCH", "DELETE"):
            self.lookup = get(path, missing_ok=True)
        self.mutating = not reads and method not in ("GET", "HEAD")
        self.target = f"{path}?{urlencode(self.query, doseq=True)}" if self.query else path
        super().__init__(method, self.target, *([] if body is None else [shown_body(body)]))

    @property
    def payload(self) -> Any:
        """The body with the real values of its secrets: for the connector only."""
        return reveal(self.body)

    @override
    def get_raw_value(self) -> str:
        # pyinfra's shell connectors ask for this; ours never do.
        raise OSError(f"{self} is a request to an API, and this host takes shell commands")

    def like(
        self, *, path: str = "", query: Mapping[str, Any] | None = None, body: Any = None
    ) -> "Request":
        """Return the same request to another path, or for another page of a list.

        + path: that of the resource, whose version was not known before
        + query, body: what they are instead
        """
        other = Request(
            self.method, path or self.path, self.body if body is None else body,
            query=self.query if query is None else query, content_type=self.content_type,
            changes=self.changes, missing_ok=self.missing_ok, all_pages=self.all_pages,
            most=self.most, found=self.found, done=self.done, reads=not self.mutating,
        )  # fmt: skip
        other.attempts, other.asks, other.reverse = self.attempts, self.asks, self.reverse
        return other

    def taken_back_by(self, reverse: Reverse) -> Self:
        """Return this write with what takes it back (`deploys/undo.py`), for the run's record."""
        self.reverse = reverse
        return self

    @classmethod
    def parse(cls, text: str) -> "Request":
        """Read `METHOD /path [JSON body]`, as typed after `pyinfra HOST exec --`.

        Raises ValueError in words where the text is not a request.
        """
        method, _, rest = text.strip().partition(" ")
        path, _, body = rest.strip().partition(" ")
        if method not in METHODS or not path.startswith("/"):
            raise ValueError(
                f"{text.strip()!r} is not a request, and this host is an API resource:"
                " it takes METHOD /path [JSON body], for example GET /version"
            )
        try:
            return cls(method, path, json.loads(body) if body.strip() else None)
        except ValueError:
            raise ValueError(
                f"the body of {method} {path} is not JSON: quote it for the shell"
            ) from None


def get(
    path: str,
    *,
    missing_ok: bool = False,
    all_pages: bool = False,
    most: int | None = None,
    **query: Any,
) -> Request:
    """Make a GET request.

    + path, missing_ok, all_pages, most: as of `Request`
    + query: parameters of the query string
    """
    return Request("GET", path, query=query, missing_ok=missing_ok, all_pages=all_pages, most=most)


def put(path: str, body: Mapping[str, Any], changes: Sequence[str]) -> Request:
    """Make a PUT request.

    + path, body, changes: as of `Request`
    """
    return Request("PUT", path, dict(body), changes=changes)


def merge_patch(
    path: str, body: Mapping[str, Any], changes: Sequence[str] = (), *, dry_run: bool = False
) -> Request:
    """Make a JSON merge patch (RFC 7386).

    + path, body, changes: as of `Request`
    + dry_run: let the Kubernetes API compute it and store nothing
    """
    query = {"dryRun": "All"} if dry_run else {}
    return Request(
        "PATCH",
        path,
        dict(body),
        query=query,
        content_type=MERGE_PATCH,
        changes=changes,
        reads=dry_run,
    )


def json_patch(
    path: str,
    operations: Sequence[Mapping[str, Any]],
    changes: Sequence[str] = (),
    *,
    dry_run: bool = False,
) -> Request:
    """Make a JSON patch (RFC 6902), which may test what it replaces.

    + operations: `{"op": "test", "path": "/spec/…", "value": …}`, one after the other
    + path, changes: as of `Request`
    + dry_run: let the Kubernetes API compute it and store nothing
    """
    return Request(
        "PATCH",
        path,
        list(operations),
        query={"dryRun": "All"} if dry_run else {},
        content_type=JSON_PATCH,
        changes=changes,
        reads=dry_run,
    )


def apply(
    path: str,
    document: Mapping[str, Any],
    manager: str,
    changes: Sequence[str] = (),
    *,
    force: bool = False,
    dry_run: bool = False,
) -> Request:
    """Make a server-side apply of a Kubernetes object.

    + path, changes: as of `Request`
    + document: the fields that are wanted
    + manager: who owns them afterwards
    + force: take over fields of other managers, which are a conflict otherwise
    + dry_run: let the Kubernetes API compute it and store nothing
    """
    query = {"fieldManager": manager}
    query |= ({"force": "true"} if force else {}) | ({"dryRun": "All"} if dry_run else {})
    return Request(
        "PATCH",
        path,
        dict(document),
        query=query,
        content_type=APPLY_PATCH,
        changes=changes,
        reads=dry_run,
    )


def graphql(query: str) -> Request:
    """Make a GraphQL query (not a mutation) for all pages of one list, many resources at a time.

    + query: the document; it takes `$after`, the cursor at which a page begins
    """
    body = {"query": query, "variables": {"after": None}}
    return Request("POST", "/api/graphql", body, reads=True, all_pages=True)
