"""How lists and maps of the built-in kinds merge; objects of custom kinds have no such schema.

The tables name what the objects of this site have, after the markers `listType`, `listMapKey` and
`structType` in the types of Kubernetes.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

import json
from typing import Any

from lab.kubernetes.resources import Resource

# A list of items with keys, by the name of the field.
KEYS: dict[str, tuple[str, ...]] = {
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
DEFAULTS = {"protocol": "TCP"}
SETS = {"finalizers"}
# A map that is replaced as one value.
ATOMIC = {"configMapKeyRef", "fieldRef", "roleRef", "secretKeyRef", "selector"}


def _has_schema(resource: Resource, path: tuple[str, ...]) -> bool:
    return not resource.custom or path[:1] == ("f:metadata",)


def _field(path: tuple[str, ...]) -> str:
    return path[-1].removeprefix("f:") if path else ""


def keys_of(resource: Resource, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the keys of the items of a list, or None where the list has none."""
    return KEYS.get(_field(path)) if _has_schema(resource, path) else None


def is_set(resource: Resource, path: tuple[str, ...]) -> bool:
    """Return whether the values of a list are members of a set."""
    return _has_schema(resource, path) and _field(path) in SETS


def is_atomic(resource: Resource, path: tuple[str, ...]) -> bool:
    """Return whether a map is one value."""
    return _has_schema(resource, path) and _field(path) in ATOMIC


def key_of(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Return the path element of an item of a list with keys, as in fieldsV1."""
    values = {key: item.get(key, DEFAULTS.get(key)) for key in sorted(keys)}
    return f"k:{json.dumps(values, separators=(',', ':'))}"


def member_of(value: Any) -> str:
    """Return the path element of a member of a set, as in fieldsV1."""
    return f"v:{json.dumps(value, separators=(',', ':'))}"
