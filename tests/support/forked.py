"""The other side of fork_server.py: runs of pyinfra that have other people's packages already."""

import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
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

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], seconds: float
    ) -> tuple[int, str]:
        """Run to the end; return the exit code and the output, or raise TimeoutExpired."""
        reader, writer = os.pipe()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.channel, [b"\n"], [writer, theirs.fileno()])
        os.close(writer)
        with ours, ours.makefile("rw") as lines, open(reader, "rb", buffering=0) as output:
            json.dump({"arguments": arguments, "environment": dict(environment)}, lines)
            print(file=lines, flush=True)
            pid = int(lines.readline())
            printed, whole = _read(output, seconds)
            if not whole:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), seconds, printed)
            return int(lines.readline()), _text(printed)

    def stop(self) -> None:
        """End the server, which has nothing more to run."""
        self.channel.close()
        self.process.communicate(timeout=LIMIT)


def _read(output: io.FileIO, seconds: float) -> tuple[bytes, bool]:
    """Read to the end, or for some seconds; return what came, and whether that was all."""
    printed = b""
    deadline = time.monotonic() + seconds
    while select.select([output], [], [], max(0, deadline - time.monotonic()))[0]:
        data = output.read(65536)
        if not data:
            return printed, True
        printed += data
    return printed, False


def _text(data: bytes) -> str:
    """Return what a file in text mode gives."""
    with io.TextIOWrapper(io.BytesIO(data)) as text:
        return text.read()
