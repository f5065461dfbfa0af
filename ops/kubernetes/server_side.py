"""What a server-side apply would make of an object, as the API computes it (`dryRun=All`).

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

from ops.api.operation import read
from ops.kubernetes.bindings import kept_reference
from ops.kubernetes.facts import AppliedObject, Object
from ops.kubernetes.union import with_live_items


class Application(NamedTuple):
    """An apply that the API would take.

    + document: what is sent
    + force: whether it takes fields over from other managers
    + live: the object as it was read, or None
    + wanted: the object as it would be
    """

    document: dict[str, Any]
    force: bool
    live: dict[str, Any] | None
    wanted: dict[str, Any]


def application(
    host: Host, document: Mapping[str, Any], manager: str, taken_over: Collection[str] = ()
) -> Application:
    """Return what an apply would do; a deploy asks before its first operation that writes.

    + host: the object
    + document, manager, taken_over: as of `objects.server_side_apply`

    Raises OperationError where the object cannot be read, and where the API refuses the document.
    """
    live = changeable(host, document)
    document = dict(document) if live is None else with_live_items(document, live)
    others = _managers(live) - {manager}
    force = bool(others) and others <= set(taken_over)
    try:
        wanted = _applied(host, document, manager, force)
    except OperationError as error:
        named = in_conflict(str(error))
        if not force and named.managers and named.is_whole and named.managers <= set(taken_over):
            # Others own fields that this does not want: they keep them.
            return Application(document, True, live, _applied(host, document, manager, True))
        foreign = ", ".join(sorted((named.managers or others) - set(taken_over)))
        if not foreign:
            raise
        raise OperationError(
            f"{error}. Fields of it belong to {foreign}: agree with them, or let them be taken over"
        ) from None
    return Application(document, force, live, wanted)


def _applied(host: Host, document: dict[str, Any], manager: str, force: bool) -> dict[str, Any]:
    return dict(read(host, AppliedObject, document=document, manager=manager, force=force))


class Conflict(NamedTuple):
    """Whose fields an apply would have to take.

    + managers: their names
    + is_whole: whether the refusal was read to its end
    """

    managers: frozenset[str]
    is_whole: bool


def in_conflict(refusal: str) -> Conflict:
    """Return whom the API names in the refusal of an apply.

    + refusal: such as `Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a`
    """
    managers = frozenset(re.findall(r'conflicts? with "([^"]+)"', refusal))
    count = re.search(r"Apply failed with (\d+) conflict", refusal)
    wanted = int(count[1]) if count else 0
    found = len(re.findall(r'conflict with "', refusal)) or len(re.findall(r"- \.", refusal))
    return Conflict(managers, wanted == found)


def changeable(host: Host, document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the object as it is, or None; raise OperationError where it can never be as wanted.

    + host: the object
    + document: what is to be applied
    """
    live: dict[str, Any] | None = read(host, Object)
    reason = kept_reference(live, document)
    if reason:
        raise OperationError(f"{host.name}: {reason}")
    return live


def _managers(live: Mapping[str, Any] | None) -> set[str]:
    entries = live["metadata"].get("managedFields") or [] if live else []
    return {str(entry["manager"]) for entry in entries}
