"""The file of a proof: what it allows to change, and whether that has come to its end."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.shell.local_file import write_private


def incomplete(file: str) -> dict[str, Any]:
    """Return what a file keeps of a change that has not come to its end; else nothing.

    + file: where the proof is kept
    """
    try:
        kept: dict[str, Any] = json.loads(Path(file).read_text())
    except (OSError, ValueError):
        return {}
    return {} if kept.get("complete") else kept


def complete(file: str) -> str:
    """Note in the file of a proof that its change has come to its end; return why that failed.

    Where it cannot be noted the file is removed: no later run may take the change for its own.
    """
    path = Path(file)
    try:
        kept = json.loads(path.read_text())
        write_private(path, text({**kept, "complete": True}))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        try:
            path.unlink(missing_ok=True)
        except OSError as again:
            return f"{file} cannot be marked as complete ({reason}), nor removed ({again}): do that"
        return f"{file} could not be marked as complete ({reason}), so it was removed"
    return ""


def text(document: Mapping[str, Any]) -> str:
    """Return what such a file has."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
