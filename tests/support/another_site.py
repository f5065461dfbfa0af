"""A copy of this repository with the inventory of another site, as somebody who adopts it has."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab_process import ROOT, SCRIPT, Pyinfra

from lab.site import copied

EXAMPLE = ROOT / "examples" / "small"


class Copy(Pyinfra):
    """The command line of pyinfra in a copy, whose own code and settings it runs.

    + inventory: directory with an `inventory.py` and a `group_data/`
    """

    def __init__(
        self, environment: Mapping[str, str], directory: Path, inventory: Path = EXAMPLE
    ) -> None:
        self.folder = directory / "copy"
        own = copied.copy(inventory, self.folder)
        super().__init__({**environment, **own}, directory)

    def start_anew(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return self._popen([str(SCRIPT), *arguments], environment)

    def shell(self, command: str) -> None:
        """Run a command that is no pyinfra's."""
        process = self._popen(["sh", "-c", command], {})
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output

    def _popen(self, command: list[str], environment: Mapping[str, str]) -> Any:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
