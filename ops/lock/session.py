"""The locks of one run, from before it reads anything to its end."""

import time
from collections.abc import Callable
from typing import Any

import gevent

from ops.lock.holder import Holder, at_work
from ops.lock.lease_lock import RENEWED, LeaseLock
from ops.lock.local_lock import LocalLock
from ops.lock.seen import Seen
from ops.lock.waiting import Held, Lock, Patience, wait_for

AGAIN = 1 / 20  # of its seconds, until a renewal that has failed is tried again


class Session:
    """The lock of the site as one run has it: a file, a Lease, or both.

    + local, lease: None where there is none
    + holder: this run
    + patience: how it waits for others
    + warn: called with a line when the lock is lost, or was taken over
    """

    def __init__(
        self,
        local: LocalLock | None,
        lease: LeaseLock | None,
        holder: Holder,
        patience: Patience,
        warn: Callable[[str], None],
    ) -> None:
        self._local, self._lease = local, lease
        self._holder, self._patience, self._warn = holder, patience, warn
        self._seen: Seen | None = None
        self._renewing: gevent.Greenlet | None = None
        self._waited = 0.0
        self._from: Holder | None = None

    def enter(self) -> None:
        """Have nobody else at work; raises Held where somebody is, for as long as this run waits.

        The file is taken here. So is the Lease where this run had rather wait than end; otherwise
        it is only looked at, and a run that finds nothing to do writes nothing.
        """
        began = time.monotonic()
        try:
            if self._local is not None:
                self._wait(self._local)
            if self._lease is not None and self._patience.seconds:
                self._wait(self._lease)
                self._go_on()
            elif self._lease is not None:
                self._seen = self._lease.look()
                if self._seen.holder is not None:
                    raise Held(self._seen.holder, self._seen)
        finally:
            self._waited = time.monotonic() - began

    def begin(self) -> str:
        """Take what is not taken yet; return why that cannot be, or an empty text."""
        if self._lease is None or self._lease.is_held:
            return self.refusal()  # Nothing is renewed while somebody thinks about a question.
        assert self._seen is not None
        if not self._lease.take(self._seen):
            return self._overtaken(self._lease)
        self._go_on()
        return ""

    def refusal(self) -> str:
        """Return why nothing may be changed now, or an empty text."""
        return self._lease.refusal() if self._lease is not None else ""

    @property
    def lost(self) -> str:
        """Why another run may be at work by now, or an empty text."""
        return self._lease.lost if self._lease is not None else ""

    def release(self) -> str:
        """Let everything go; return why that could not be, or an empty text."""
        if self._renewing is not None:
            self._renewing.kill()
            self._renewing = None
        reason = self._lease.release() if self._lease is not None else ""
        if self._local is not None:
            self._local.release()
        return reason

    def document(self) -> dict[str, Any]:
        """Return what the document of the run has of it."""
        return {
            "run": self._holder.run,
            "lease": self._lease.place if self._lease is not None else None,
            "file": str(self._local.file) if self._local is not None else None,
            "waited": round(self._waited, 3),
            "taken_over_from": self._from.document() if self._from is not None else None,
            "lost": self.lost or None,
        }

    def _wait(self, lock: Lock) -> None:
        before = wait_for(lock, self._patience)
        if before is not None:
            self._from = before
            self._warn(f"the lock was taken over: {at_work(before)}, and gives no sign of life")

    def _overtaken(self, lease: LeaseLock) -> str:
        holder = lease.look().holder
        who = at_work(holder) if holder is not None else "another run was at work"
        return f"{who}, begun after this run had looked: run again"

    def _go_on(self) -> None:
        self._renewing = gevent.spawn(self._renew)

    def _renew(self) -> None:
        lease = self._lease
        assert lease is not None
        pause = lease.seconds * RENEWED
        while not lease.lost:
            gevent.sleep(pause)
            pause = lease.seconds * (RENEWED if lease.renew() else AGAIN)
        self._warn(lease.lost)
