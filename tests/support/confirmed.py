"""pyinfra without -y: its preview, something in between, and the answer that starts the run."""

import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab_process import ROOT, Pyinfra
from limits import LIMIT

QUESTION = b", as shown above? [Y/n]:"


def run_confirmed(
    pyinfra: Pyinfra,
    deploy: str,
    between: Callable[[], object],
    *arguments: str,
    answer: bytes = b"\n\n",
) -> tuple[int, str]:
    """Run a deploy; when its preview is there, do something, then answer the question.

    Somebody sits there, and what is printed goes into a file. The usual answer is yes, and no to
    the question whether to go on after a failure.
    """
    terminal, theirs = pty.openpty()
    with subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("pyinfra")), "inventory.py"),
            *(f"deploys/{deploy}.py", *arguments),
        ],
        cwd=ROOT,
        env=pyinfra.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        preview = b""
        deadline = time.monotonic() + LIMIT
        while QUESTION not in preview:
            data = os.read(process.stdout.fileno(), 65536)
            assert data and time.monotonic() < deadline, preview.decode()
            preview += data
        between()
        os.write(terminal, answer)
        output, _ = process.communicate(timeout=LIMIT)
    os.close(terminal)
    return process.returncode, (preview + output).decode()
