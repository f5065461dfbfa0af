"""Lists in chunks.

https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
"""

import base64
import json
from typing import Any

from lab.kubernetes.status import bad_request

API = "meta.k8s.io/v1"


def page(
    found: list[dict[str, Any]], limit: int, token: str, version: int
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a page of objects and the metadata of its list.

    + limit: how many at most, 0 for all
    + token: `continue` of the page before, or nothing
    + version: the resourceVersion of the store
    """
    if token:
        after, version = _decode(token)
        found = [document for document in found if _place(document) > after]
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if limit and len(found) > limit:
        last = _place(found[limit - 1])
        content = {"v": API, "rv": version, "start": "/".join(last) + "\0"}
        metadata["continue"] = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
        metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return found, metadata


def _place(document: dict[str, Any]) -> tuple[str, str]:
    return document["metadata"].get("namespace", ""), document["metadata"]["name"]


def _decode(token: str) -> tuple[tuple[str, str], int]:
    try:
        content = json.loads(base64.urlsafe_b64decode(token))
        namespace, _, name = content["start"].removesuffix("\0").partition("/")
        return (namespace, name), int(content["rv"])
    except (ValueError, KeyError, TypeError):
        raise bad_request("continue key is not valid: illegal base64 data") from None
