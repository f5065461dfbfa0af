"""The lock as a file, for the runs of one machine: the kernel lets it go when its holder dies."""

import json
import os
from contextlib import suppress
from pathlib import Path

from ops.lock.holder import Holder, from_document
from ops.lock.seen import Seen


class LocalLock:
    """A file that one process holds at a time, and beside it who that is.

    + directory: where they are; it is made when missing
    + name: of the file, without its ending
    + holder: this run
    """

    def __init__(self, directory: Path, name: str, holder: Holder) -> None:
        self.file = directory / f"{name}.lock"
        self._told = directory / f"{name}.json"
        self._holder = holder
        from filelock import FileLock  # A twentieth of a second, which a preview need not take.

        # Of the process, whichever greenlet asks. In a child that was forked filelock closes the
        # file without letting it go.
        mode = _mode(directory)
        self._lock = FileLock(self.file, mode=mode, timeout=0, thread_local=False)

    @property
    def is_held(self) -> bool:
        """Whether this run has taken it."""
        return self._lock.is_locked

    def look(self) -> Seen:
        """Take it where nobody has it, and return who has; raises OSError where it cannot be."""
        from filelock import Timeout

        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
            self._tell()
        except Timeout:
            return Seen("held", self._other())
        except OSError as error:
            raise OSError(f"{self.file}: {error.strerror or error}") from None
        return Seen("free", None)

    def take(self, seen: Seen) -> bool:
        """Return whether it is this run's."""
        return self.is_held

    def release(self) -> str:
        """Let it go."""
        if self.is_held:
            with suppress(OSError):
                self._told.unlink()
            self._lock.release()
        return ""

    def _tell(self) -> None:
        # Who reads it meanwhile has the whole of it. Others may read it.
        new = self._told.with_suffix(f".{os.getpid()}.new")
        new.write_text(json.dumps(self._holder.document()), encoding="utf-8")
        new.replace(self._told)

    def _other(self) -> Holder:
        try:
            found = from_document(json.loads(self._told.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            found = None
        # Between taking it and saying so, and after that, there is a moment.
        return found or Holder("another run", "this machine", 0, "", "")


def _mode(directory: Path) -> int:
    """Return the mode of the file: whoever may write in the directory may take the lock.

    One that only its maker may open keeps the other accounts out when it is free as well.
    """
    try:
        return directory.stat().st_mode & 0o666
    except OSError:  # It is made for this account alone.
        return 0o600
