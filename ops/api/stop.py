"""An orderly end of the run on Ctrl-C, SIGTERM and SIGHUP, with an exit code that says so."""

import signal
import sys
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on_signals() -> None:
    """Make signals end the run as an error does: pyinfra disconnects from its hosts.

    pyinfra 3.10 exits 0 on Ctrl-C, as if the work was done, and dies on SIGTERM and on SIGHUP (a
    closed terminal) without disconnecting. Here the exit code is 128 + the signal's number. What is
    run by nohup goes on after SIGHUP.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    # On the way out something may be put back, which a second Ctrl-C must not break off. It has a
    # limit of its own, and SIGQUIT (Ctrl-\\) ends the process at once.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)
