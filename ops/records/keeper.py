"""The record of the run that goes on: written when it begins, before each step, and at its end."""

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.api.journal import Note, changes
from ops.records.chain import TIME
from ops.records.directory import REPORT, Records
from ops.records.seal import DONE, RUNNING, seal

FORMAT = 1
LONGEST_JOB = 60


class Keeper:
    """Keeps the record of one run.

    + directory: of all records
    + count, days: how many records are kept, and how long
    + warn: called once where the record cannot be written while the run goes on, and where there is
      no report of it
    """

    def __init__(
        self, directory: Path, count: int, days: float, warn: Callable[[str, str], None]
    ) -> None:
        self._records = Records(directory)
        self._count, self._days = count, days
        self._warn = warn
        self._has_warned = False
        self._name = ""
        self._descriptor: int | None = None
        self._head: dict[str, Any] = {}
        self._notes: list[Note] = []

    @property
    def path(self) -> Path:
        """The file of the report; of the record where there is no report."""
        file = self._records.file(self._name)
        report = file.with_name(REPORT)
        return report if report.exists() else file

    def begin(self, job: str, told: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        """Make the record of a run; raises OSError in words where that cannot be.

        + job: what runs
        + told: what is known of the run beside its document
        + document: of the run so far
        """
        now = datetime.now(UTC).strftime(TIME)
        word = re.sub(r"[^\w.-]+", "-", job, flags=re.ASCII)[:LONGEST_JOB]
        self._name = f"{now}-{word}-{secrets.token_hex(3)}"
        self._records.make()
        with self._records.lock():  # Nobody else may find it before it is held.
            self.path.parent.mkdir(mode=0o700)
            self._descriptor = self._records.hold(self._name)
            self._head = {"format": FORMAT, "id": self._name, "status": RUNNING}
            self._head |= {"sequence": None, "previous": None, **told, "executing": None}
            self._head["report_problem"] = None
            self._records.note(self._name, "")  # What cannot be written is found now.
            try:
                self._write(document)
            except BaseException:  # A signal ends a run with an exception, too.
                self.discard()
                raise

    def go_on(self, executing: str, document: Mapping[str, Any]) -> None:
        """Have the record say how far the run is.

        + executing: name of the operation that is about to be executed
        """
        self._head["executing"] = executing
        self.keep(document)

    def keep(self, document: Mapping[str, Any]) -> None:
        """Have the record say what is known by now of a run that goes on."""
        self._try(lambda: self._write(document))

    def note(self, note: Note) -> None:
        """Keep what is sent, and what is answered, at once: a killed run has it, too."""
        self._notes.append(note)
        self._try(lambda: self._records.note(self._name, json.dumps(note) + "\n"))

    def finish(self, document: Mapping[str, Any]) -> None:
        """Have the record say what the run came to, and seal it."""
        self._head |= {"status": DONE, "executing": None}
        self._head["report_problem"] = self._report(document)
        self._try(lambda: self._seal(document))
        self._let_go()

    def discard(self) -> None:
        """Remove the record: nothing was changed or proven."""
        self._records.remove(self._name)
        self._let_go()

    def _report(self, document: Mapping[str, Any]) -> str | None:
        """Write the report; return why there is none."""
        try:
            self._records.write_report(self._name, self._record(document))
        except Exception as error:  # Whatever is wrong with it, the run has done its work.
            reason = str(error) or type(error).__name__
            self._warn("report", reason)
            return reason
        return None

    def _seal(self, document: Mapping[str, Any]) -> None:
        self._write(document)
        seal(self._records, self._name, self._count, self._days)

    def _write(self, document: Mapping[str, Any]) -> None:
        self._records.write(self._name, self._record(document))

    def _record(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._head, "changes": changes(iter(self._notes)), "run": document}

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except (OSError, ValueError) as error:
            if not self._has_warned:
                self._has_warned = True
                self._warn("record", getattr(error, "strerror", None) or str(error))

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
