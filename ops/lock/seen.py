"""What is known of a lock that somebody may hold, and when it may be taken over. Pure.

The clocks of two machines are never compared. Whoever waits counts for how long a lock has not
changed at all, and so has given no sign of life, by a counter of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ops.lock.holder import Holder


@dataclass(frozen=True)
class Seen:
    """A lock as it was at one moment.

    + stamp: what is another one after each change, so that a lock which was let go and taken
      meanwhile is not taken for the one that it was
    + holder: who holds it; None: nobody
    + seconds: after how many without a sign of life it may be taken over; 0: never
    + ended_by: how people end one that never ends by itself; empty: it does
    + what: what the lock itself needs to change it
    """

    stamp: str
    holder: Holder | None
    seconds: float = 0
    what: Any = None
    ended_by: str = ""


class Silence:
    """How long a lock has given no sign of life, as somebody has seen who looks again and again.

    + count: returns the seconds of a counter that is never set; one that stands still while this
      machine sleeps makes the wait longer, and never shorter
    """

    def __init__(self, count: Callable[[], float]) -> None:
        self._count = count
        self._stamp = ""
        self._since = count()

    def seconds(self, asked: float, seen: Seen) -> float:
        """Return for how long the lock has been what it is now.

        + asked: what the counter said before the lock was read
        + seen: what was read
        """
        if seen.stamp != self._stamp:
            # From now on, not from when it was asked: what it was before is not known.
            self._stamp, self._since = seen.stamp, self._count()
        return asked - self._since

    def is_over(self, asked: float, seen: Seen) -> bool:
        """Return whether the lock may be taken over from whoever holds it."""
        return self.seconds(asked, seen) >= seen.seconds > 0
