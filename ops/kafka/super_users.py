"""Operations on a Kafka cluster that Strimzi's operator owns.

https://strimzi.io/docs/operators/latest/configuring
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
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
from ops.http.request import json_patch
from ops.http.watch import READ_ERRORS, ask, send, watch
from ops.kafka.strimzi import SUPER_USERS, condition, is_ready, split, super_users_field, without
from ops.kubernetes.facts import JsonPatchedObject, Object

POINTER = f"/spec/kafka/config/{SUPER_USERS}"
PUT_BACK_PAUSES = (0, 1, 2, 4, 8, 16)  # seconds before each attempt


@operation
def absent(
    users: Collection[str],
    seconds: float = 900,
    interval: float = 5,
    put_back: str | None = None,
    when_ready: Callable[[], None] | None = None,
) -> Iterator[PyinfraCommand]:
    """
    Take users out of `super.users` of a Kafka resource; others stay.

    + users: such as "User:ANONYMOUS"
    + seconds: how long the operator may take to report Ready for the new generation
    + interval: seconds between two looks
    + put_back: what the field was before a run that was killed while it waited
    + when_ready: called when the operator has reported Ready

    Only this field is sent, as a JSON patch that the API refuses when the field was changed in
    between; the key is removed when nobody is left. If Ready does not come in time, the field is
    put back to what it was, and the operation fails. What somebody else has written meanwhile is
    not put back.

    **Example:**

    ```python
    super_users.absent(
        name="Take away the rights of anonymous clients",
        users=["User:ANONYMOUS"],
    )
    ```
    """
    live = read(host, Object)
    if live is None:
        raise OperationError(f"{host.name} does not exist")
    now = super_users_field(live)
    new = without(split(now), users)
    # Only what a run of ours has left is put back to what it was before.
    old = put_back if put_back and without(split(put_back), users) == now else None
    if _names_any(now, users):
        old = now
        patch = _field_patch(now, new)
        wanted = read(host, JsonPatchedObject, patch=patch)
        changes = difference(live["spec"], wanted["spec"], "spec")
        yield json_patch(host.data.kubernetes_path, patch, changes)
    elif old is None:
        host.noop(f"{SUPER_USERS} has none of them")
        return
    text = f"wait at most {seconds:.0f} s for Ready, else put the field back"
    yield Action(text, _wait_or_roll_back, seconds, interval, old, new, when_ready)


def removal(cluster: Host, users: Collection[str]) -> Mapping[str, str] | None:
    """Return what `super_users` are before some are removed, or None where none of them is there.

    + cluster: the host that is the Kafka resource
    + users: those that are to be removed
    """
    live = read(cluster, Object)
    if live is None:
        raise OperationError(f"{cluster.name} does not exist")
    now = super_users_field(live)
    return {"super_users": now} if now and _names_any(now, users) else None


def _names_any(value: str | None, users: Collection[str]) -> bool:
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
    state: State,
    host: Host,
    seconds: float,
    interval: float,
    old: str,
    new: str | None,
    when_ready: Callable[[], None] | None,
) -> bool:
    if _wait_for_ready(state, host, seconds, interval):
        if when_ready is not None:
            when_ready()
        return True
    if _put_back(host, old, new):
        _wait_for_ready(state, host, seconds, interval)
    return False


def _put_back(host: Host, old: str, new: str | None) -> bool:
    path = host.data.kubernetes_path
    by_hand = json_patch(path, _field_patch(new, old))
    report(host, [f"putting the field back: {by_hand}"])
    problem = ""
    for pause in PUT_BACK_PAUSES:
        time.sleep(pause)
        try:
            live = ask(host, Object)
            if super_users_field(live) != new:
                report(host, ["NOT put back: somebody has changed it meanwhile"])
                return False
            # A JSON patch cannot test that the field is absent, but that nothing was written.
            version = live["metadata"]["resourceVersion"]
            guard = {"op": "test", "path": "/metadata/resourceVersion", "value": version}
            problem = send(host, json_patch(path, [guard, *_field_patch(new, old)]))
        except READ_ERRORS as error:
            problem = str(error)
        if not problem:
            return True
    report(host, [f"NOT put back: {problem}. Send it by hand."])
    return False
