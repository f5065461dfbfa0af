"""Waiting for the lock of the site, with a sign of life, and taking over what nobody renews."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ops.api.stop import end_if_asked
from ops.http.request_failed import is_permanent
from ops.lock.holder import Holder
from ops.lock.seen import Seen, Silence


class Lock(Protocol):
    """A lock that one run holds at a time."""

    def look(self) -> Seen:
        """Return what it is now; raises OSError in words where it cannot be read."""

    def take(self, seen: Seen) -> bool:
        """Take it where it is still what was seen, and return whether that was done."""


class Held(Exception):
    """Somebody holds the lock, and the time for waiting is over.

    + holder: who
    + seen: the lock that he holds
    """

    def __init__(self, holder: Holder, seen: Seen) -> None:
        super().__init__(holder.identity)
        self.holder, self.seconds, self.ended_by = holder, seen.seconds, seen.ended_by


@dataclass(frozen=True)
class Patience:
    """How to wait.

    + seconds: how long; 0: not at all
    + interval: seconds between two looks
    + tell: called after each look in vain, with who holds it and for how long this run has waited
    + ask_later: called where it could not be read
    """

    seconds: float
    interval: float
    tell: Callable[[Holder, float], None]
    ask_later: Callable[[str], None]


def wait_for(lock: Lock, patience: Patience) -> Holder | None:
    """Take a lock as soon as nobody has it; return from whom it was taken over, or None.

    Raises Held where the time is over, and OSError where the lock cannot be read.
    """
    began = time.monotonic()
    silence = Silence(time.monotonic)
    while True:
        end_if_asked()
        asked = time.monotonic()
        try:
            seen = lock.look()
        except OSError as error:
            if is_permanent(error) or asked - began >= patience.seconds:
                raise
            patience.ask_later(str(error))
        else:
            is_silent = silence.is_over(asked, seen)
            if (seen.holder is None or is_silent) and lock.take(seen):
                return seen.holder
            if seen.holder is not None:
                if asked - began >= patience.seconds:
                    raise Held(seen.holder, seen)
                patience.tell(seen.holder, asked - began)
        time.sleep(_pause(patience, asked - began))


def _pause(patience: Patience, waited: float) -> float:
    return max(0.05, min(patience.interval, patience.seconds - waited))
