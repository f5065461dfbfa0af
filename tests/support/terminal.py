"""pyinfra on a terminal of its own."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

from lab_process import ROOT, Pyinfra

# A terminal is as wide as it is, and what the tests run in may be no terminal at all.
OWN = ("CI", "COLUMNS", "LINES", "NO_COLOR", "PYINFRA_PROGRESS")


def on_a_terminal(pyinfra: Pyinfra, columns: int, *arguments: str, **variables: str) -> str:
    """Run pyinfra on a terminal of its own and return what it printed there."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 200, columns, 0, 0))
    environment = {k: v for k, v in pyinfra.environment.items() if k not in OWN}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("pyinfra")), *arguments],
        cwd=ROOT,
        env={**environment, "TERM": "xterm", **variables},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    output = b""
    try:
        while data := os.read(leader, 65536):
            output += data
    except OSError:  # Linux says so when the other end is closed.
        pass
    os.close(leader)
    process.wait(60)
    return output.decode()
