"""Decisions, compared with a reference that looks at every minute."""

from datetime import UTC, datetime, timedelta
from functools import cache

import minute_by_minute
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from minute_by_minute import MINUTE, Expression, expressions

from ops.windows.decision import Open, decide
from ops.windows.window import read
from ops.windows.zone import zone

ZONES = ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]
STARTS = [datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)]
DAYS = 5
Given = tuple[Expression, str, str, int]
windows = some.lists(
    some.tuples(
        expressions(), some.sampled_from(ZONES), some.sampled_from(["allow", "deny"]),
        some.integers(1, 24 * 60),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@cache
def table(name: str, start: datetime) -> list[tuple[datetime, datetime]]:
    return list(minute_by_minute.shown(zone(name), start, start + timedelta(days=DAYS)))


def minutes(given: list[Given], effect: str, start: datetime) -> set[datetime]:
    found = set()
    for expression, name, what, lasts in given:
        if what == effect:
            reached = start
            for opening in minute_by_minute.openings(expression, table(name, start)):
                first = max(opening, reached)
                reached = opening + lasts * MINUTE
                found |= {first + n * MINUTE for n in range((reached - first) // MINUTE)}
    return found


@pytest.mark.site  # It takes seconds.
@given(windows, some.sampled_from(STARTS), some.lists(some.integers(1440, 6000), min_size=6))
@settings(max_examples=20)
def test_open_or_closed_until_the_same_minute(
    given: list[Given], start: datetime, moments: list[int]
) -> None:
    rules = read({"windows": [
        {"name": str(n), "effect": effect, "zone": name, "cron": str(expression),
         "duration": f"{lasts}m"}
        for n, (expression, name, effect, lasts) in enumerate(given)
    ]})  # fmt: skip
    whole = [start + n * MINUTE for n in range(DAYS * 1440)]
    allowed = minutes(given, "allow", start)
    if all(effect == "deny" for _, _, effect, _ in given):
        allowed = set(whole)
    is_open = allowed - minutes(given, "deny", start)
    for moment in moments[:8]:
        now = whole[moment]
        found = decide(now, rules, job="site")
        assert isinstance(found, Open) == (now in is_open)
        # When it becomes otherwise: known to the reference within its five days.
        other = [time for time in whole[moment:] if (time in is_open) != (now in is_open)]
        turns = found.until if isinstance(found, Open) else found.opens
        if other:
            assert turns == other[0]
        else:
            assert turns is None or turns > whole[-1]
