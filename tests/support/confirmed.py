"""pyinfra without -y: its preview, something in between, and the key that starts the run."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab_process import ROOT, Pyinfra
from limits import LIMIT

QUESTION = b"Press enter to execute..."


def run_confirmed(
    pyinfra: Pyinfra, deploy: str, between: Callable[[], object], *arguments: str
) -> tuple[int, str]:
    """Run a deploy; when its preview is there, do something, then press enter."""
    process = subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("pyinfra")), "inventory.py"),
            *(f"deploys/{deploy}.py", *arguments),
        ],
        cwd=ROOT,
        env=pyinfra.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin is not None and process.stdout is not None
    preview = b""
    deadline = time.monotonic() + LIMIT
    while QUESTION not in preview:
        data = os.read(process.stdout.fileno(), 65536)
        assert data and time.monotonic() < deadline, preview.decode()
        preview += data
    between()
    output, _ = process.communicate(b"\n", timeout=LIMIT)
    return process.returncode, (preview + output).decode()
