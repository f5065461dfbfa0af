"""Lists that a server-side apply replaces as a whole: what others have put there stays.

`rules` of a role and `subjects` of a binding are one value to the API (`listType: atomic`).
https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

import json
from collections.abc import Mapping
from typing import Any

LISTS = ("rules", "subjects")


def with_live_items(document: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the items that the live object has in such lists, and its own.

    + document: what is to be applied
    + live: the object as it was read

    The live items come first and as they are. An item that is there, in whatever order its fields
    and names are, is not added again.
    """
    result = dict(document)
    for name in LISTS:
        if name in document:
            items = live.get(name) or []
            known = {_identity(item) for item in items}
            own = {_identity(item): item for item in document[name]}
            result[name] = [*items, *(item for key, item in own.items() if key not in known)]
    return result


def _identity(item: Mapping[str, Any]) -> str:
    fields = {
        name: sorted(value) if isinstance(value, list) else value
        for name, value in item.items()
        if value  # The API leaves out what is empty.
    }
    if fields.get("kind") in ("User", "Group"):
        fields.setdefault("apiGroup", "rbac.authorization.k8s.io")  # as the API does
    return json.dumps(fields, sort_keys=True, default=str)
