"""Snapshots: files with the settings of all runners, to go back to (deploys/restore_runners.py)."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError, OperationValueError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report
from ops.api.operation import operation, read
from ops.api.shown import without_credentials
from ops.gitlab.facts.runners import Runners
from ops.gitlab.runner_query import NULLABLE, SETTINGS
from ops.shell.local_file import unwritable, write_private


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
    path = _path(directory)
    problem = unwritable(Path(path))
    if problem:
        raise OperationError(f"{host.name}: {problem} (snapshot_directory)")
    live = read(host, Runners)
    document = {"gitlab": without_credentials(host.data.gitlab_url), "runners": list(live.values())}
    yield Action(f"save the settings of {len(live)} runners in {path}", _write, path, document)


@dataclass(frozen=True)
class Snapshot:
    """The settings of runners as they once were.

    + path: the file that they were read from
    + runners: the settings by runner id, with the names of GitLab's REST API
    """

    path: Path
    runners: Mapping[int, Mapping[str, Any]]

    def settings(self, number: int) -> dict[str, Any]:
        """Return a runner's settings as arguments of `gitlab.runner`.

        What had no value gets none again; what a snapshot does not hold is left alone. Tags are
        left alone where the bug had taken them: the runner may take no untagged jobs, or another
        one had no tags at the same time.
        """
        saved = {name: value for name, value in self.runners[number].items() if name in SETTINGS}
        tags = saved.pop("tag_list", None)
        empty = [n for n, runner in self.runners.items() if not runner.get("tag_list")]
        is_meant = bool(tags) or (saved.get("run_untagged") and len(empty) == 1)
        cleared = [name for name in NULLABLE if name in saved and saved[name] is None]
        return {"tags": tags if is_meant else None, "cleared": cleared, **saved}

    def report(self, host: Host, known: Collection[int]) -> None:
        """Print which file is used, and which of its runners the inventory does not know.

        + known: ids of the runners in the inventory
        """
        report(host, [f"snapshot {self.path}: {len(self.runners)} runners"])
        unknown = sorted(set(self.runners) - set(known))
        if unknown:
            report(host, [f"not in the inventory, so not restored: {unknown}"])
        lost = [n for n in sorted(self.runners) if self.settings(n)["tags"] is None]
        if lost:
            report(host, [f"had lost their tags when it was saved, so those stay: {lost}"])


def newest(path: str, gitlab_url: str) -> Snapshot:
    """Read a snapshot.

    + path: a file, or a directory of which the newest snapshot is taken
    + gitlab_url: the installation that it must be of; another one has other runners

    Raises OperationValueError in words where there is none or it is not one of this installation.
    """
    files = sorted(Path(path).glob("runners-*.json")) if Path(path).is_dir() else [Path(path)]
    if not files:
        raise OperationValueError(f"no snapshot in {path}: name one with --data snapshot=FILE")
    try:
        document = json.loads(files[-1].read_text())
        origin, runners = document["gitlab"], {r["id"]: r for r in document["runners"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OperationValueError(f"{files[-1]} is no snapshot of runners ({error!r})") from None
    this = without_credentials(gitlab_url)
    if origin != this:
        raise OperationValueError(f"{files[-1]} is a snapshot of {origin}, and this is {this}")
    return Snapshot(files[-1], runners)


def _path(directory: str) -> str:
    """Return the path of a snapshot taken now."""
    return str(Path(directory, f"runners-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.json"))


def _write(state: State, host: Host, path: str, document: Mapping[str, Any]) -> bool:
    write_private(Path(path), json.dumps(document, indent=2, sort_keys=True) + "\n")
    return True
