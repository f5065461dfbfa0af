"""Operations on the super users of a Kafka cluster that Strimzi's operator owns.

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
from ops.api.console import report, report_problem, report_progress, report_proof
from ops.api.difference import difference
from ops.api.operation import operation, read
from ops.api.stop import putting_back
from ops.http.request import json_patch
from ops.http.watch import READ_ERRORS, ask, send, watch
from ops.kafka.anonymous import answers
from ops.kafka.change import Change, change, from_note
from ops.kafka.rights import ANONYMOUS, rights
from ops.kafka.strimzi import condition, obstacle, verdict
from ops.kubernetes import reverses
from ops.kubernetes.facts import JsonPatchedObject, Object

PUT_BACK_PAUSES = (0, 1, 2, 4, 8, 16)  # seconds before each attempt


@operation
def absent(
    users: Collection[str],
    seconds: float = 900,
    interval: float = 5,
    left_by_a_run: Mapping[str, Any] | None = None,
    when_ready: Callable[[], str] | None = None,
) -> Iterator[PyinfraCommand]:
    """
    Take super users out of a Kafka resource; others stay.

    + users: such as "User:ANONYMOUS"
    + seconds: how long the operator may take to report Ready for the new generation
    + interval: seconds between two looks
    + left_by_a_run: the change of a run that was killed while it waited (`removal`)
    + when_ready: called when the operator has reported Ready; returns what went wrong, if anything

    They go from `authorization.superUsers`, which the brokers get, and from `super.users` in
    `config`, which Strimzi ignores. It is one JSON patch that the API refuses when the resource was
    changed in between. If the operator reports NotReady for the new generation, or does not come to
    an end in time, the fields are put back to what they were, and the operation fails; what
    somebody else has changed meanwhile is not put back. Raises OperationError where the resource is
    paused or not Ready before, or lets everybody in for another reason.

    **Example:**

    ```python
    super_users.absent(
        name="Take away the rights of anonymous clients",
        users=["User:ANONYMOUS"],
    )
    ```
    """
    live = _read(host)
    made, former = change(live, users), from_note(left_by_a_run)
    if made is not None:
        _require_possible(host, live, users)
        patch = made.patch()
        wanted = read(host, JsonPatchedObject, patch=patch)
        changes = difference(live["spec"], wanted["spec"], "spec")
        request = json_patch(host.data.kubernetes_path, patch, changes)
        yield request.taken_back_by(reverses.of_pointers(live, made.before, made.after))
    elif former is not None and former.is_the_last(live):  # Nobody has changed it since that run.
        made = former
    else:
        host.noop("none of them is a super user")
        return
    text = f"wait at most {seconds:.0f} s for Ready, else put the fields back"
    yield Action(text, _wait_or_roll_back, seconds, interval, made, when_ready)


@operation
def verification(users: Collection[str], broker: Host, programs: str) -> Iterator[PyinfraCommand]:
    """
    Verify that clients without a login have no rights: each broker is asked, without a login.

    + users: super users that are taken away; without "User:ANONYMOUS" there is nothing to ask
    + broker: the host that is a broker's pod, in which Kafka's own program runs
    + programs: directory of Kafka's programs there; empty: on its PATH

    Nothing is changed. It fails where a broker answers, and where one could not be asked.

    **Example:**

    ```python
    super_users.verification(
        name="Prove that anonymous clients have no rights",
        users=["User:ANONYMOUS"],
        broker=only(inventory, "kafka_broker"),
        programs="/opt/kafka/bin",
    )
    ```
    """
    live = _read(host)
    if ANONYMOUS not in users:
        host.noop("no rights of anonymous clients are to go")
        return
    text = "ask each broker, without a login, whether anonymous clients have rights"
    places = rights(live).lines()
    yield Action(text, _verify, users, broker, programs, changes=places, is_check=True)


def removal(cluster: Host, users: Collection[str]) -> dict[str, Any] | None:
    """Return the change that takes super users away, as a note, or None where none is there.

    + cluster: the host that is the Kafka resource
    + users: those that are to be removed

    Raises OperationError where it could not be carried out now.
    """
    live = _read(cluster)
    made = change(live, users)
    if made is None:
        return None
    _require_possible(cluster, live, users)
    return {"change": made.note()}


def readiness(seconds: float, interval: float, generation: int) -> Action:
    """Return the wait for the operator to be done with a generation of the resource.

    + seconds: at most
    + interval: seconds between two looks
    + generation: of the change before
    """
    text = f"wait at most {seconds:.0f} s for Ready"
    return Action(text, _becomes_ready, seconds, interval, generation, is_check=True)


def _becomes_ready(
    state: State, host: Host, seconds: float, interval: float, generation: int
) -> bool:
    return _wait_for_ready(host, seconds, interval, generation)


def _read(cluster: Host) -> Mapping[str, Any]:
    live: Mapping[str, Any] | None = read(cluster, Object)
    if live is None:
        raise OperationError(f"{cluster.name} does not exist")
    return live


def _require_possible(cluster: Host, live: Mapping[str, Any], users: Collection[str]) -> None:
    reason = obstacle(live)
    if reason:
        raise OperationError(f"{cluster.name}: nothing is changed: {reason}")
    others = [why for why in rights(live).holding(users) if "is a super user" not in why]
    if others:
        text = "; ".join(others)
        raise OperationError(f"{cluster.name}: nothing is changed, it would not help: {text}")


def _wait_for_ready(host: Host, seconds: float, interval: float, generation: int) -> bool:
    last: Mapping[str, Any] = {}

    def look(elapsed: float) -> bool | None:
        nonlocal last
        last = ask(host, Object)
        return verdict(last, generation)

    def says() -> str:
        return f"the operator says {condition(last)}" if last else "no answer yet"

    ready = watch(host, look, seconds=seconds, interval=interval, waiting=says)
    text = (
        "Ready" if ready else "it failed" if ready is False else f"not Ready after {seconds:.0f} s"
    )
    (report if ready else report_problem)(host, [f"{text}: {says()}"])
    return bool(ready)


def _wait_or_roll_back(
    state: State,
    host: Host,
    seconds: float,
    interval: float,
    made: Change,
    when_ready: Callable[[], str] | None,
) -> bool:
    if not _wait_for_ready(host, seconds, interval, made.generation):
        with putting_back(
            f"{host.name}: {json_patch(host.data.kubernetes_path, made.patch_back())}"
        ):
            _put_back(host, made)
        return False
    problem = when_ready() if when_ready is not None else ""
    if problem:
        report_problem(host, [problem])
    return not problem


def _put_back(host: Host, made: Change) -> None:
    request = json_patch(host.data.kubernetes_path, made.patch_back())
    report_progress(host, [f"putting the fields back: {request}"])
    problem = ""
    for pause in PUT_BACK_PAUSES:
        time.sleep(pause)
        try:
            live = ask(host, Object)
            if not made.is_the_last(live):
                report_problem(host, ["NOT put back: somebody has changed it meanwhile"])
                return
            back = reverses.of_pointers(live, made.after, made.before)
            problem = send(host, request.taken_back_by(back))
        except READ_ERRORS as error:
            problem = str(error)
        if not problem:
            report_progress(host, ["put back; what the operator makes of it shows `overview`"])
            return
    report_problem(host, [f"NOT put back: {problem}. Send it by hand."])


def _verify(state: State, host: Host, users: Collection[str], broker: Host, programs: str) -> bool:
    found = answers(host, broker, programs)
    report(host, [str(answer) for answer in found])
    try:
        still = rights(ask(host, Object)).holding(users)
    except READ_ERRORS as error:
        still = [str(error)]
    report_problem(host, still)
    done = not still and all(answer.have_rights is False for answer in found)
    if done:
        report_proof(host, f"anonymous clients have no rights at {len(found)} brokers")
    return done
