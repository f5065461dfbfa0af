"""What each operation came to on each host, and how long it took: pyinfra does not keep that."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import changes_something
from ops.api.hooks import replace
from ops.api.verdict import verdict

CHANGED, NOTHING, FAILED = "changed", "nothing", "failed"
PARTLY = "failed in part"
BROKEN_OFF, NOT_RUN = "broken off", "not run"


@dataclass(frozen=True)
class Result:
    """What an operation came to on a host.

    + operation, host: their names
    + outcome: changed, nothing, failed, failed in part, broken off or not run
    + began: when; None where it has not
    + seconds: how long it took; None where it has not ended
    + error: what the host has answered, or an empty text
    """

    operation: str
    host: str
    outcome: str
    began: datetime | None
    seconds: float | None
    error: str = ""


_began: dict[tuple[str, str], datetime] = {}
_took: dict[tuple[str, str], float] = {}
_partly: set[tuple[str, str]] = set()


def install() -> None:
    """Have the time taken of whatever pyinfra executes; called while it loads config.py."""
    from pyinfra.api import operations

    replace(operations, "_run_host_op", _timed)


def results(state: State) -> Iterator[Result]:
    """Return what the operations came to, in the order of the deploy."""
    for op_hash in state.get_op_order():
        name = ", ".join(sorted(state.get_op_meta(op_hash).names))
        for host in state.inventory:
            if op_hash in state.ops.get(host, {}):
                yield _result(state, host, op_hash, name)


def did_change(state: State, host: Host, op_hash: str) -> bool:
    """Return whether an operation has changed something on a host; a mere check has not."""
    if op_hash not in state.ops[host] or (op_hash, host.name) in verdict.checks:
        return False
    meta = state.ops[host][op_hash].operation_meta
    return meta.is_complete() and bool(meta.did_change())


def did_change_in_part(state: State, host: Host, op_hash: str) -> bool:
    """Return whether an operation has failed on a host after it had changed something there."""
    if op_hash not in state.ops[host] or (op_hash, host.name) not in _partly:
        return False
    data = state.ops[host][op_hash]
    commands = data.operation_meta._commands or []
    # The last one has failed, unless the operation goes on after an error.
    goes_on = bool(data.global_arguments["_continue_on_error"])
    return any(map(changes_something, commands if goes_on else commands[:-1]))


def _result(state: State, host: Host, op_hash: str, name: str) -> Result:
    meta = state.ops[host][op_hash].operation_meta
    key = (op_hash, host.name)
    began = _began.get(key)
    if not meta.is_complete():
        return Result(name, host.name, BROKEN_OFF if began else NOT_RUN, began, None)
    if not meta.did_succeed():
        failed = PARTLY if did_change_in_part(state, host, op_hash) else FAILED
        return Result(name, host.name, failed, began, _took.get(key), _error(host, meta))
    outcome = CHANGED if did_change(state, host, op_hash) else NOTHING
    return Result(name, host.name, outcome, began, _took.get(key))


def _error(host: Host, meta: Any) -> str:
    said = [*meta.stderr_lines[:1], *verdict.left.get(host.name, [])]
    return said[0] if said else ""


def _timed(run: Callable[..., bool]) -> Callable[..., bool]:
    def timed(state: State, host: Host, op_hash: str) -> bool:
        key = (op_hash, host.name)
        _began.setdefault(key, datetime.now().astimezone())
        began = time.monotonic()
        partial = state.results[host].partial_ops
        try:
            return run(state, host, op_hash)
        finally:
            _took[key] = time.monotonic() - began
            if state.results[host].partial_ops > partial:
                _partly.add(key)

    return timed
