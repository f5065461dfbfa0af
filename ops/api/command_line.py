"""What the command line of this run says: pyinfra 3.10 tells it to nobody but itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

_parameters: dict[str, Any] = {}


def remember() -> None:
    """Remember the command line; called while pyinfra loads config.py."""
    command = click.get_current_context(silent=True)
    _parameters.clear()
    _parameters.update(command.params if command else {})


def is_dry_run() -> bool:
    """Return whether the run ends with the preview, and so changes nothing."""
    return bool(_parameters.get("dry"))


def is_json() -> bool:
    """Return whether stdout belongs to a JSON document."""
    return bool(_parameters.get("json_output"))


def is_debug() -> bool:
    """Return whether pyinfra shows its own operations, and executes none."""
    return bool(_parameters.get("debug_operations") or _parameters.get("debug_facts"))


def inventory() -> str:
    """Return the inventory as it was named."""
    return str(_parameters.get("inventory") or "")


def deploy_files() -> Sequence[Path]:
    """Return the deploy files that are run; none for another command."""
    names = _parameters.get("operations") or ()
    files = [Path(name) for name in names if name.endswith(".py")]
    return files if len(files) == len(names) else []
