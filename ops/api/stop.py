"""An orderly end of the run on Ctrl-C, SIGTERM and SIGHUP, with an exit code that says so."""

import signal
import sys
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_code: int | None = None  # the exit code that a signal has asked for


def stop_on_signals() -> None:
    """Make signals end the run as an error does: pyinfra disconnects from its hosts.

    pyinfra 3.10 exits 0 on Ctrl-C, as if the work was done, and dies on SIGTERM and on SIGHUP (a
    closed terminal) without disconnecting. Here the exit code is 128 + the signal's number. What is
    run by nohup goes on after SIGHUP.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def end_if_asked() -> None:
    """Raise SystemExit where a signal has asked for the end, and somebody has swallowed that.

    Called before work that takes time. The exception is raised wherever the signal finds the
    program: in `WebSocket.close` of websocket-client, for one, which ignores whatever is raised.
    """
    if _code is not None:
        sys.exit(_code)


def _stop(number: int, frame: FrameType | None) -> None:
    global _code
    _code = 128 + number
    # On the way out something may be put back, which a second Ctrl-C must not break off. It has a
    # limit of its own, and SIGQUIT (Ctrl-\\) ends the process at once.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(_code)
