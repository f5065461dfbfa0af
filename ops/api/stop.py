"""An orderly end of the run on SIGTERM and Ctrl-C, with an exit code that says so."""

import signal
import sys
from types import FrameType


def stop_on_signals() -> None:
    """Make SIGTERM and SIGINT end the run as an error does: pyinfra disconnects from its hosts.

    pyinfra 3.10 exits 0 on Ctrl-C, as if the work was done, and dies on SIGTERM without
    disconnecting. Here the exit code is 128 + the signal's number.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second signal during the way out ends the process at once.
    signal.signal(number, signal.SIG_DFL)
    sys.exit(128 + number)
