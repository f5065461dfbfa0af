"""Operations on a Kafka cluster that Strimzi's operator owns.

https://strimzi.io/docs/operators/latest/configuring
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.difference import difference
from ops.api.operation import operation, read
from ops.api.request import Request, json_patch
from ops.api.strimzi import SUPER_USERS, condition, is_ready, split, super_users, without
from ops.facts.kubernetes import JsonPatchedObject, Object
from ops.once import once
from ops.watch import ask, send, watch

POINTER = f"/spec/kafka/config/{SUPER_USERS}"


@operation
def super_users_removed(
    users: Collection[str],
    seconds: float = 900,
    interval: float = 5,
    put_back: str | None = None,
) -> Iterator[PyinfraCommand]:
    """
    Take users out of `super.users` of a Kafka resource; others stay.

    + users: such as "User:ANONYMOUS"
    + seconds: how long the operator may take to report Ready for the new generation
    + interval: seconds between two looks
    + put_back: what the field was before a run that was killed while it waited

    Only this field is sent, as a JSON patch that the API refuses when the field was changed in
    between; the key is removed when nobody is left. If Ready does not come in time, the field is
    put back to what it was, and the operation fails.

    **Example:**

    ```python
    kafka.super_users_removed(
        name="Take away the rights of anonymous clients",
        users=["User:ANONYMOUS"],
    )
    ```
    """
    live = read(host, Object)
    present = super_users(live)
    now = live["spec"]["kafka"].get("config", {}).get(SUPER_USERS)
    new = without(present, users)
    if not set(present) & set(users):
        if is_ready(live):
            host.noop(f"{SUPER_USERS} has none of them")
            return
        old = put_back or now
    else:
        old = now
        patch = _field_patch(old, new)
        wanted = read(host, JsonPatchedObject, patch=patch)
        changes = difference(live["spec"], wanted["spec"], "spec")
        yield json_patch(host.data.kubernetes_path, patch, changes)
    back = json_patch(host.data.kubernetes_path, _field_patch(new, old))
    yield Action(
        f"wait at most {seconds:.0f} s for Ready, else put the field back",
        _wait_or_roll_back,
        seconds,
        interval,
        back,
    )


def super_users_of(cluster: Host) -> str | None:
    """Return the field `super.users` of a Kafka resource, read once for a run; None without it."""

    def value() -> str | None:
        live = read(cluster, Object)
        if live is None:
            raise OperationError(f"{cluster.name} does not exist")
        found = live["spec"]["kafka"].get("config", {}).get(SUPER_USERS)
        return None if found is None else str(found)

    return once("super users", value)


def any_of(value: str | None, users: Collection[str]) -> bool:
    """Return whether a value of `super.users` names some of the users."""
    return bool(set(split(value)) & set(users))


def _field_patch(old: str | None, new: str | None) -> list[dict[str, Any]]:
    guard = [] if old is None else [{"op": "test", "path": POINTER, "value": old}]
    if new is None:
        return [*guard, {"op": "remove", "path": POINTER}]
    return [*guard, {"op": "replace" if guard else "add", "path": POINTER, "value": new}]


def _wait_for_ready(state: State, host: Host, seconds: float, interval: float) -> bool:
    last: Mapping[str, Any] = {}

    def look(elapsed: float) -> bool | None:
        nonlocal last
        last = ask(host, Object)
        return True if is_ready(last) else None

    ready = watch(
        host,
        look,
        seconds=seconds,
        interval=interval,
        waiting=lambda: f"the operator says {condition(last)}" if last else "no answer yet",
    )
    says = f"the operator says {condition(last)}" if last else "it could not be read"
    report(host, [f"Ready: {says}" if ready else f"not Ready after {seconds:.0f} s: {says}"])
    return bool(ready)


def _wait_or_roll_back(
    state: State, host: Host, seconds: float, interval: float, back: Request
) -> bool:
    if _wait_for_ready(state, host, seconds, interval):
        return True
    report(host, [f"putting the field back: {back}"])
    problem = send(host, back)
    if problem:
        report(host, [f"NOT put back: {problem}. Send it by hand."])
    else:
        _wait_for_ready(state, host, seconds, interval)
    return False
