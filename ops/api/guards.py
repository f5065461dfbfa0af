"""What is asked before each change of a run whether it may be made now: a window, a lock.

The one place that every change passes: a request that changes something is asked about at each
attempt, a command of an operation before it is executed, a watch at each of its looks. What is put
back is sent all the same, but where another run has taken this one's place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import gevent
from pyinfra import context
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api import command_line, hooks
from ops.api.plan import plan
from ops.api.plan_view import show_plan
from ops.api.stop import is_putting_back
from ops.api.verdict import verdict


class Guard(Protocol):
    """Something that may forbid changes for now."""

    def begin(self) -> str:
        """Return why a run that changes something may not begin, or an empty text.

        Called once, when everybody has agreed and before anything is executed.
        """

    def refusal(self, host: Host) -> str:
        """Return why a change may not be made now, or an empty text.

        + host: what it is made on, or whose operation watches

        Called very often: what does not change from one second to the next is remembered.
        """


class NotNow(OSError):
    """A change is not made, because a guard forbids it; the message says which and until when."""


_guards: list[Guard] = []
_replaced: list[Callable[[], str]] = []
_unasked: set[gevent.Greenlet] = set()
_is_changing = False


def join(guard: Guard) -> None:
    """Have a guard asked, after those that have joined before; called while config.py is loaded."""
    _guards.append(guard)


def join_for_putting_back(replaced: Callable[[], str]) -> None:
    """Have somebody asked before something is put back; called while config.py is loaded.

    + replaced: returns why another run is at work in the place of this one, or an empty text
    """
    _replaced.append(replaced)


def replaced() -> str:
    """Return why what this run has changed is no longer its own to put back, or an empty text."""
    with unasked():
        return next(filter(None, (ask() for ask in _replaced)), "")


def install() -> None:
    """Have runs begin only where no guard forbids it; called while config.py is loaded."""
    hooks.around_the_execution(_admitted)


def check(host: Host) -> None:
    """Raise NotNow where a change of a host may not be made now."""
    if reason := refusal(host):
        raise NotNow(reason)


def refusal(host: Host) -> str:
    """Return why a change of a host may not be made now, or an empty text.

    + host: as in `Guard.refusal`
    """
    if gevent.getcurrent() in _unasked:
        return ""
    if is_putting_back():
        return replaced()
    for guard in _guards:
        with unasked():
            reason = guard.refusal(host)
        if reason:
            _remember(host.name, reason)
            return reason
    return ""


def end_of_watch(host: Host) -> str:
    """Return why a watch may not go on, or an empty text: it may change something, or hold it."""
    return refusal(host) if _is_changing else ""


@contextmanager
def unasked() -> Iterator[None]:
    """Mark a part of the program whose requests no guard is asked about, as a guard's own."""
    here = gevent.getcurrent()
    was_there = here in _unasked
    _unasked.add(here)
    try:
        yield
    finally:
        if not was_there:
            _unasked.discard(here)


def changes_something(state: State) -> bool:
    """Return whether a run that is prepared may change something; checks alone do not."""
    show_plan()
    return bool(verdict.pending()) or any(
        data.operation_meta._maybe_is_change
        for operations in state.ops.values()
        for op_hash, data in operations.items()
        if op_hash not in plan.prepared  # One of pyinfra's own operations.
    )


def forbid(reason: str) -> Exception:
    """Return the error that ends a run before anything is executed, because of a guard."""
    from pyinfra_cli.exceptions import CliError  # type: ignore[import-untyped]

    verdict.blocked.append(reason)
    error: Exception = CliError(reason)
    return error


def _admitted(run_ops: Callable[..., None]) -> Callable[..., None]:
    def run(state: State, serial: bool = False, no_wait: bool = False) -> None:
        global _is_changing
        if command_line.deploy_files() and changes_something(state):
            for guard in _guards:
                with unasked():
                    reason = guard.begin()
                if reason:
                    raise forbid(reason)
            _is_changing = True
        run_ops(state, serial=serial, no_wait=no_wait)

    return run


def _remember(name: str, reason: str) -> None:
    # What has failed before that is a failure all the same.
    if not context.state.failed_hosts and reason not in verdict.blocked:
        verdict.blocked.append(reason)
    verdict.undone(name, reason)
