"""Freeze periods of GitLab: what GitLab itself would say at each minute."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from minute_by_minute import MINUTE, Expression, expressions

from ops.windows.decision import Closed, Open, decide
from ops.windows.freeze import Freeze, instants, sources, unreadable
from ops.windows.rails_zones import NAMES, iana
from ops.windows.window import read
from ops.windows.zone import wall, zone

WEEKEND = {
    "id": 1,
    "freeze_start": "0 23 * * 5",
    "freeze_end": "0 8 * * 1",
    "cron_timezone": "UTC",
    "created_at": "2020-05-15T17:03:35.702Z",
    "updated_at": "2020-05-15T17:06:41.566Z",
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(start: str, end: str, where: str, since: str, until: str) -> list[tuple[str, str]]:
    found = Freeze(1, start, end, where).spans(utc(since), utc(until))
    return [(f"{s.start:%m-%d %H:%M}", f"{s.end:%m-%d %H:%M}") for s in found]


def test_it_denies_from_its_start_until_its_end() -> None:
    (freeze,) = sources("group/project", [WEEKEND])
    free = read({})
    within = decide(utc("2026-11-28 10:00"), free, job="site", denied_by=[freeze])
    assert isinstance(within, Closed)
    assert within.because == "freeze period 1 of GitLab (0 23 * * 5 until 0 8 * * 1, UTC)"
    # GitLab is frozen at the instant of the end, too.
    assert within.opens == utc("2026-11-30 08:00") + timedelta(microseconds=1)
    end = decide(utc("2026-11-30 08:00"), free, job="site", denied_by=[freeze])
    assert isinstance(end, Closed)
    before = decide(utc("2026-11-27 22:59"), free, job="site", denied_by=[freeze])
    assert isinstance(before, Open)
    assert before.until == utc("2026-11-27 23:00")


def test_a_start_in_the_gap_is_skipped_and_one_that_exists_twice_is_the_first() -> None:
    nights = ("30 2 * * *", "0 5 * * *", "Berlin")
    assert spans(*nights, "2026-03-28 06:00", "2026-03-30 12:00") == [
        ("03-30 00:30", "03-30 03:00")
    ]
    # Each pass is a start, and both have one end.
    assert spans(*nights, "2026-10-24 12:00", "2026-10-25 12:00") == [
        ("10-25 00:30", "10-25 04:00")
    ]


def test_an_end_in_the_gap_is_skipped_and_one_that_exists_twice_is_the_first() -> None:
    nights = ("0 22 * * *", "30 2 * * *", "Europe/Berlin")
    # The end of the next day counts: it goes on through the day.
    assert spans(*nights, "2026-03-28 12:00", "2026-03-29 12:00") == [
        ("03-28 21:00", "03-30 00:30")
    ]
    assert spans(*nights, "2026-10-24 12:00", "2026-10-25 12:00") == [
        ("10-24 20:00", "10-25 00:30")
    ]


def test_one_that_is_active_is_found_although_its_next_start_is_near() -> None:
    daily = ("0 22 * * *", "0 20 * * *", "UTC")
    assert spans(*daily, "2026-11-28 12:00", "2026-11-28 13:00") == [("11-27 22:00", "11-28 20:00")]


def test_one_that_has_begun_months_ago_is_found() -> None:
    assert spans("0 0 1 6 *", "0 0 1 3 *", "UTC", "2026-12-24 00:00", "2026-12-25 00:00") == [
        ("06-01 00:00", "03-01 00:00")
    ]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Berlin", "Europe/Berlin"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Samoa", "Pacific/Apia"),
        ("Kyiv", "Europe/Kyiv"),
        ("Mexico City", "America/Mexico_City"),
        ("UTC", "Etc/UTC"),
    ],
)
def test_a_zone_of_rails_is_one_of_iana(name: str, wanted: str) -> None:
    assert iana(name) == wanted


def test_each_name_of_rails_is_a_zone() -> None:
    assert len(NAMES) > 140
    for name in NAMES:
        zone(iana(name))


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        ([WEEKEND | {"freeze_start": "0 23 * * 7"}], "period 1: Sunday is 0 or SUN"),
        ([WEEKEND | {"freeze_end": "0 8 L * *"}], "period 1: L for the day of the month"),
        ([WEEKEND | {"cron_timezone": "Atlantis"}], "period 1: Atlantis is no zone of Rails"),
        ([{"id": 1}], "missing required field `freeze_start`"),
        ({"message": "403 Forbidden"}, "Expected `array`"),
        (None, "Expected `array`"),
    ],
)
def test_what_cannot_be_read_denies_all_the_time(answered: object, reason: str) -> None:
    found = decide(utc("2026-11-25 10:00"), read({}), job="x", denied_by=sources("a/b", answered))
    assert isinstance(found, Closed)
    assert found.because.startswith("freeze periods of a/b cannot be read: ")
    assert reason in found.because
    assert found.opens is None


def test_one_bad_period_does_not_hide_the_others() -> None:
    found = sources("a/b", [WEEKEND | {"cron_timezone": "x"}, WEEKEND | {"id": 2}])
    assert [source.why.split(" (")[0] for source in found] == [  # type: ignore[attr-defined]
        "freeze periods of a/b cannot be read: period 1: x is no zone of Rails or IANA",
        "freeze period 2 of GitLab",
    ]
    assert unreadable("a/b", "403").why == "freeze periods of a/b cannot be read: 403"


def test_no_periods_deny_nothing() -> None:
    assert sources("a/b", []) == []


def test_the_instants_of_a_time() -> None:
    berlin = zone("Europe/Berlin")
    assert instants(datetime(2026, 3, 29, 2, 30), berlin) == []
    assert instants(datetime(2026, 3, 29, 3, 0), berlin) == [utc("2026-03-29 01:00")]
    twice = instants(datetime(2026, 10, 25, 2, 30), berlin)
    assert twice == [utc("2026-10-25 00:30"), utc("2026-10-25 01:30")]


DAYS = 12
MOVED = [
    ("Europe/Berlin", "2026-03-24"),
    ("Europe/Berlin", "2026-10-20"),
    ("Australia/Lord_Howe", "2026-03-31"),
    ("Africa/Cairo", "2026-04-19"),
]


@cache
def minutes(name: str, start: datetime) -> list[tuple[datetime, datetime]]:
    times = (start + n * MINUTE for n in range(DAYS * 1440))
    return [(time, wall(time, zone(name))) for time in times]


@pytest.mark.site  # It takes seconds.
@given(expressions(), expressions(), some.sampled_from(MOVED))
@settings(max_examples=25)
def test_at_each_minute_it_is_what_gitlab_computes(
    start: Expression, end: Expression, moved: tuple[str, str]
) -> None:
    name, day = moved
    begin = utc(day)
    every = minutes(name, begin)
    ends = {time for time, clock in every if end.matches(clock)}
    starts = {time for time, clock in every if start.matches(clock)}
    # From the first start on it is known: the previous start, and the first end after that one.
    frozen, known, active = set(), None, False
    for time, _ in every:
        if time in starts:
            known, active = known or time, True
            frozen.add(time)
        elif active:
            frozen.add(time)
            active = time not in ends
    if known is None:
        return
    period = Freeze(1, str(start), str(end), name)
    found = set()
    until = begin + DAYS * timedelta(days=1)
    for span in period.spans(known, until):
        time = max(span.start, known)
        found |= {time + n * MINUTE for n in range((min(span.end, until) - time) // MINUTE + 1)}
    assert sorted(found - {until} ^ frozen)[:3] == []
