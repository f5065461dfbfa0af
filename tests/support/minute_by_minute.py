"""A reference for windows: every minute is looked at, and nothing of ops is asked.

It takes zones as Python has them, which the caller gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import zip_longest

from hypothesis import strategies as some

MINUTE = timedelta(minutes=1)
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Field:
    text: str
    values: frozenset[int]


@dataclass(frozen=True)
class Expression:
    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    def __str__(self) -> str:
        fields = (self.minute, self.hour, self.day, self.month, self.weekday)
        return " ".join(field.text for field in fields)

    def matches(self, time: datetime) -> bool:
        if time.minute not in self.minute.values or time.hour not in self.hour.values:
            return False
        day = time.day in self.day.values
        weekday = time.isoweekday() % 7 in self.weekday.values
        any_day = self.day.text != "*" and self.weekday.text != "*"
        return time.month in self.month.values and (
            day or weekday if any_day else day and weekday
        )  # fmt: skip


def field(first: int, last: int, steps: bool = True) -> some.SearchStrategy[Field]:
    """Return fields of a few values, of a range, of a step, of all."""
    number = some.integers(first, last)
    few = some.sets(number, min_size=1, max_size=4).map(
        lambda found: Field(",".join(map(str, sorted(found))), frozenset(found))
    )
    ends = some.tuples(number, number).filter(lambda pair: pair[0] < pair[1])
    ranges = some.tuples(ends, some.integers(1, last - first)).map(_range)
    kinds = [some.just(Field("*", frozenset(range(first, last + 1)))), few, ranges]
    if steps:
        kinds.append(
            some.integers(2, last - first).map(
                lambda step: Field(f"*/{step}", frozenset(range(first, last + 1, step)))
            )
        )
    return some.one_of(kinds)


def _range(given: tuple[tuple[int, int], int]) -> Field:
    (start, end), step = given
    step = min(step, end - start)
    tail = f"/{step}" if step > 1 else ""
    return Field(f"{start}-{end}{tail}", frozenset(range(start, end + 1, step)))


def _named(weekday: Field) -> Field:
    if "/" in weekday.text or "*" in weekday.text:
        return weekday
    text = "".join(DAYS[int(c)] if c.isdecimal() else c for c in weekday.text)
    return Field(text, weekday.values)


def expressions(dense: bool = True) -> some.SearchStrategy[Expression]:
    """Return expressions of the grammar; those that are not dense come a few times an hour."""
    minute = field(0, 59) if dense else _few_minutes()
    weekday = field(0, 6, steps=False)
    found = some.builds(
        Expression, minute, field(0, 23), field(1, 31, steps=False), field(1, 12),
        some.one_of(weekday, weekday.map(_named)),
    )  # fmt: skip
    return found.filter(_has_a_day)


def _has_a_day(expression: Expression) -> bool:
    longest = max(LONGEST[month - 1] for month in expression.month.values)
    return expression.weekday.text != "*" or min(expression.day.values) <= longest


def _few_minutes() -> some.SearchStrategy[Field]:
    return some.sets(some.integers(0, 59), min_size=1, max_size=2).map(
        lambda found: Field(",".join(map(str, sorted(found))), frozenset(found))
    )


def shown(zone: tzinfo, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield each wall time with the instant at which the clocks first show it or have passed it."""
    now = since.astimezone(UTC)
    latest = now.astimezone(zone).replace(tzinfo=None, fold=0) - MINUTE
    while now < until:
        clock = now.astimezone(zone).replace(tzinfo=None, fold=0)
        while latest < clock:
            latest += MINUTE
            yield now, latest
        now += MINUTE


def openings(expression: Expression, table: list[tuple[datetime, datetime]]) -> list[datetime]:
    """Return the instants at which an expression comes, each once."""
    found = (instant for instant, clock in table if expression.matches(clock))
    return list(dict.fromkeys(found))


def first_difference(found: list[datetime], wanted: list[datetime]) -> str:
    """Say where two lists part, or nothing: pytest would take minutes to compare long ones."""
    for place, (one, other) in enumerate(zip_longest(found, wanted)):
        if one != other:
            return f"{place}: {one}, and wanted was {other}"
    return ""
