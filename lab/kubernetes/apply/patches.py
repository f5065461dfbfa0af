"""The kinds of patches other than server-side apply.

https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
"""

import copy
from typing import Any

from lab.kubernetes.apply.schema import key_of, keys_of
from lab.kubernetes.resources import Resource
from lab.kubernetes.status import ApiError, bad_request

OPERATIONS = {"add", "remove", "replace", "test"}


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
    """Apply a JSON patch (RFC 6902): add, replace, remove and test."""
    result = copy.deepcopy(document)
    if not isinstance(operations, list):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal object into jsonpatch.Patch"
        )
    for operation in operations:
        if operation.get("op") not in OPERATIONS:
            text = f"the lab does not simulate {operation.get('op')} in a JSON patch"
            raise ApiError(501, "NotImplemented", text)
        try:
            _operate(result, operation)
        except (KeyError, IndexError, TypeError, ValueError):
            # The real one does not say either which operation failed, or why.
            text = "the server rejected our request due to an error in our request"
            raise ApiError(422, "Invalid", text, {}) from None
    return result


def _operate(target: Any, operation: dict[str, Any]) -> None:
    *parents, last = [
        part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]
    ]
    for part in parents:
        target = target[int(part)] if isinstance(target, list) else target[part]
    key = int(last) if isinstance(target, list) and last != "-" else last
    if operation["op"] == "test":
        # A member that is missing has the value null for the server's library.
        value = target.get(key) if isinstance(target, dict) else target[key]
        if value != operation.get("value"):
            raise ValueError(last)
    elif operation["op"] == "remove":
        del target[key]
    elif isinstance(target, list) and operation["op"] == "add":
        target.insert(len(target) if last == "-" else int(key), operation["value"])
    else:
        if operation["op"] == "replace":
            target[key]  # what is replaced has to be there
        target[key] = operation["value"]
