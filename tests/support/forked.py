"""The other side of fork_server.py: runs of pyinfra that have other people's packages already."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from limits import LIMIT

SERVER = Path(__file__).with_name("fork_server.py")
# The interpreter and the C library read these when a process starts.
AT_START = ("LANG", "LC_", "MALLOC_", "PYTHON", "TZ")


class ForkServer:
    """A process that runs one pyinfra after the other, each in a fork of its own.

    + script: the script that a run would otherwise start
    + directory: where each run starts
    + environment: what the packages see when they are imported
    """

    def __init__(self, script: Path, directory: Path, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, str(SERVER), str(theirs.fileno()), str(script)],
                cwd=directory,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # A pipe, for what runs in a fork has one as its standard output.
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        with self.channel.makefile() as lines:
            variables = lines.readline()
        if not variables:
            output, _ = self.process.communicate()
            raise RuntimeError(f"the fork server did not start:\n{output.decode()}")
        self.variables = frozenset(json.loads(variables))

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Return whether the packages would be the same in a process with this environment."""
        names = {*self.environment, *environment}
        counting = {name for name in names if name in self.variables or name.startswith(AT_START)}
        return all(self.environment.get(name) == environment.get(name) for name in counting)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> "Forked":
        """Run pyinfra with these arguments, and with nothing else in its environment."""
        reader, writer = os.pipe()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.channel, [b"\n"], [writer, theirs.fileno()])
        os.close(writer)
        command = {"arguments": arguments, "environment": dict(environment)}
        ours.sendall(json.dumps(command).encode() + b"\n")
        return Forked(arguments, ours, reader)

    def stop(self) -> None:
        """End the server, which has nothing more to run."""
        self.channel.close()
        self.process.communicate(timeout=LIMIT)


class Forked:
    """A run in a fork, with what a test wants of a `subprocess.Popen`.

    + channel: tells the pid and, in the end, the exit code
    + output: the descriptor of what is printed
    """

    def __init__(self, arguments: Sequence[str], channel: socket.socket, output: int) -> None:
        self.args = list(arguments)
        self.returncode: int | None = None
        self.stdout = open(output)  # noqa: SIM115
        self._channel = channel
        self._lines: list[str] = []
        self._reader: threading.Thread | None = None
        self.pid = self._number()

    def _number(self) -> int:
        line = b""
        while not line.endswith(b"\n"):
            line += self._channel.recv(1)
        return int(line)

    def poll(self) -> int | None:
        """Return the exit code, or None where it still runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float = LIMIT) -> int:
        """Return the exit code; raise TimeoutExpired where it still runs."""
        if self.returncode is None:
            if not select.select([self._channel], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout)
            self.returncode = self._number()
            self._channel.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, as `kill` does."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it, however busy it is."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float = LIMIT) -> tuple[str, None]:
        """Return the rest of the output; raise TimeoutExpired, with what came, where it runs on."""
        deadline = time.monotonic() + timeout
        if self._reader is None:  # What came before a time-out belongs to the rest, too.
            self._reader = threading.Thread(target=self._read, daemon=True)
            self._reader.start()
        self._reader.join(timeout)
        if self._reader.is_alive():
            raise subprocess.TimeoutExpired(self.args, timeout, "".join(self._lines).encode())
        self.stdout.close()
        self.wait(max(0, deadline - time.monotonic()))
        return "".join(self._lines), None

    def _read(self) -> None:
        self._lines.extend(self.stdout)

    def __enter__(self) -> "Forked":
        return self

    def __exit__(self, *raised: object) -> None:
        self.kill()
        if not self.stdout.closed:
            self.communicate()


# What a test has started, whichever way.
Process = subprocess.Popen[str] | Forked
