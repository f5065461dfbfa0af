"""What takes a change of an object back, out of the object before and after it."""

from collections.abc import Mapping
from typing import Any

from ops.api import json_text
from ops.api.line import ABSENT
from ops.api.reverse import Reverse, value, values
from ops.api.secret import conceal

# What the API server itself changes with every write is no difference of ours.
SERVER_FIELDS = ("resourceVersion", "generation", "managedFields", "creationTimestamp", "uid")
# What an object has by itself.
_NAMED = ("apiVersion", "kind", "metadata", "status")
Object = Mapping[str, Any]


def comparable(document: Object) -> dict[str, Any]:
    """Return an object without what the API server changes by itself."""
    metadata = {k: v for k, v in document["metadata"].items() if k not in SERVER_FIELDS}
    return {**document, "metadata": metadata, "status": None}


def of_patch(live: Object, wanted: Object) -> Reverse:
    """Return what takes the patch of an object back.

    + live, wanted: the object as it was read, and as it will be
    """
    return Reverse(uid=_uid(live), values=values(comparable(live), comparable(wanted)))


def of_making(wanted: Object) -> Reverse:
    """Return what takes the making of an object back: it is deleted, while it is as it was made.

    + wanted: the object as the API would make it
    """
    made = {name: part for name, part in wanted.items() if name not in _NAMED}
    return Reverse(makes=True, values=values({}, made))


def of_json(live: Object, key: str, text: str, wanted: json_text.Values) -> Reverse:
    """Return what takes a change of values in a JSON text of a ConfigMap back.

    + live: the ConfigMap as it was read
    + key, text: of its data, and what it holds
    + wanted: a value for each JSONPath
    """
    found = []
    for path, node in json_text.found(text, wanted, key).items():
        if not json_text.same(node.value, wanted[path]):
            name = str(node.location[-1])
            before, after = (conceal({name: v})[name] for v in (node.value, wanted[path]))
            found.append(value(["data", key], before, after, path))
    return Reverse(uid=_uid(live), values=found)


def of_pointers(live: Object, before: Object, after: Object) -> Reverse:
    """Return what takes values at JSON pointers back, where None means that there is none.

    + live: the object as it was read
    + before, after: its values by pointer
    """
    found = []
    for pointer, old in before.items():
        names = [n.replace("~1", "/").replace("~0", "~") for n in pointer.split("/")[1:]]
        before_it, after_it = (ABSENT if one is None else one for one in (old, after[pointer]))
        found.append(value(names, before_it, after_it))
    return Reverse(uid=_uid(live), values=found)


def _uid(live: Object) -> str | None:
    uid = live["metadata"].get("uid")
    return str(uid) if uid else None
