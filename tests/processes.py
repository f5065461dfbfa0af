"""The arguments of all processes, where a secret must not be."""

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
