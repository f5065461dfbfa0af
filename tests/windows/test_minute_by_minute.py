"""Openings, compared with a reference that looks at every minute, for expressions and zones."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo

import minute_by_minute
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from minute_by_minute import Expression, expressions, first_difference

from ops.windows.cron import check_cron, openings
from ops.windows.zone import zone

# A day in the middle of a time in which clocks are moved, or not.
MOVED = [
    ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"), ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"), ("Australia/Lord_Howe", "2026-10-04"),
    ("Africa/Cairo", "2026-04-24"), ("Africa/Cairo", "2026-10-30"),
    ("Pacific/Apia", "2011-12-30"), ("Asia/Kathmandu", "2026-03-29"), ("UTC", "2026-02-28"),
    ("America/St_Johns", "2026-03-08"), ("Africa/Casablanca", "2026-02-15"),
]  # fmt: skip
YEARS = [("Europe/Berlin", 2026), ("Australia/Lord_Howe", 2026), ("Pacific/Apia", 2011)]


@cache
def table(name: str, since: datetime, days: int) -> list[tuple[datetime, datetime]]:
    return list(minute_by_minute.shown(zone(name), since, since + timedelta(days=days)))


def between(expression: Expression, name: str, since: datetime, until: datetime) -> list[datetime]:
    check_cron(str(expression))
    after = since - timedelta(minutes=1)
    return list(takewhile(until.__gt__, openings(str(expression), zone(name), after)))


@given(expressions(), some.sampled_from(MOVED), some.integers(8, 52))
@settings(max_examples=250)
def test_around_the_days_on_which_clocks_are_moved(
    expression: Expression, moved: tuple[str, str], hours: int
) -> None:
    """Asked from any hour on; what was shown before, in the first pass of an hour, is past."""
    name, day = moved
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=2)
    since, until = start + timedelta(hours=hours), start + timedelta(days=4)
    every = minute_by_minute.openings(expression, table(name, start, 4))
    wanted = [time for time in every if time >= since]
    assert first_difference(between(expression, name, since, until), wanted) == ""


@pytest.mark.site  # It takes seconds.
@given(expressions(dense=False), some.sampled_from(YEARS))
@settings(max_examples=18)
def test_over_a_year(expression: Expression, year: tuple[str, int]) -> None:
    name, number = year
    since = datetime(number, 1, 1, tzinfo=UTC)
    wanted = minute_by_minute.openings(expression, table(name, since, 365))
    found = between(expression, name, since, since + timedelta(days=365))
    assert first_difference(found, wanted) == ""


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
def test_the_reference_has_the_zones_of_python(name: str) -> None:
    """The clocks of the pinned data are those of the machine, in years that all copies agree on."""
    for day in range(365):
        now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=7 * day)
        assert now.astimezone(zone(name)).utcoffset() == now.astimezone(ZoneInfo(name)).utcoffset()
