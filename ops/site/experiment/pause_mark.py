"""The mark that a run puts before a runner's maintenance note while it has paused the runner."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_NOTE = 1024  # of GitLab
BEGINNING = "Paused while its pod is replaced (deploys/follow_experiment.py) by "
_MARK = re.compile(
    re.escape(BEGINNING)
    + r"(?P<user>[^\n]+?)@(?P<host>\S+), pid (?P<pid>\d+), (?P<since>[\dT:-]+Z)\."
    + r"(?: (?P<note>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Mark:
    """Who has paused a runner, and when.

    + user, host, pid: the process
    + since: in UTC, as in the note: "2026-02-23T10:00:00Z"
    """

    user: str
    host: str
    pid: int
    since: str

    def __str__(self) -> str:
        return f"{self.user}@{self.host}, pid {self.pid}, {self.since}"


def marked(note: str, mark: Mark) -> str:
    """Return a note with a mark before it.

    + note: the runner's own note
    + mark: who pauses the runner

    A run that is killed can put nothing back, so all that the next one needs is in the note. Raises
    ValueError where there is no room for both.
    """
    text = f"{BEGINNING}{mark}."
    both = f"{text} {note}" if note else text
    if len(both) > LONGEST_NOTE:
        raise ValueError(
            f"its maintenance note of {len(note)} characters leaves no room for the mark of the"
            f" pause: shorten it to {LONGEST_NOTE - len(text) - 1}"
        )
    return both


def own_note(settings: Mapping[str, Any]) -> str:
    """Return the note of a runner without a mark, exactly as it was before.

    + settings: of the runner
    """
    note = str(settings["maintenance_note"] or "")
    found = _MARK.fullmatch(note)
    return note if found is None else found["note"] or ""


def mark_of(settings: Mapping[str, Any]) -> Mark | None:
    """Return the mark of a paused runner, or None where a person has paused it, or nobody.

    + settings: of the runner
    """
    found = _MARK.fullmatch(str(settings["maintenance_note"] or ""))
    if not settings["paused"] or found is None:
        return None
    return Mark(found["user"], found["host"], int(found["pid"]), found["since"])
