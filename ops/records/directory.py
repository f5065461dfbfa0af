"""The directory of all records, and the locks that runs hold there."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ops.api.journal import changes
from ops.records.chain import Chain, Found, from_text, to_text
from ops.shell.local_file import write_private

FILE, REPORT = "record.json", "report.html"
NOTES = "changes.jsonl"  # what has been sent, as long as the run goes on
CHAIN = "chain.json"
BELOW_STATE = "site-operations/runs"  # of a user's state directory
PATIENCE = 20  # seconds that another run may take for what it does under the lock
_NAME = re.compile(r"^\d{8}T\d{6}Z-[\w.-]+-[0-9a-f]{6}$", re.ASCII)


class _Form(msgspec.Struct):
    """What is needed of a record here; docs/record.schema.json has all."""

    id: str
    status: str
    sequence: int | None
    previous: str | None
    run: dict[str, Any]


class Records:
    """The records in a directory, which need not be there yet.

    + path: of the directory
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """Return the names of all records, the oldest one first."""
        if not self.path.is_dir():
            return []
        return sorted(entry.name for entry in self.path.iterdir() if _NAME.match(entry.name))

    def file(self, name: str) -> Path:
        """Return the file of a record."""
        return self.path / name / FILE

    def read(self, name: str) -> dict[str, Any]:
        """Return a record; raises OSError or ValueError where there is none."""
        text = self.file(name).read_bytes()
        try:
            msgspec.json.decode(text, type=_Form)
        except msgspec.ValidationError as error:
            raise ValueError(f"{self.file(name)} is no record ({error})") from None
        found: dict[str, Any] = json.loads(text)
        return found

    def found(self, name: str) -> Found | None:
        """Return what a record says of its place in the chain; None where it cannot be read."""
        try:
            text = self.file(name).read_bytes()
            record = self.read(name)
        except (OSError, ValueError):
            return None
        sequence, previous = record["sequence"], record["previous"]
        return Found(hashlib.sha256(text).hexdigest(), sequence, previous)

    def write(self, name: str, record: dict[str, Any]) -> str:
        """Replace a record as a whole, and return the digest of its file."""
        text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
        write_private(self.file(name), text)
        return hashlib.sha256(text.encode()).hexdigest()

    def note(self, name: str, line: str) -> None:
        """Add a line to the notes of a run that goes on; raises OSError where that cannot be."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        descriptor = os.open(self.path / name / NOTES, flags, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def with_notes(self, name: str, record: dict[str, Any]) -> dict[str, Any]:
        """Return the record of a run that was killed, with all that it has noted."""
        try:
            text = (self.path / name / NOTES).read_text(encoding="utf-8")
        except FileNotFoundError:
            return record
        # The last line may be cut: the run was killed while it wrote that.
        lines = text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
        return {**record, "changes": changes(map(json.loads, lines))}

    def forget_notes(self, name: str) -> None:
        """Remove the notes of a run: its record has them."""
        (self.path / name / NOTES).unlink(missing_ok=True)

    def chain(self) -> Chain:
        """Return the chain; an empty one where there is no file, ValueError where it is none."""
        try:
            return from_text((self.path / CHAIN).read_bytes())
        except FileNotFoundError:
            return Chain()
        except ValueError as error:
            raise ValueError(f"{self.path / CHAIN} is no chain of records ({error})") from None

    def write_report(self, name: str, record: dict[str, Any]) -> Path:
        """Write the report of a record beside it, and return its path."""
        # Most of what `ops.records` does needs no template and no picture.
        from ops.records.report import html

        path = self.file(name).with_name(REPORT)
        write_private(path, html(record))
        return path

    def write_chain(self, chain: Chain) -> None:
        """Replace the chain as a whole."""
        write_private(self.path / CHAIN, to_text(chain))

    def remove(self, name: str) -> None:
        """Remove a record with all that is in its directory."""
        shutil.rmtree(self.path / name, ignore_errors=True)

    def make(self) -> None:
        """Make the directory where it is missing; nobody else may look into it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def lock(self, *, shared: bool = False) -> Iterator[None]:
        """Hold the directory, so that no other run enters a record meanwhile.

        + shared: whether others may look as well
        """
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            _wait_for(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, self.path)
            yield
        finally:
            os.close(descriptor)

    def hold(self, name: str) -> int | None:
        """Hold a record, and return the descriptor that does; None where its run goes on."""
        descriptor = os.open(self.path / name, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor


def _wait_for(descriptor: int, kind: int, path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                text = f"{path} is held by another run for {PATIENCE} s: end that one"
                raise TimeoutError(text) from None
            time.sleep(0.02)
