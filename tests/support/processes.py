"""The arguments of all processes, where a secret must not be."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

reads_processes = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="reads the processes in Linux's /proc"
)


def process_list() -> str:
    """Return the arguments of each process on a line."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # It ended meanwhile.
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(lines)


def kill_all_of(words: str) -> None:
    """Kill the processes that have these words in their arguments, such as a directory."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if words in path.read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                os.kill(int(path.parent.name), signal.SIGKILL)
