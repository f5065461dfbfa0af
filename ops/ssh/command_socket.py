"""A ProxyCommand: a program whose input and output are the connection to an SSH host."""

import os
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress

from ops.api.visible import cut, visible

LONGEST = 300
# It has closed its output: how long it may take to end, in seconds.
END_SECONDS = 1


class CommandSocket:
    """Start a ProxyCommand; `socket` is the connection.

    + command: for the shell
    """

    def __init__(self, command: str) -> None:
        self.command = command
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.socket, far = socket.socketpair()
        with far:
            # gevent makes its sockets not blocking, which a program does not expect.
            os.set_blocking(far.fileno(), True)
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                stdin=far.fileno(),
                stdout=far.fileno(),
                stderr=self._errors,
                start_new_session=True,
            )

    def problem(self) -> str:
        """Return why it ended, or an empty text where it goes on."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(END_SECONDS)
            self._errors.seek(0)
            text = self._errors.read().decode(errors="replace").strip()
            last = cut(visible(text.splitlines()[-1] if text else ""), LONGEST)
            return f"ended with exit code {code}{f': {last}' if last else ''}"
        return ""

    def close(self) -> None:
        """Close the connection, and end the program."""
        self.socket.close()
        with suppress(ProcessLookupError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
