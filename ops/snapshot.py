"""Snapshots: files with the settings of all runners, to go back to (deploys/restore_runners.py)."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.operation import operation, read
from ops.facts.gitlab import Runners


@operation
def runners(directory: str) -> Iterator[PyinfraCommand]:
    """
    Save the settings of all runners to a file, to restore them with `deploys/restore_runners.py`.

    + directory: where the file is written on the operator's machine; made when missing

    The file is named after the time, has mode 0600 and holds no token.

    **Example:**

    ```python
    snapshot.runners(
        name="Save the settings of all runners",
        directory="snapshots",
    )
    ```
    """
    live = read(host, Runners)
    path = _path(directory)
    yield Action(f"save the settings of {len(live)} runners in {path}", _write, path, live)


def read_snapshot(path: str) -> dict[int, dict[str, Any]]:
    """Return the settings of the runners in a snapshot by id.

    + path: a snapshot, or a directory of which the newest snapshot is taken

    Raises OperationValueError in words where there is none or it is not readable as one.
    """
    files = sorted(Path(path).glob("runners-*.json")) if Path(path).is_dir() else [Path(path)]
    if not files:
        raise OperationValueError(f"no snapshot in {path}: name one with --data snapshot=FILE")
    try:
        document = json.loads(files[-1].read_text())
        return {runner["id"]: runner for runner in document["runners"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OperationValueError(f"{files[-1]} is no snapshot of runners ({error!r})") from None


def _path(directory: str) -> str:
    """Return the path of a snapshot taken now."""
    return str(Path(directory, f"runners-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.json"))


def _write(state: State, host: Host, path: str, runners: Mapping[int, Mapping[str, Any]]) -> bool:
    """Write a snapshot, complete or not at all."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".new")
    text = json.dumps({"runners": list(runners.values())}, indent=2, sort_keys=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    temporary.rename(target)
    return True
