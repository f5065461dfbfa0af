"""Real local processes that stand for the ones in a pod or on the control node."""

import asyncio
import os
import shutil
import signal
from collections.abc import Collection, Iterable, Mapping, Sequence
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

    async def start(
        self, command: Sequence[str], streams: Collection[str]
    ) -> asyncio.subprocess.Process:
        """Start a command in a session of its own; raise OSError where there is no such program.

        + streams: which of stdin, stdout and stderr somebody is at the other end of
        """
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=pipe if "stdin" in streams else nothing,
            stdout=pipe if "stdout" in streams else nothing,
            stderr=pipe if "stderr" in streams else nothing,
            env=self.environment,
            cwd=self.home,
            start_new_session=True,
            limit=2**20,
        )

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


def kill_all(machines: Iterable[Machine]) -> None:
    """Kill everything that runs on some machines."""
    running = processes()
    for machine in machines:
        for pid in running.get(machine.identity, ()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def kill_session(process: asyncio.subprocess.Process) -> None:
    """Kill a process and its group; what has left the group (setsid) goes on."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def processes() -> dict[str, list[int]]:
    """Return the processes of each machine by its identity: one look at all, which takes a while.

    Linux only: elsewhere a detached process outlives its pod until the lab's directory is gone.
    """
    found: dict[str, list[int]] = {}
    marker = f"{MARKER}=".encode()
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                data = file.read()
        except OSError:
            continue
        if marker in data:
            for variable in data.split(b"\0"):
                if variable.startswith(marker):
                    found.setdefault(variable.removeprefix(marker).decode(), []).append(int(entry))
    return found
