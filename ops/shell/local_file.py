"""Files of the operator's: written complete or not at all, and readable by nobody else."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600; its directory is made when missing.

    Whoever reads it meanwhile has the whole of what was there, or the whole of what is there now:
    of several writers the last one stays. What a killed one leaves has a name that nobody reads.

    Raises OSError in words where that cannot be.
    """
    try:
        _write(path, text)
    except OSError as error:
        raise OSError(_why(path, error.strerror or str(error))) from None


def unwritable(path: Path) -> str:
    """Return why a file could not be written there, or an empty text; nothing is made."""
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if not nearest.is_dir():
        return _why(path, f"{nearest} is no directory")
    return "" if os.access(nearest, os.W_OK | os.X_OK) else _why(path, "Permission denied")


def _why(path: Path, reason: str) -> str:
    return f"{path} cannot be written ({reason}): make its directory writable, or name another one"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own for each writer, and 0600 from the first byte.
    descriptor, temporary = tempfile.mkstemp(".new", f".{path.name}.", path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)  # Else a crash may leave the new name without its text.
        os.replace(temporary, path)
    except BaseException:  # A signal ends a run with an exception, too.
        with suppress(OSError):
            os.unlink(temporary)
        raise
