"""Calendars of times at which nothing may be changed: iCalendar, RFC 5545.

icalendar reads them and recurring-ical-events says what the clocks show when an event comes again.
When that is and when it ends is computed here, by the same rule as for windows: the library adds
durations to what the clocks show, so that an hour has none or two in the nights that have another
length. A calendar that cannot be read in one way only denies, all the time.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from recurring_ical_events import CalendarQuery

from ops.api.visible import cut, one_line
from ops.windows.calendar_events import at, check, lasting, named, on_clocks, zone_name
from ops.windows.span import Source, Span, Unreadable

# What an event is marked with: the library keeps it on each time that the event comes.
_LASTS, _CLOCKS, _ZONE = "X-OPS-LASTS", "X-OPS-CLOCKS", "X-OPS-ZONE"
_SECOND = timedelta(seconds=1)
_MARGIN = timedelta(days=2)


class Calendar:
    """A calendar whose events deny. Cancelled ones do not, nor those that are marked as free."""

    def __init__(self, name: str, content: bytes, site: ZoneInfo) -> None:
        """Read it, or raise ValueError with the event that cannot be read.

        + name: which calendar it is, in every message
        + content: the file
        + site: the zone of days, and of times that have no zone
        """
        self.name, self.site = name, site
        parsed: Any = icalendar.Calendar.from_ical(content)
        if parsed.name != "VCALENDAR":
            raise ValueError(f"it is a {parsed.name}, and no VCALENDAR")
        if parsed.errors:
            raise ValueError(f"it cannot be read: {parsed.errors[0][1]}")
        check(parsed.events, site)
        self.longest = timedelta(0)
        for event in parsed.events:
            lasts = lasting(event, site)
            self.longest = max(self.longest, lasts)
            event.add(_LASTS, str(lasts // _SECOND))
            event.add(_CLOCKS, str(on_clocks(event, site) // _SECOND))
            event.add(_ZONE, zone_name(event["DTSTART"]) or "")
        # Not of(): that would move times by X-WR-TIMEZONE, of which the standard knows nothing.
        self.query = CalendarQuery(parsed)

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """Return every span that has a part in the time from since until before until."""
        first = since.astimezone(self.site) - self.longest - _MARGIN
        try:
            events = self.query.between(first, until.astimezone(self.site) + _MARGIN)
        # Whatever the libraries raise: fail closed.
        except Exception as error:
            yield from unreadable(self.name, _line(error)).spans(since, until)
            return
        for event in events:
            span = self._span(event)
            if span and span.end > since and span.start < until:
                yield span

    def _span(self, event: Any) -> Span | None:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return None
        if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
            return None
        begins: date = event["DTSTART"].dt
        zone, lasts = str(event[_ZONE]) or None, _SECOND * int(event[_LASTS])
        start = at(begins, zone, self.site)
        if isinstance(begins, datetime):
            # Where it has a DTEND some programs show the same time of day in each night, others
            # the same length: nothing is changed while either of them says so.
            shown = at(begins + _SECOND * int(event[_CLOCKS]), zone, self.site)
            end = max(start + lasts, shown)
        else:
            end = at(begins + lasts, zone, self.site)
        return Span(start, end, f"{named(event)} of calendar {self.name}")


def source(
    name: str, content: bytes | None, site: ZoneInfo, age: timedelta | None = None
) -> Source:
    """Return a calendar as what denies; where it cannot be read, that denies all the time.

    + name: which calendar it is
    + content: the file, or None where there is none
    + site: the zone of days, and of times that have no zone
    + age: how old the content is, or how long ago it was read last
    """
    if content is None:
        return unreadable(name, "it is not there", age)
    try:
        return Calendar(name, content, site)
    # Whatever the libraries raise: fail closed.
    except Exception as error:
        return unreadable(name, _line(error), age)


def unreadable(name: str, why: str, age: timedelta | None = None) -> Unreadable:
    """Return what denies all the time because a calendar could not be read.

    + why: what was wrong
    + age: how old the content is, or how long ago it was read last
    """
    old = f"; it is {_in_words(age)} old" if age is not None else ""
    return Unreadable(f"calendar {name} cannot be read: {why}{old}")


def _in_words(age: timedelta) -> str:
    hours = age // timedelta(hours=1)
    return (
        f"{hours // 24} days"
        if hours >= 48
        else f"{hours} h {age // timedelta(minutes=1) % 60} min"
    )


def _line(error: Exception) -> str:
    return cut(one_line(str(error)), 300) or type(error).__name__
