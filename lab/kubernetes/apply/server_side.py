"""Server-side apply: merge what a manager wants to own, find conflicts, remove what it gave up.

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

import copy
from typing import Any

from lab.kubernetes.apply.fields import (
    Fields,
    Path,
    changed,
    children,
    fields_of,
    index_of,
    show,
    value_at,
    without,
)
from lab.kubernetes.apply.managed_fields import Manager, Owners
from lab.kubernetes.apply.schema import is_set
from lab.kubernetes.resources import Resource
from lab.kubernetes.status import ApiError


def apply(
    live: dict[str, Any], wanted: dict[str, Any], manager: Manager, force: bool, resource: Resource
) -> tuple[dict[str, Any], Owners]:
    """Return the object after an apply, and its owners.

    + live: the object as it is, empty where there is none
    + wanted: what the manager applies
    + force: take fields that others own and that differ, instead of refusing
    """
    owners = Owners(live, resource)
    owners.begin(live)
    wanted = _without_nulls(wanted)
    own = fields_of(wanted, resource)
    if resource.has_status:  # Belongs to the subresource: neither set nor owned here.
        wanted.pop("status", None)
        own = frozenset(path for path in own if path[0] != "f:status")
    conflicts = _conflicts(live, wanted, own, owners, manager)
    if conflicts and not force:
        raise _refusal(conflicts, resource)
    for other, paths in conflicts.items():
        owners.set(other, owners.fields[other] - paths)
    given_up = owners.fields.get(manager, frozenset()) - own
    orphans = [path for path in given_up if not _is_needed(path, own | owners.of_others(manager))]
    owners.set(manager, own)
    return without(_merged(live, wanted, resource, ()), orphans), owners


def _conflicts(
    live: dict[str, Any], wanted: dict[str, Any], own: Fields, owners: Owners, manager: Manager
) -> dict[Manager, Fields]:
    differing = own & changed(live, wanted, owners.resource)[0]
    found = {
        other: fields & differing for other, fields in owners.fields.items() if other != manager
    }
    return {other: paths for other, paths in found.items() if paths}


def _is_needed(path: Path, owned: Fields) -> bool:
    return any(other[: len(path)] == path for other in owned)


def _merged(live: Any, wanted: Any, resource: Resource, path: Path) -> Any:
    below = children(wanted, resource, path)
    if below is None or live is None or type(live) is not type(wanted):
        return copy.deepcopy(wanted)
    result = copy.deepcopy(live)
    for element, item in below:
        if isinstance(result, dict):
            name = element[2:]
            result[name] = _merged(result.get(name), item, resource, (*path, element))
        elif (index := index_of(result, element)) is None:
            result.append(value_at(wanted, (element,)))
        elif not is_set(resource, path):
            result[index] = _merged(result[index], item, resource, (*path, element))
    return result


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(item) for k, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _refusal(conflicts: dict[Manager, Fields], resource: Resource) -> ApiError:
    found = [
        (_name(manager, resource), show(path))
        for manager, paths in sorted(conflicts.items())
        for path in sorted(paths)
    ]
    if len(found) == 1:
        text = f"Apply failed with 1 conflict: conflict with {found[0][0]}: {found[0][1]}"
    else:
        lines = []
        for name in dict.fromkeys(name for name, _ in found):
            lines.append(f"conflicts with {name}:")
            lines += [f"- {path}" for owner, path in found if owner == name]
        text = f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {name}", "field": path}
        for name, path in found
    ]
    return ApiError(409, "Conflict", text, {"causes": causes})


def _name(manager: Manager, resource: Resource) -> str:
    text = f'"{manager.name}"'
    if manager.subresource:
        text += f' with subresource "{manager.subresource}"'
    return text if manager.operation == "Apply" else f"{text} using {resource.api_version}"
