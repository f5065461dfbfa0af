"""What an event of a calendar may have, so that everybody reads the same times out of it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ops.api.visible import cut, one_line
from ops.windows.zone import instant, names, wall, zone

_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")
_TOO_OFTEN = ("SECONDLY", "MINUTELY")


def named(event: Any) -> str:
    """Return which event it is, for a message: its summary and UID, cut to a line."""
    summary = cut(one_line(str(event.get("SUMMARY", ""))), 60)
    uid = cut(one_line(str(event.get("UID", ""))), 80)
    return f'event "{summary}" ({uid or "without a UID"})'


def check(events: list[Event], site: ZoneInfo) -> None:
    """Raise ValueError, with the event, where one cannot be read in one way only.

    + site: the zone of times that have none
    """
    for event in events:
        try:
            _check(event, site)
        except ValueError as error:
            raise ValueError(f"{named(event)}: {one_line(str(error))}") from None
    # One without a RECURRENCE-ID is the series; those that have one are parts of it.
    series = [event for event in events if "RECURRENCE-ID" not in event]
    for uid, count in Counter(str(event["UID"]) for event in series).items():
        if count > 1:
            first = next(event for event in series if str(event["UID"]) == uid)
            raise ValueError(f"{named(first)}: {count} events have this UID without RECURRENCE-ID")


def _check(event: Any, site: ZoneInfo) -> None:
    if event.errors:
        name, reason = event.errors[0]
        raise ValueError(f"{name or 'a line'} cannot be read: {cut(str(reason), 120)}")
    if not str(event.get("UID", "")).strip():
        raise ValueError("it has no UID")
    if "DTSTART" not in event:
        raise ValueError("it has no DTSTART")
    for name in _TIMES:
        for value in _several(event.get(name)):
            zone_name(value)
            if any(isinstance(each.dt, tuple) for each in getattr(value, "dts", ())):
                raise ValueError(f"{name} is a period, which is not read")
    if "EXRULE" in event:
        raise ValueError("EXRULE is not read: use EXDATE")
    for rule in _several(event.get("RRULE")):
        _check_rule(rule, event["DTSTART"].dt)
    lasting(event, site)


def _check_rule(rule: Any, start: date) -> None:
    if any(str(each).upper() in _TOO_OFTEN for each in rule.get("FREQ", ())):
        raise ValueError("it comes more often than each hour")
    for until in rule.get("UNTIL", ()):
        if not isinstance(start, datetime):
            continue
        if not isinstance(until, datetime):
            raise ValueError("it begins at a time and UNTIL is a date: write UNTIL with a time")
        if start.tzinfo and not until.tzinfo:
            raise ValueError("its start has a zone and UNTIL has none: write UNTIL in UTC")


def _several(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def zone_name(value: Any) -> str | None:
    """Return the zone of IANA in which a value of an event is, or None where it has none.

    + value: such as the event's DTSTART
    """
    given = value.params.get("TZID")
    if given is not None:
        # Outlook names zones as Windows does. What a file says of a zone itself is not read.
        name: str = WINDOWS_TO_OLSON.get(given, given)
        if name not in names():
            raise ValueError(f"TZID {given} is no zone of IANA or Windows")
        return name
    moment = getattr(value, "dt", None)
    return "UTC" if isinstance(moment, datetime) and moment.tzinfo else None


def at(value: Any, name: str | None, site: ZoneInfo) -> datetime:
    """Return the instant, in UTC, of a date or time in the zone of this name, or the site's.

    + value: a date or a datetime, of which only what the clocks show is read
    """
    if not isinstance(value, datetime):
        return instant(datetime.combine(value, time()), site)
    return instant(value.replace(tzinfo=None), zone(name) if name else site)


def lasting(event: Any, site: ZoneInfo) -> timedelta:
    """Return how long an event is: absolute time, or whole days for one without a time of day."""
    start, end, given = event["DTSTART"], event.get("DTEND"), event.get("DURATION")
    if end is not None and given is not None:
        raise ValueError("it has DTEND and DURATION")
    if not isinstance(start.dt, datetime):
        return _days(start.dt, end.dt if end else None, given.dt if given else None)
    if given is not None:
        found = given.dt
    elif end is None:
        raise ValueError("it has neither DTEND nor DURATION")
    elif not isinstance(end.dt, datetime):
        raise ValueError("it begins at a time and ends at a date")
    else:
        found = at(end.dt, zone_name(end), site) - at(start.dt, zone_name(start), site)
    if not isinstance(found, timedelta) or found <= timedelta(0):
        raise ValueError("its end is not later than its start")
    return found


def _days(start: date, end: Any, given: Any) -> timedelta:
    if isinstance(end, datetime) or (given is not None and given % timedelta(days=1)):
        raise ValueError("it begins at a date and ends at a time")
    found: timedelta = given or (end - start if end else timedelta(days=1))
    if found <= timedelta(0):
        raise ValueError("its end is not later than its start")
    return found


def on_clocks(event: Any, site: ZoneInfo) -> timedelta:
    """Return how much later the clocks of its start show its end; nothing where it has no DTEND."""
    start, end = event["DTSTART"], event.get("DTEND")
    if end is None or not isinstance(start.dt, datetime):
        return timedelta(0)
    name = zone_name(start)
    ends = wall(at(end.dt, zone_name(end), site), zone(name) if name else site)
    return ends - start.dt.replace(tzinfo=None)
