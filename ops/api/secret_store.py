"""The operator's secret stores: the environment, a helper program, a file.

A source says where a value is, and is no secret itself:

* `environment:NAME`: the variable NAME of the process
* `helper:COMMAND`: the first line that a program prints, such as `helper:pass show site/kafka`
* `file:PATH`: the first line of a file that only the operator can read
"""

import shlex
import stat
import subprocess
from pathlib import Path

from pyinfra.api.exceptions import OperationValueError

from ops.api import environment
from ops.api.secret import Secret
from ops.api.shown import never_show

HELPER_SECONDS = 60


def secret(name: str, source: str) -> Secret:
    """Return a secret out of the operator's store.

    + name: what it is for, for messages
    + source: where it is, as described above

    Raises OperationValueError in words where it is not there; no message holds its value.
    """
    kind, _, place = source.partition(":")
    readers = {"environment": _environment, "helper": _helper, "file": _file}
    if kind not in readers or not place:
        raise OperationValueError(
            # It may be the secret itself, put there by mistake.
            f"{name}: its source is none of environment:NAME, helper:COMMAND and file:PATH"
        )
    try:
        value = readers[kind](place)
    except OSError as error:
        raise OperationValueError(f"{name}: {source} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OperationValueError(f"{name}: {source} gives no text") from None
    except ValueError as error:
        raise OperationValueError(f"{name}: {error}") from None
    if not value:
        raise OperationValueError(f"{name}: {source} gives no value")
    never_show(value)
    return Secret(value)


def _environment(name: str) -> str:
    return environment.variable(name)


def _helper(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise OperationValueError(f"`{command}` is no command: {error}") from None
    try:
        done = subprocess.run(words, capture_output=True, timeout=HELPER_SECONDS)
    except subprocess.TimeoutExpired:
        raise OperationValueError(f"`{command}` gave no answer in {HELPER_SECONDS} s") from None
    if done.returncode != 0:
        # What it printed may hold the secret, and is not shown.
        raise OperationValueError(f"`{command}` ended with exit code {done.returncode}")
    return _first_line(done.stdout.decode())


def _file(place: str) -> str:
    path = Path(place).expanduser()
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        raise OperationValueError(f"{path} can be read by others: chmod 600 {path}")
    return _first_line(path.read_text())


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].rstrip("\r")
