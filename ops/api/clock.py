"""The time by which windows are judged, read at this one place.

A clock that is set back while a run goes on does not make a window longer: the time that a run has
seen goes on at least as fast as the machine counts seconds. One that is set forward counts at once.
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

# Of the practice site and the tests alone: a file that says what time it is.
VARIABLE = "SITE_CLOCK"


class Clock:
    """A clock that does not go back.

    + wall: seconds since 1970 by the machine's clock
    + counted: seconds by a counter that nobody sets
    """

    def __init__(self, wall: float, counted: float) -> None:
        self._wall, self._counted = wall, counted

    def reading(self, wall: float, counted: float) -> float:
        """Return the time in seconds since 1970.

        + wall, counted: as they are now
        """
        self._wall = max(wall, self._wall + counted - self._counted)
        self._counted = counted
        return self._wall


_clock = Clock(time.time(), time.monotonic())


def is_replaced() -> bool:
    """Return whether another clock than the machine's counts."""
    return bool(os.environ.get(VARIABLE))


def now() -> datetime:
    """Return the time; raise ValueError where the file of SITE_CLOCK says none."""
    if name := os.environ.get(VARIABLE):
        return _said_by(Path(name))
    return datetime.fromtimestamp(_clock.reading(time.time(), time.monotonic()), UTC)


def _said_by(file: Path) -> datetime:
    try:
        found = datetime.fromisoformat(file.read_text(encoding="utf-8").strip())
    except (OSError, ValueError) as error:
        raise ValueError(f"{VARIABLE}={file} says no time: {error}") from None
    if found.tzinfo is None:
        raise ValueError(f"{VARIABLE}={file} says a time without a zone: {found}")
    return found.astimezone(UTC)
