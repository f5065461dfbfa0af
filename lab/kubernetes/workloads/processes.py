"""Real local processes that stand for the ones in a pod or on the control node."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

MARKER = "LAB_MACHINE"


class Machine:
    """A directory in which processes run as if it was a machine of its own.

    + root: the directory; `home` and `tmp` below it are the machine's
    + identity: marks the machine's processes, also the ones that left their session
    """

    def __init__(self, root: Path, identity: str, environment: Mapping[str, str]) -> None:
        self.root = root
        self.identity = identity
        self.home = root / "home"
        self.temporary = root / "tmp"
        for directory in (self.home, self.temporary, root / "bin"):
            directory.mkdir(parents=True)
        self.environment = {
            "PATH": f"{root / 'bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "LANG": "C.UTF-8",
            MARKER: identity,
            **environment,
        }

    async def start(self, command: Sequence[str], stdin: bool) -> asyncio.subprocess.Process:
        """Start a command in a session of its own; raise OSError where there is no such program."""
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
            cwd=self.home,
            start_new_session=True,
            limit=2**20,
        )

    def processes(self) -> list[int]:
        """Return the processes that run on this machine."""
        return [pid for pid, identity in _marked() if identity == self.identity]

    def files(self) -> list[str]:
        """Return the files below the machine's home and temporary directory."""
        places = (self.home, self.temporary)
        found = (path for place in places for path in place.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.root)) for path in found)

    def clear(self) -> None:
        """Remove all files of the machine."""
        for place in (self.home, self.temporary):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(exist_ok=True)

    def kill(self) -> None:
        """Kill everything that runs on this machine."""
        for pid in self.processes():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def kill_session(process: asyncio.subprocess.Process) -> None:
    """Kill a process and its group; what has left the group (setsid) goes on."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _marked() -> Iterator[tuple[int, str]]:
    # Linux only: elsewhere a detached process outlives its pod until the lab's directory is gone.
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        for variable in variables:
            if variable.startswith(f"{MARKER}=".encode()):
                yield int(entry.name), variable.partition(b"=")[2].decode()
