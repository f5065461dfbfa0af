"""The kinds of patches other than server-side apply.

https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
"""

import copy
from typing import Any

from lab.kubernetes.apply.schema import key_of, keys_of
from lab.kubernetes.resources import Resource
from lab.kubernetes.status import ApiError, bad_request


def merge(document: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = copy.deepcopy(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def strategic(document: Any, patch: Any, resource: Resource, path: tuple[str, ...] = ()) -> Any:
    """Apply a strategic merge patch: items of a list with keys are merged one by one."""
    keys = keys_of(resource, path)
    if isinstance(patch, list) and keys is not None:
        return _strategic_list(document or [], patch, keys, resource, path)
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    result = copy.deepcopy(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if key.startswith("$setElementOrder/"):
            continue
        if key.startswith("$"):
            raise ApiError(501, "NotImplemented", f"the lab does not simulate {key} in a patch")
        if value is None:
            result.pop(key, None)
        else:
            result[key] = strategic(result.get(key), value, resource, (*path, f"f:{key}"))
    return result


def _strategic_list(
    items: list[Any],
    patch: list[Any],
    keys: tuple[str, ...],
    resource: Resource,
    path: tuple[str, ...],
) -> list[Any]:
    if {"$patch": "replace"} in patch:
        return [item for item in patch if item != {"$patch": "replace"}]
    found = {key_of(item, keys): item for item in items}
    for item in patch:
        if not any(key in item for key in keys):
            raise bad_request(f"map: {item} does not contain declared merge key: {keys[0]}")
        key = key_of(item, keys)
        if item.get("$patch") == "delete":
            found.pop(key, None)
        else:
            found[key] = strategic(found.get(key), item, resource, (*path, key))
    return list(found.values())


def json_patch(document: Any, operations: Any) -> Any:
    """Apply a JSON patch (RFC 6902) as the server's library does, which is less strict."""
    result = copy.deepcopy(document)
    if not isinstance(operations, list):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type"
            " []handlers.jsonPatchOp"
        )
    for operation in operations:
        try:
            OPERATIONS[operation.get("op")](result, operation)
        except (KeyError, IndexError, TypeError, ValueError):
            # The real one does not say either which operation failed, or why.
            text = "the server rejected our request due to an error in our request"
            raise ApiError(422, "Invalid", text, {}) from None
    return result


def _place(target: Any, pointer: str) -> tuple[Any, Any]:
    """Return what a pointer's last part is looked up in, and the key or index there."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in parents:
        target = target[int(part)] if isinstance(target, list) else target[part]
    if not isinstance(target, dict | list):
        raise TypeError(pointer)
    return target, int(last) if isinstance(target, list) and last != "-" else last


def _value(target: Any, pointer: str) -> Any:
    # A member that is missing has the value null for the server's library.
    parent, key = _place(target, pointer)
    return parent.get(key) if isinstance(parent, dict) else parent[key]


def _test(target: Any, operation: dict[str, Any]) -> None:
    if _value(target, operation["path"]) != operation.get("value"):
        raise ValueError(operation["path"])


def _remove(target: Any, operation: dict[str, Any]) -> None:
    parent, key = _place(target, operation["path"])
    del parent[key]


def _add(target: Any, operation: dict[str, Any]) -> None:
    parent, key = _place(target, operation["path"])
    if isinstance(parent, list):
        parent.insert(len(parent) if key == "-" else key, operation.get("value"))
    else:
        parent[key] = operation.get("value")


def _replace(target: Any, operation: dict[str, Any]) -> None:
    parent, key = _place(target, operation["path"])
    parent[key] = operation.get("value")


def _copy(target: Any, operation: dict[str, Any]) -> None:
    value = copy.deepcopy(_value(target, operation["from"]))
    _add(target, {"path": operation["path"], "value": value})


def _move(target: Any, operation: dict[str, Any]) -> None:
    value = _value(target, operation["from"])
    _remove(target, {"path": operation["from"]})
    _add(target, {"path": operation["path"], "value": value})


OPERATIONS = {
    "add": _add,
    "copy": _copy,
    "move": _move,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
}
