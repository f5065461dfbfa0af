"""One run at a time: which run takes the lock of the site, when, and what it may not do without.

A run looks at the lock before it connects to its hosts, so that what it reads is not in the middle
of somebody else's work, and takes it before it executes anything. Where another run has had it in
between, what was read may be old, and nothing is executed.
"""

import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from ops.api import command_line, guards, hooks
from ops.api.console import print_line
from ops.api.live import clock, is_live, live_line
from ops.api.stop import putting_back
from ops.api.verdict import verdict
from ops.http.connector import Api
from ops.lock.holder import Holder, at_work
from ops.lock.lease_lock import LeaseLock
from ops.lock.local_lock import LocalLock
from ops.lock.session import Session
from ops.lock.waiting import Held, Patience
from ops.records.origin import user_and_machine
from ops.site.lock_settings import LockSettings, is_needed, of

PROGRESS_SECONDS = 10
LONGEST_JOB = 60

_session: Session | None = None


class _Guard:
    """Changes are made only as long as the lock is this run's."""

    def begin(self) -> str:
        """Take the lock, if it is still what it was before anything was read."""
        if _session is None:
            return ""
        try:
            reason = _session.begin()
        except OSError as error:
            raise _not_taken(str(error)) from None
        verdict.lock = _session.document()
        return reason

    def refusal(self, host: Host) -> str:
        """Return why the lock may be another run's by now."""
        return _session.refusal() if _session is not None else ""


def install() -> None:
    """Have runs of deploy files take turns; called while config.py is loaded."""
    from pyinfra_cli import cli  # type: ignore[import-untyped]

    hooks.replace(cli, "connect_all", _after_others)
    hooks.around_the_end(_released)
    guards.join(_Guard())
    guards.join_for_putting_back(_replaced)


def _replaced() -> str:
    """Return who has the lock by now; where that is not known things are put back."""
    if _session is None:
        return ""
    _session.refusal()  # It looks where it is not sure.
    return _session.lost


def _after_others(connect_all: Callable[[State], None]) -> Callable[[State], None]:
    def connect(state: State) -> None:
        if is_needed():
            _enter(state.inventory)
        connect_all(state)

    return connect


def _enter(inventory: Inventory) -> None:
    global _session
    settings = of(inventory)
    if settings is None or not settings.name:
        return
    holder = _this_run()
    progress = _Progress(settings.wait)
    patience = Patience(settings.wait, settings.interval, progress.tell, progress.unreadable)
    try:
        local, lease = _local(settings, holder), _lease(settings, holder, inventory)
        _session = Session(local, lease, holder, patience, _warn)
        with live_line.showing(progress.line):
            _session.enter()
    except Held as held:
        raise guards.forbid(_held(held, holder, settings.wait)) from None
    except (OSError, ValueError) as error:
        raise _not_taken(str(error)) from None
    verdict.lock = _session.document()


def _this_run() -> Holder:
    user, machine = user_and_machine()
    job = "-".join(file.stem for file in command_line.deploy_files())[:LONGEST_JOB]
    return Holder(user, machine, os.getpid(), job, secrets.token_hex(8), datetime.now(UTC))


def _local(settings: LockSettings, holder: Holder) -> LocalLock | None:
    if not settings.directory:
        return None
    return LocalLock(Path(settings.directory).expanduser(), settings.name, holder)


def _lease(settings: LockSettings, holder: Holder, inventory: Inventory) -> LeaseLock | None:
    cluster = _cluster(inventory) if settings.namespace else None
    if cluster is None:
        return None
    return LeaseLock(cluster, settings.namespace, settings.name, settings.seconds, holder)


def _cluster(inventory: Inventory) -> Api | None:
    """Return the API of the inventory's cluster, also where `--limit` leaves its hosts out."""
    for group in ("@kubernetes", "@pod"):
        for host in inventory.get_group(group, []):
            api: Api = host.connector.api()  # type: ignore[attr-defined]
            return api
    return None


def _held(held: Held, own: Holder, waited: float) -> str:
    other = held.holder
    text = at_work(other)
    is_own = (other.user, other.host) == (own.user, own.host)
    if held.seconds and is_own and _is_gone(other.pid):
        text += (
            f". That process of yours is gone: --data wait={held.seconds * 2:.0f} takes the lock"
            f" over after {held.seconds:.0f} s without a sign of life"
        )
    elif held.ended_by:
        text += f". {held.ended_by}"
    elif waited:
        text += f", also after {waited:g} s: run again when it has ended"
    else:
        text += ": run again when it has ended, or wait for it with --data wait=600"
    return text


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return pid > 0
    except PermissionError:
        pass
    return False


class _Progress:
    """A sign of life of a run that waits: the live line of a terminal, or a line every 10 s."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._said = ""
        self._printed: float | None = None

    def line(self) -> str:
        """Return what the live line says."""
        return self._said

    def tell(self, holder: Holder, waited: float) -> None:
        """Say who is at work."""
        self._said = f"{waited:.0f} of {self._seconds:.0f} s: {at_work(holder)}"
        now = time.monotonic()
        if is_live():
            live_line.draw()
        elif self._printed is None or now - self._printed >= PROGRESS_SECONDS:
            self._printed = now
            print_line(f"{clock()}, {self._said}", err=True)

    def unreadable(self, reason: str) -> None:
        """Say that the lock could not be read."""
        print_line(f"{clock()}, the lock is not readable, trying again: {reason}", err=True)


def _released(disconnect_all: Callable[[State], None]) -> Callable[[State], None]:
    """Let the lock go when everything is put back, however the run ends."""

    def leave(state: State) -> None:
        try:
            disconnect_all(state)
        finally:
            _release()

    return leave


def _release() -> None:
    global _session
    if _session is None:
        return
    session, found = _session, verdict.lock
    with putting_back("the lock of the site is let go"):
        reason = session.release()
    _session = None
    if found is not None:
        verdict.lock = session.document()
    if reason:
        _warn(f"the lock was not let go, and ends when its time is over: {reason}")


def _warn(text: str) -> None:
    print_line(text, err=True)


def _not_taken(reason: str) -> Exception:
    from pyinfra_cli.exceptions import CliError  # type: ignore[import-untyped]

    error: Exception = CliError(
        f"the lock of the site cannot be taken, so nothing is executed: {reason.rstrip('.')}."
        " docs/lock.md says what it needs, and how to run without it"
    )
    return error
