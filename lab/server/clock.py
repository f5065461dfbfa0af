"""The time of the site: everything that takes a while there waits for this clock."""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count

NO_TIME = 1e-9  # of floating-point numbers: a moment has come although it looks as if it was ahead


class Clock:
    """A clock that may go faster than others do, and can be put forward.

    + speed: how many of its seconds pass in one of ours

    Clients have a clock of their own, so what they read of the time is the real one.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._usual = speed
        self._speed = speed
        self._shown, self._at = 0.0, time.monotonic()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of ours."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"a clock cannot go at {speed}")
        self._shown, self._at = self.now(), time.monotonic()
        self._speed = speed
        self._wind()

    def now(self) -> float:
        """Return the seconds since its beginning."""
        return self._shown + (time.monotonic() - self._at) * self._speed

    def advance(self, seconds: float) -> None:
        """Put it forward: what is due by then happens at once, in its order."""
        self._shown += seconds
        self._wind()

    def reset(self) -> None:
        """Let it go at its usual speed."""
        self.speed = self._usual

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something when so much of its time has passed."""
        heapq.heappush(self._due, (self.now() + seconds, next(self._numbers), action))
        self._wind()

    async def sleep(self, seconds: float) -> None:
        """Return when so much of its time has passed."""
        passed = asyncio.Event()
        self.later(seconds, passed.set)
        await passed.wait()

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            wait = max(0.0, self._due[0][0] - self.now()) / self._speed
            self._timer = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self.now() + NO_TIME
        while self._due and self._due[0][0] <= now:
            _, _, action = heapq.heappop(self._due)
            action()
        self._wind()
