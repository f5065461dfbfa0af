"""Windows, which come again, and dates, which come once. Each one allows or denies."""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import UNSET, Struct, UnsetType, ValidationError, convert

from ops.windows.cron import check_cron, of_week, openings
from ops.windows.span import Span
from ops.windows.zone import instant, zone

LONGEST = timedelta(days=31)
_DURATION = re.compile(r"(?:([0-9]{1,3})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?")
_TIME = "%Y-%m-%d %H:%M"


def duration(text: str) -> timedelta:
    """Return how long a text such as 2h, 90m or 1d12h is; a day has 24 hours, on each night."""
    matched = _DURATION.fullmatch(text)
    days, hours, minutes = (int(part or 0) for part in matched.groups()) if matched else (0, 0, 0)
    found = timedelta(days=days, hours=hours, minutes=minutes)
    if not found:
        raise ValueError(f"{text or 'nothing'} is no duration, such as 2h, 90m or 1d12h")
    return found


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What windows and dates have in common.

    + name: which one it is, in every message
    + effect: whether it allows or denies
    + zone: whose clocks it is read by
    + jobs: the jobs that it holds for; empty: all
    + groups: the groups of hosts that it holds for; empty: all
    + reason: why there is such a rule, for who is stopped by it
    """

    name: str
    effect: Literal["allow", "deny"]
    zone: str
    jobs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    reason: str = ""

    def holds_for(self, job: str, groups: Collection[str]) -> bool:
        """Return whether it is about a job on a host of these groups."""
        of_job = not self.jobs or job in self.jobs
        return of_job and (not self.groups or not set(self.groups).isdisjoint(groups))

    @property
    def why(self) -> str:
        """Return it in words."""
        return f"{self.name} ({self.reason})" if self.reason else self.name


class Window(Rule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A time that comes again.

    + cron: when it opens, in five fields
    + weekly: the same, as SUN 02:00
    + duration: how long it lasts, as 2h, in absolute time
    """

    duration: str
    cron: str | UnsetType = UNSET
    weekly: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.cron, str) == isinstance(self.weekly, str):
            raise ValueError("a window has either cron or weekly")
        check_cron(self.fields)
        zone(self.zone)
        if duration(self.duration) > LONGEST:
            raise ValueError(f"{self.duration} is longer than {LONGEST.days} days: use dates")

    @property
    def fields(self) -> str:
        """Return when it opens, in five fields."""
        return of_week(self.weekly) if isinstance(self.weekly, str) else str(self.cron)

    @property
    def when(self) -> str:
        """Return its time in words."""
        given = self.weekly if isinstance(self.weekly, str) else self.cron
        return f"{given} for {self.duration}"

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """Return every span that has a part in the time from since until before until."""
        lasts = duration(self.duration)
        for start in openings(self.fields, zone(self.zone), since.astimezone(UTC) - lasts):
            if start >= until:
                return
            yield Span(start, start + lasts, self.why)


class Date(Rule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A time that comes once.

    + start: when it begins, as 2026-12-24 00:00 on the clocks of its zone
    + end: when it is over, likewise
    """

    start: str
    end: str

    def __post_init__(self) -> None:
        zone(self.zone)
        if self._instant(self.start) >= self._instant(self.end):
            raise ValueError(f"{self.end} is not later than {self.start}")

    @property
    def when(self) -> str:
        """Return its time in words."""
        return f"{self.start} to {self.end}"

    def _instant(self, text: str) -> datetime:
        try:
            time = datetime.strptime(text, _TIME)
        except ValueError:
            raise ValueError(f"{text} is no time, such as 2026-12-24 00:00") from None
        return instant(time, zone(self.zone))

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """Return its span, if that has a part in the time from since until before until."""
        span = Span(self._instant(self.start), self._instant(self.end), self.why)
        if span.end > since and span.start < until:
            yield span


class Rules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is configured.

    + windows: times that come again
    + dates: times that come once
    + put_back: how long before the end nothing new is begun, as 10m: for putting back
    """

    windows: tuple[Window, ...] = ()
    dates: tuple[Date, ...] = ()
    put_back: str | None = None

    @property
    def all(self) -> list[Window | Date]:
        """Return windows and dates."""
        return [*self.windows, *self.dates]

    def __post_init__(self) -> None:
        if self.put_back is not None:
            duration(self.put_back)
        given = [rule.name for rule in self.all]
        for name in given:
            if not name.strip():
                raise ValueError("a window or date has no name")
            if given.count(name) > 1:
                raise ValueError(f"{name} is the name of two windows or dates")


def read(data: object) -> Rules:
    """Return the rules out of plain data, or raise ValueError: what is wrong, and where."""
    try:
        return convert(data, Rules)
    except ValidationError as error:
        raise ValueError(str(error)) from None
