"""What a server-side apply would make of an object, as the API computes it (`dryRun=All`).

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

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
    others = owners(live, document) - {manager}
    force = bool(others) and others <= set(taken_over)
    try:
        wanted = read(host, AppliedObject, document=document, manager=manager, force=force)
    except OperationError as error:
        foreign = ", ".join(sorted(others - set(taken_over)))
        if not foreign:
            raise
        raise OperationError(
            f"{error}. Fields of it belong to {foreign}: agree with them, or let them be taken over"
        ) from None
    return Application(document, force, live, wanted)


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


def owners(live: Mapping[str, Any] | None, document: Mapping[str, Any]) -> set[str]:
    """Return the managers of fields that a document has; who only labelled the object is none.

    + live: the object as it was read, or None
    + document: what is to be applied
    """
    entries = live["metadata"].get("managedFields") or [] if live else []
    return {str(one["manager"]) for one in entries if _has_part_of(one.get("fieldsV1"), document)}


def _has_part_of(fields: Any, value: Any) -> bool:
    if not fields:  # A field without parts; or nothing is said of which they are.
        return True
    if not isinstance(value, Mapping):
        return True  # of a list, whichever of its items
    parts = {name.removeprefix("f:"): below for name, below in fields.items() if name != "."}
    return any(_has_part_of(below, value[name]) for name, below in parts.items() if name in value)
