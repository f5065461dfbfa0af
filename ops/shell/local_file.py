"""Files of the operator's: written complete or not at all, and readable by nobody else."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600; its directory is made when missing.

    Whoever reads it meanwhile has the whole of what was there, or the whole of what is there now:
    of several writers the last one stays. What a killed one leaves has a name that nobody reads.
    """
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
