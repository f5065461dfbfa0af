"""Sets of fields of an object, as server-side apply names them (fieldsV1).

A path is a tuple of elements: `f:NAME` for a field, `k:{…}` for an item of a list with keys, `v:…`
for a member of a set. What is one value (scalars, other lists, atomic maps) has a single path.
"""

import copy
import json
from collections.abc import Iterable, Iterator
from typing import Any

from lab.kubernetes.apply.schema import is_atomic, is_set, key_of, keys_of, member_of
from lab.kubernetes.resources import Resource

Path = tuple[str, ...]
Fields = frozenset[Path]

SERVER_METADATA = (
    *("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"),
    *("managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"),
)
# Nobody owns these.
UNOWNED = {("f:apiVersion",), ("f:kind",), ("f:metadata",)} | {
    ("f:metadata", f"f:{name}") for name in SERVER_METADATA
}


def children(value: Any, resource: Resource, path: Path) -> list[tuple[str, Any]] | None:
    """Return elements and values below a value, or None where it is one value."""
    if isinstance(value, dict) and not is_atomic(resource, path):
        return [(f"f:{key}", item) for key, item in value.items()]
    if isinstance(value, list) and is_set(resource, path):
        return [(member_of(item), None) for item in value]
    keys = keys_of(resource, path)
    if isinstance(value, list) and keys is not None:
        return [(key_of(item, keys), item) for item in value]
    return None


def fields_of(document: Any, resource: Resource, maps: bool = False) -> Fields:
    """Return the fields of an object that can have an owner.

    + maps: also the maps and lists that the fields are in, as the owner of a new one has them
    """
    return frozenset(path for path, _ in _walk(document, resource, (), maps)) - UNOWNED - {()}


def changed(old: Any, new: Any, resource: Resource) -> tuple[Fields, Fields]:
    """Return the fields that were set anew or changed, and the ones that were removed."""
    before, after = dict(_walk(old, resource, (), True)), dict(_walk(new, resource, (), True))
    written = {path for path, value in after.items() if before.get(path, ...) != value}
    return frozenset(written) - UNOWNED, frozenset(before.keys() - after.keys()) - UNOWNED


def _walk(value: Any, resource: Resource, path: Path, maps: bool) -> Iterator[tuple[Path, Any]]:
    below = children(value, resource, path)
    if below is None:
        yield path, value
    elif not below or maps or (path and path[-1].startswith("k:")):
        # What is in a map or list has paths of its own; of itself only its kind counts.
        yield path, type(value)
    for element, item in below or []:
        yield from _walk(item, resource, (*path, element), maps)


def value_at(document: Any, path: Path, default: Any = None) -> Any:
    """Return the value at a path; of a set, whether the member is there."""
    for element in path:
        if element.startswith("f:"):
            if not isinstance(document, dict) or element[2:] not in document:
                return default
            document = document[element[2:]]
        else:
            index = index_of(document, element)
            if index is None:
                return default
            document = document[index]
    return document


def index_of(items: Any, element: str) -> int | None:
    """Return where an item of a list is."""
    wanted = json.loads(element[2:])
    for index, item in enumerate(items if isinstance(items, list) else []):
        if element.startswith("v:"):
            if item == wanted:
                return index
        elif key_of(item, tuple(wanted)) == element:
            return index
    return None


def without(document: dict[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Return an object without some fields; maps that this leaves empty go, too."""
    result = copy.deepcopy(document)
    for path in sorted(paths, key=len):  # An item goes before the fields that tell which it is.
        if value_at(result, path, ...) is ...:
            continue
        for length in range(len(path), 0, -1):
            parent = value_at(result, path[: length - 1])
            if length < len(path) and value_at(result, path[:length]) not in ({}, []):
                break
            _remove(parent, path[length - 1])
    return result


def _remove(parent: Any, element: str) -> None:
    if isinstance(parent, dict):
        parent.pop(element[2:], None)
    elif (index := index_of(parent, element)) is not None:
        del parent[index]


def encode(fields: Fields) -> dict[str, Any]:
    """Return fieldsV1 of a set of fields."""
    root: dict[str, Any] = {}
    for path in sorted(fields):
        node = root
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    return {element: _tidy(node) for element, node in root.items()}


def _tidy(node: dict[str, Any]) -> dict[str, Any]:
    if set(node) == {"."}:
        return {}
    return {element: below if element == "." else _tidy(below) for element, below in node.items()}


def decode(node: dict[str, Any], path: Path = ()) -> Fields:
    """Return the set of fields of fieldsV1."""
    if not node:
        return frozenset({path}) if path else frozenset()
    found: set[Path] = set()
    for element, below in node.items():
        found |= {path} if element == "." else decode(below, (*path, element))
    return frozenset(found)


def show(path: Path) -> str:
    """Return a path as messages have it: `.spec.containers[name="x"].image`."""
    text = ""
    for element in path:
        if element.startswith("f:"):
            text += f".{element[2:]}"
        elif element.startswith("v:"):
            text += f"[={element[2:]}]"
        else:
            pairs = json.loads(element[2:]).items()
            text += f"[{','.join(f'{key}={json.dumps(value)}' for key, value in pairs)}]"
    return text
