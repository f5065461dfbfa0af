"""Times that come again: five fields that mean the same to cron, systemd, Kubernetes and GitLab.

What they read differently is refused. cronsim is asked for wall times, without a zone: with one it
answers within the repeated hour with an instant that is past.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from ops.windows.zone import instant, wall

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Name, first and last value, names of values.
FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 6, DAYS),
)
_ITEM = re.compile(r"(?:(\*)|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)(?:/([0-9]{1,3}))?")
_WEEKLY = re.compile(r"(\S+) ([01][0-9]|2[0-3]):([0-5][0-9])")


def check_cron(text: str) -> None:
    """Raise ValueError with a reason where a text is none of the grammar, or never comes."""
    fields = text.upper().split()
    if text.startswith("@"):
        raise ValueError("macros are not known: write five fields")
    if len(fields) != len(FIELDS):
        raise ValueError(f"it has {len(fields)} fields, not five")
    for field, (name, first, last, words) in zip(fields, FIELDS, strict=True):
        items = field.split(",")
        if "*" in items and len(items) > 1:
            raise ValueError(f"{field} for the {name}: * is every one, so nothing stands beside it")
        for item in items:
            _check_item(item, name, first, last, words)
    month_day, week_day = fields[2], fields[4]
    if any("*/" in one and other != "*" for one, other in _both(month_day, week_day)):
        raise ValueError(
            f"{month_day} and {week_day} for the days: with */ in one of them, some programs take "
            "days that both name and others those that either names; write the days as a list"
        )
    try:
        next(CronSim(" ".join(fields), datetime(2024, 1, 1)))
    except (CronSimError, StopIteration):
        raise ValueError("there is no such day in any year: it never comes") from None


def _both(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (one, other), (other, one)


def _check_item(item: str, name: str, first: int, last: int, words: tuple[str, ...]) -> None:
    matched = _ITEM.fullmatch(item)
    if not matched:
        raise ValueError(f"{item or 'nothing'} for the {name} is no number, range, step or *")
    star, low, high, step = matched.groups()
    if star:
        start, end = first, last
    else:
        start = _value(low, name, first, last, words)
        end = _value(high, name, first, last, words) if high else start
    if high and start == end:
        raise ValueError(f"{item} for the {name} is a range of one, every day to some: write {low}")
    if start > end:
        raise ValueError(f"{item} for the {name} goes backwards: write two ranges, with a comma")
    if step and not (star or high):
        raise ValueError(f"{item} for the {name} has a step without an end: write {low}-{last}/…")
    if step and not 1 <= int(step) <= end - start:
        raise ValueError(f"{item} for the {name}: a step is from 1 to {end - start} there")


def _value(text: str, name: str, first: int, last: int, words: tuple[str, ...]) -> int:
    if text in words:
        return words.index(text) + first
    if not text.isdecimal():
        raise ValueError(f"{text} is no {name}")
    if name == "day of the week" and int(text) == 7:
        raise ValueError("Sunday is 0 or SUN: to some there is no day 7")
    if not first <= int(text) <= last:
        raise ValueError(f"{text} is no {name}: it is from {first} to {last}")
    return int(text)


def of_week(text: str) -> str:
    """Return the five fields of a weekly form such as "SUN 02:00" or "MON-FRI 22:30"."""
    matched = _WEEKLY.fullmatch(text)
    if not matched:
        raise ValueError(f"{text} is not written as SUN 02:00 or MON-FRI 22:30")
    days, hour, minute = matched.groups()
    fields = f"{int(minute)} {int(hour)} * * {days}"
    check_cron(fields)
    return fields


def openings(cron: str, where: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield the instants, in UTC, at which it comes after an instant: each one once.

    + cron: five fields of the grammar
    + where: whose clocks they are read by
    + after: an instant that has a zone
    """
    latest = after
    # Up to here every wall time has been shown once; in the repeated hour the later ones have, too.
    for time in CronSim(cron, wall(after, where)):
        found = instant(time, where)
        if found > latest:
            latest = found
            yield found
