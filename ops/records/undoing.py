"""How a run is taken back. Pure."""

import shlex
from collections.abc import Mapping
from typing import Any


def undo_command(record: Mapping[str, Any]) -> str:
    """Return the command that shows what would take back what a run has changed."""
    job = ["pyinfra", record["run"]["inventory"], "deploys/undo.py"]
    return shlex.join([*job, "--data", f"record={record['id']}", "--dry"])
