"""Print docs/settings.md (`make docs`): the types of the settings, and what group_data/ says."""

import os
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from pyinfra.api.connectors import get_all_connectors

from ops.api.settings.document import Files, Given, of_connectors, of_groups
from ops.site.settings import GROUPS

INTRODUCTION = """\
# Settings

Written by `make docs` out of the types in `ops/site/settings/` and the values in `group_data/`:
change those.

A setting describes the hosts of a group, and stands in that group's file in `group_data/`. For one
run it is given with `--data NAME=VALUE`, which comes before a host's own in `inventory.py`, and
that before the group's file. Where a variable of the environment is named, that comes before the
default; an empty one counts as not set, but for `GITLAB_URL`, `KAFKA_BIN`, `KUBERNETES_VIA` and
`RECORD_DIRECTORY`, whose settings may be empty.

All of them are looked at before pyinfra connects to anything: one line for each that is wrong, exit
code 1, and nothing is sent. With `--data` a list is text with commas (`6930,6931`) or JSON
(`["a,b"]`), a mapping is JSON, and what is true or false is one of `true`, `false`, `yes`, `no`.
"""
MARK = "/a-value-of-the-environment"


class Environment(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, **variables: str) -> None:
        super().__init__(variables)
        self.asked: list[str] = []

    def get(self, name: str, default: Any = None) -> Any:
        """Return a variable as a mapping does."""
        self.asked.append(name)
        return super().get(name, default)


def read(directory: Path) -> Files:
    """Return what the files of a directory say of each group, and out of which variables.

    + directory: `group_data`
    """
    return {file.stem: dict(_read(file)) for file in sorted(directory.glob("*.py"))}


def _read(file: Path) -> Iterator[tuple[str, Given]]:
    empty = Environment()
    values = _run(file, empty)
    changed = {name: _run(file, Environment(**{name: MARK})) for name in empty.asked}
    for setting, value in values.items():
        # Another variable may decide which one counts; it is not where the value comes from.
        variables = [name for name, found in changed.items() if MARK in str(found[setting])]
        yield setting, Given(value, variables)


def _run(file: Path, environment: Environment) -> dict[str, Any]:
    with mock.patch.object(os, "environ", environment):
        found = runpy.run_path(str(file))
    return {k: v for k, v in found.items() if not k.startswith("_") and k != "environ"}


def document(directory: Path) -> str:
    """Return the text of docs/settings.md.

    + directory: `group_data`
    """
    files = read(directory)
    connectors = get_all_connectors()
    own = {f"@{name}": connectors[name] for name in ("gitlab", "kubernetes", "pod")}
    lines = [*of_groups(GROUPS.values(), files), *of_connectors(own, files)]
    return INTRODUCTION + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(Path("group_data")), end="")
