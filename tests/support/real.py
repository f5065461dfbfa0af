"""The parts of the real tier: programs of others that `make real` builds into `.real/`."""

import itertools
import os
import random
import re
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from limits import LIMIT

ROOT = Path(__file__).parent.parent.parent
REAL = ROOT / ".real"

_WORKER = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
_FIRST = random.randrange(1000)
_PORTS = (20000 + 1000 * (_WORKER % 12) + n % 1000 for n in itertools.count(_FIRST))


def built(part: str) -> Path:
    """Return the folder of a part that is built.

    Without it the test is skipped; with TEST_REAL in the environment it fails.
    """
    folder = REAL / part
    if not (folder / ".built").exists():
        if os.environ.get("TEST_REAL"):
            pytest.fail(f"{part} is not built: make real")
        pytest.skip("not built: make real")
    return folder


def free_ports(number: int) -> list[int]:
    """Return ports of this machine at which nothing listens.

    They lie below those that the system gives to clients, and each process of the tests has its
    own thousand: a server that is started, also again, finds its port as it was.
    """
    found: list[int] = []
    while len(found) < number:
        port = next(_PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
    return found


def start(command: list[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a server that ends with these tests, however they end."""
    if setpriv := shutil.which("setpriv"):
        command = [setpriv, "--pdeathsig", "KILL", *command]
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
        )


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """End a server and wait for it."""
    if process.poll() is None:
        process.send_signal(number)
    process.wait(LIMIT)
