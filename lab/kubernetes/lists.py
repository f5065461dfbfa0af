"""Lists in chunks.

https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
"""

import base64
import json
from collections.abc import Hashable
from typing import Any

from lab.kubernetes.status import ApiError, bad_request

API = "meta.k8s.io/v1"
REMEMBERED = 500
NOW = -1  # in a token: go on in the list as it is by then
EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start"
    " a new list without the continue parameter, or use the continue token in this response to"
    " retrieve the remainder of the results. Continuing with the provided token results in an"
    " inconsistent list - objects that were created, modified, or deleted between the time the"
    " first chunk was returned and now may show up in the list."
)

Documents = list[dict[str, Any]]


class Pages:
    """What is left of lists that were read in part, as it was at their beginning."""

    def __init__(self) -> None:
        self._left: dict[tuple[Hashable, str], tuple[Documents, int]] = {}

    def page(
        self,
        what: Hashable,
        found: Documents,
        limit: int,
        token: str,
        version: int,
        is_whole: bool,
    ) -> tuple[Documents, dict[str, Any]]:
        """Return a page of objects and the metadata of its list.

        + what: which list it is
        + found: the list as it is now
        + limit: how many at most, 0 for all
        + token: `continue` of the page before, or nothing
        + version: the resourceVersion of the store
        + is_whole: no selector has left something out, so what remains can be counted
        """
        if (what, token) in self._left:
            found, version = self._left[what, token]
        elif token:
            after, moment = _decode(token)
            if moment != NOW:
                raise _expired(after)
            found = [document for document in found if _place(document) > after]
        metadata: dict[str, Any] = {"resourceVersion": str(version)}
        if limit > 0 and len(found) > limit:
            following = _encode(_place(found[limit - 1]), version)
            metadata["continue"] = following
            if is_whole:
                metadata["remainingItemCount"] = len(found) - limit
            self._left[what, following] = (found[limit:], version)
            if len(self._left) > REMEMBERED:
                del self._left[next(iter(self._left))]
            found = found[:limit]
        return found, metadata


def limit_of(text: str) -> int:
    """Return the number that `limit` is."""
    try:
        return int(text)
    except ValueError:
        text = f'strconv.ParseInt: parsing "{text}": invalid syntax'
        raise bad_request(text) from None


def _expired(after: tuple[str, str]) -> ApiError:
    error = ApiError(410, "Expired", EXPIRED)
    error.status["metadata"] = {"continue": _encode(after, NOW)}
    return error


def _place(document: dict[str, Any]) -> tuple[str, str]:
    return document["metadata"].get("namespace", ""), document["metadata"]["name"]


def _encode(place: tuple[str, str], version: int) -> str:
    content = json.dumps({"v": API, "rv": version, "start": "/".join(place) + "\0"})
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _decode(token: str) -> tuple[tuple[str, str], int]:
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        namespace, _, name = content["start"].removesuffix("\0").partition("/")
        return (namespace, name), int(content["rv"])
    except (ValueError, KeyError, TypeError):
        text = "continue key is not valid: illegal base64 data at input byte 0"
        raise bad_request(f"invalid continue token: {text}") from None
