"""The lock as a Lease: taken, renewed and let go by compare-and-set, and ours or not."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from ops.http.connector import Api
from ops.http.request import Request
from ops.http.request_failed import RequestFailed
from ops.http.response import AnswerLost, Response
from ops.kubernetes import leases
from ops.kubernetes.leases import Lease
from ops.lock.holder import Holder, at_work, from_notes
from ops.lock.seen import Seen

CONFLICT, NOT_FOUND = 409, 404
# Of the seconds after which others may take it over: until when it counts as ours without asking.
# What is left is for a change that was sent just then to arrive.
TRUSTED = 2 / 3
RENEWED = 1 / 4  # how often
PATIENCE = 1 / 8  # for an answer to a renewal

# It goes on while this machine sleeps. Where there is no such counter, as on macOS, the other does.
_COUNTER = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def counted() -> float:
    """Return the seconds of a counter that nobody sets and that counts while the machine sleeps."""
    return time.clock_gettime(_COUNTER)


class LeaseLock:
    """A Lease that one run holds at a time.

    + api: of the cluster
    + namespace, name: of the Lease
    + seconds: for how long it is held without a renewal
    + holder: this run
    + count: returns the seconds of a counter that nobody sets
    """

    def __init__(
        self,
        api: Api,
        namespace: str,
        name: str,
        seconds: int,
        holder: Holder,
        count: Callable[[], float] = counted,
    ) -> None:
        self.place = f"{namespace}/{name}"
        self.seconds = seconds
        self._api, self._namespace, self._name = api, namespace, name
        self._holder, self._count = holder, count
        self._lease: Lease | None = None  # as this run has written it last
        self._sure = 0.0  # when that was sent, by the counter
        self._problem = ""  # why it could not be renewed
        self.lost = ""  # why it is not ours any more
        self._writing = threading.Lock()

    @property
    def is_held(self) -> bool:
        """Whether this run has taken it."""
        return self._lease is not None

    def look(self) -> Seen:
        """Return what it is now; raises OSError in words where it cannot be read."""
        seen = _seen(self._read())
        if seen.holder is None or seen.seconds:
            return seen
        # Somebody else's program has made it, or somebody by hand.
        command = f"kubectl -n {self._namespace} delete lease {self._name}"
        return replace(seen, ended_by=f"Its Lease does not end by itself: {command}")

    def take(self, seen: Seen) -> bool:
        """Take it, and return whether that was done: it may be another one than was seen by now.

        Raises OSError in words where the API refuses it, or says nothing.
        """
        now = datetime.now(UTC)
        document = leases.taken(
            self._name, seen.what, self._holder.identity, self.seconds, now, self._holder.notes()
        )
        if seen.what is None:
            request = leases.creation(self._namespace, document)
        else:
            request = leases.replacement(self._namespace, document)
        with self._writing:
            self._lease = self._written(request)
        return self._lease is not None

    def renew(self) -> bool:
        """Give a sign of life, and return whether that was done; where not, `refusal` says why."""
        with self._writing:
            if self._lease is None or self.lost:
                return False
            try:
                return self._renew(self._lease)
            except OSError as error:
                self._problem = str(error)
                return False

    def refusal(self) -> str:
        """Return why nothing may be changed now, or an empty text.

        It asks only where the last sign of life is too old, as after this machine has slept.
        """
        if self._lease is None or (not self.lost and self._is_sure()):
            return ""
        self.renew()
        if self.lost:
            return self.lost
        if self._is_sure():
            return ""
        return (
            f"the lock {self.place} could not be renewed for {self._age():.0f} s, so another run"
            f" may have it by now ({self._problem}): nothing more is changed"
        )

    def release(self) -> str:
        """Let it go; return why that could not be, or an empty text."""
        with self._writing:
            lease, self._lease = self._lease, None
            if lease is None or self.lost:
                return ""
            try:
                self._replaced(lease, leases.released)
            except OSError as error:
                return str(error)
        return ""

    def _is_sure(self) -> bool:
        return self._age() < self.seconds * TRUSTED

    def _age(self) -> float:
        return self._count() - self._sure

    def _renew(self, lease: Lease) -> bool:
        found = self._replaced(lease, leases.renewed)
        if found is not None:
            self._lease = found
        return found is not None

    def _replaced(
        self, lease: Lease, change: Callable[[Lease, datetime], dict[str, Any]]
    ) -> Lease | None:
        """Write the Lease and return what is there then; None where it is not ours any more.

        Where it is ours and another one than was known, as after a write whose answer was lost or
        where somebody has labelled it, it is written once more. Raises OSError where that fails.
        """
        for _ in range(2):
            request = leases.replacement(self._namespace, change(lease, datetime.now(UTC)))
            request.attempts = 1
            found = self._written(request, self._patience)
            if found is not None:
                return found
            live = self._read(self._patience)
            if live is None or live.holder != self._holder.identity:
                self.lost = _lost(self.place, live)
                return None
            lease = live
        raise OSError(f"the Lease {self.place} changes all the time")

    @property
    def _patience(self) -> float:
        return self.seconds * PATIENCE

    def _written(self, request: Request, timeout: float | None = None) -> Lease | None:
        """Send a write; return what is there then, or None where it is another one than was read.

        Raises OSError in words where it is unknown, or refused.
        """
        sent = self._count()
        try:
            answer = self._api.send(request, timeout)
        except AnswerLost as error:
            return self._found_again(request, sent, error)
        if answer.status >= 500:  # The API may fail after it has stored a change.
            return self._found_again(request, sent, self._refused(request, answer))
        if answer.status == CONFLICT:
            return None
        if not answer.ok:
            raise self._refused(request, answer)
        self._sure = sent
        return self._form(request, answer)

    def _found_again(self, request: Request, sent: float, error: OSError) -> Lease | None:
        """Return what a write without an answer has brought about; raise where that was nothing."""
        live = self._read(self._patience)
        spec = request.body["spec"]
        wanted = (spec["holderIdentity"], spec["renewTime"])
        if live is not None:
            found = live.document["spec"]
            if (found.get("holderIdentity", ""), found.get("renewTime")) == wanted:
                self._sure = sent
                return live
        raise error

    def _read(self, timeout: float | None = None) -> Lease | None:
        request = leases.reading(self._namespace, self._name)
        answer = self._api.send(request, timeout)
        if answer.status == NOT_FOUND:
            return None
        if not answer.ok:
            raise self._refused(request, answer)
        return self._form(request, answer)

    def _form(self, request: Request, answer: Response) -> Lease:
        try:
            return leases.read(answer.body)
        except msgspec.ValidationError as error:
            raise OSError(f"{request.method} {request.path} -> no Lease ({error})") from None

    def _refused(self, request: Request, answer: Response) -> RequestFailed:
        text = f"{request.method} {request.path} -> {answer.status} {answer.reason}".strip()
        return RequestFailed(f"{text}. {self._api.explain(answer)}", answer.status)


def _seen(lease: Lease | None) -> Seen:
    if lease is None:
        return Seen("", None)
    holder = from_notes(lease.holder, lease.notes, lease.since) if lease.holder else None
    return Seen(lease.stamp, holder, lease.seconds, lease)


def _lost(place: str, live: Lease | None) -> str:
    if live is None:
        return f"the lock {place} was removed while it was held: nothing more is changed"
    who = _seen(live).holder
    by = f"{at_work(who)}" if who else "another run has had it"
    return f"the lock {place} was lost: {by}. Nothing more is changed"
