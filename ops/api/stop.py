"""An orderly end of the run on Ctrl-C, SIGTERM and SIGHUP, with an exit code that says so."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import gevent
from pyinfra.api.state import State

from ops.api.console import print_line
from ops.api.verdict import verdict

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 30  # seconds that a second signal does not break off what is put back
KILLED_WITHIN = 5  # seconds

_code: int | None = None  # the exit code that a signal has asked for
_count = 0
_leaving_since: float | None = None
_ended: frozenset[gevent.Greenlet] = frozenset()  # what was at work when the run ended
_undone: dict[gevent.Greenlet, str] = {}


def stop_on_signals() -> None:
    """Make signals end the run as an error does: pyinfra disconnects from its hosts.

    pyinfra 3.10 exits 0 on Ctrl-C, as if the work was done, and dies on SIGTERM and on SIGHUP (a
    closed terminal) without disconnecting. Here the exit code is 128 + the signal's number. What is
    run by nohup goes on after SIGHUP.
    """
    _on_signals(_stop)


def exit_code() -> int:
    """Return the exit code that a signal has asked for, or 0."""
    return _code or 0


def signal_name() -> str:
    """Return the name of the signal that has ended the run, or an empty text."""
    return signal.Signals(_code - 128).name if _code else ""


def end_if_asked() -> None:
    """Raise where the run is ending: a signal has asked for it, and somebody has swallowed that.

    Called before work that takes time. The exception is raised wherever the signal finds the
    program: in `WebSocket.close` of websocket-client, for one, which ignores whatever is raised.
    """
    if _leaving_since is None and _code is not None:
        if gevent.getcurrent() is gevent.get_hub().parent:
            sys.exit(_code)
        # gevent raises a greenlet's SystemExit in the main one as well: that one has its own by
        # now, and a second one would find it where it disconnects.
        raise gevent.GreenletExit
    if gevent.getcurrent() in _ended and gevent.getcurrent() not in _undone:
        raise gevent.GreenletExit


def is_putting_back() -> bool:
    """Return whether what is at work here is what the end of the run waits for."""
    return gevent.getcurrent() in _undone


@contextmanager
def putting_back(what: str) -> Iterator[None]:
    """Mark a part of the program that the end of the run waits for.

    + what: said to whoever does not want to wait, such as the request that is not sent then
    """
    _undone[gevent.getcurrent()] = what
    try:
        yield
    finally:
        _undone.pop(gevent.getcurrent(), None)


def before_disconnecting(disconnect_all: Callable[[State], None]) -> Callable[[State], None]:
    """Return pyinfra's function that ends a run, as one that no signal breaks off.

    The operations that are still at work end first: one that went on would see that the run ends,
    and break off what others are putting back. A signal that comes meanwhile counts for the exit
    code; after `PATIENCE` a second one ends the process, and says what was not put back.
    """

    def leave(state: State) -> None:
        global _leaving_since, _ended
        _leaving_since = time.monotonic()
        _on_signals(_leave)
        gevent.joinall(list(_undone))
        _ended = frozenset(state.pool)
        state.pool.kill(timeout=KILLED_WITHIN)
        disconnect_all(state)
        if _code is not None:
            sys.exit(_code)

    return leave


def _on_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    _note(number)
    # What is raised is on its way to where pyinfra disconnects; another one could not get there.
    if _count == 1:
        _exit_main()


def _leave(number: int, frame: FrameType | None) -> None:
    _note(number)
    if _count > 1 and _leaving_since and time.monotonic() - _leaving_since > PATIENCE:
        for text in _undone.values():
            print_line(f"NOT put back: {text}", err=True)
            verdict.undone("NOT put back", text)
        _exit_main()


def _exit_main() -> None:
    """Raise SystemExit in the main greenlet, whichever a signal has found at work.

    A greenlet may be one of other people's threads, which all are greenlets here: `threading` ends
    a thread that raises SystemExit without a word, and whoever waits for it waits for ever.
    """
    hub = gevent.get_hub()
    if gevent.getcurrent() is hub.parent:
        sys.exit(_code)
    hub.loop.run_callback(hub.parent.throw, SystemExit(_code))


def _note(number: int) -> None:
    global _code, _count
    _code = _code or 128 + number
    _count += 1
