"""Whether a write whose answer was lost was done: reading again decides."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ops.api.difference import contains
from ops.http.request import JSON_PATCH, Request

ABSENT = object()


class Answer(Protocol):
    """An answer of an API: its HTTP status and its decoded body."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> Any: ...


def was_done(request: Request, answer: Answer) -> Any | None:
    """Return what a write brought about, or None where it was not done.

    + request: the write whose answer was lost
    + answer: the answer to `request.lookup`, sent afterwards
    """
    if request.method == "DELETE" and answer.status == 404:
        return {}
    if not 200 <= answer.status < 300:
        return None
    if request.found is not None:
        return request.found(answer.body)
    if request.method == "DELETE":
        return None
    if request.content_type == JSON_PATCH:
        done = _is_patched(answer.body, request.payload)
    else:
        done = contains(answer.body, request.payload)
    return answer.body if done else None


def _is_patched(document: Any, operations: Sequence[Mapping[str, Any]]) -> bool:
    changes = [operation for operation in operations if operation["op"] != "test"]
    return all(_at(document, op["path"]) == op.get("value", ABSENT) for op in changes)


def _at(document: Any, pointer: str) -> Any:
    """Return the value at a JSON pointer (RFC 6901) into objects, or ABSENT."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, Mapping) or key not in document:
            return ABSENT
        document = document[key]
    return document
