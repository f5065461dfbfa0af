"""Open or closed, by which rule, and when next."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.windows.decision import Closed, Open, decide, in_words, next_openings
from ops.windows.span import Unreadable
from ops.windows.window import Rules, read
from ops.windows.zone import zone

ZONE = {"zone": "Europe/Berlin"}
SUNDAY = {"name": "sunday", "effect": "allow", "weekly": "SUN 02:00", "duration": "2h", **ZONE}
EVENING = {
    "name": "evening", "effect": "allow", "weekly": "MON-FRI 22:00", "duration": "1h", **ZONE,
    "groups": ["kafka"],
}  # fmt: skip
BACKUP = {
    "name": "backup", "effect": "deny", "cron": "0 3 * * *", "duration": "20m", **ZONE,
    "reason": "the toolbox is busy",
}  # fmt: skip
CHRISTMAS = {
    "name": "christmas", "effect": "deny", "start": "2026-12-24 00:00", "end": "2027-01-02 00:00",
    **ZONE,
}  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rules(*windows: dict[str, object], dates: object = (), **more: object) -> Rules:
    return read({"windows": list(windows), "dates": list(dates), **more})  # type: ignore[call-overload]


def test_without_windows_nothing_is_restricted() -> None:
    assert decide(utc("2026-11-28 10:00"), read({}), job="site") == Open("", None, None)


def test_within_a_window_it_is_open_until_its_end() -> None:
    found = decide(utc("2026-11-29 01:00"), rules(SUNDAY), job="site")
    assert found == Open("sunday", utc("2026-11-29 03:00"), utc("2026-11-29 03:00"))
    (sunday,) = next_openings(utc("2026-11-29 02:59"), rules(SUNDAY), 1, job="site")
    assert (sunday.start, sunday.end) == (utc("2026-11-29 02:59"), utc("2026-11-29 03:00"))


@pytest.mark.parametrize("now", ["2026-11-29 00:59", "2026-11-28 10:00", "2026-11-22 03:00"])
def test_outside_it_is_closed_and_the_next_opening_is_known(now: str) -> None:
    found = decide(utc(now), rules(SUNDAY), job="site")
    assert found == Closed("no window is open", utc("2026-11-29 01:00"))


def test_deny_wins_and_the_rest_of_the_window_opens_after_it() -> None:
    both = rules(SUNDAY, BACKUP)
    before = decide(utc("2026-11-29 01:30"), both, job="site")
    assert before == Open("sunday", utc("2026-11-29 02:00"), utc("2026-11-29 02:00"))
    within = decide(utc("2026-11-29 02:00"), both, job="site")
    assert within == Closed("backup (the toolbox is busy)", utc("2026-11-29 02:20"))
    after = decide(utc("2026-11-29 02:20"), both, job="site")
    assert after == Open("sunday", utc("2026-11-29 03:00"), utc("2026-11-29 03:00"))


def test_what_denies_restricts_without_windows() -> None:
    assert decide(utc("2026-12-23 00:00"), rules(dates=[CHRISTMAS]), job="site") == Open(
        "", utc("2026-12-23 23:00"), utc("2026-12-23 23:00")
    )
    found = decide(utc("2026-12-25 00:00"), rules(dates=[CHRISTMAS]), job="site")
    assert found == Closed("christmas", utc("2027-01-01 23:00"))


def test_a_date_that_allows_opens_besides_and_restricts_nothing_alone() -> None:
    saturday = CHRISTMAS | {
        "name": "saturday", "effect": "allow", "start": "2026-11-28 10:00",
        "end": "2026-11-28 12:00",
    }  # fmt: skip
    found = decide(utc("2026-11-28 10:00"), rules(SUNDAY, dates=[saturday]), job="site")
    assert found == Open("saturday", utc("2026-11-28 11:00"), utc("2026-11-28 11:00"))
    alone = decide(utc("2026-11-27 10:00"), rules(dates=[saturday]), job="site")
    assert alone == Open("", None, None)


def test_a_rule_is_about_its_jobs_and_groups() -> None:
    noon = utc("2026-11-27 11:00")
    of_job = rules(SUNDAY | {"jobs": ["fix_tags"]})
    assert isinstance(decide(noon, of_job, job="fix_tags"), Closed)
    assert isinstance(decide(noon, of_job, job="site"), Open)
    evening = rules(SUNDAY, EVENING)
    at_ten = utc("2026-11-27 21:00")
    assert isinstance(decide(at_ten, evening, job="site", groups=["kafka", "x"]), Open)
    assert isinstance(decide(at_ten, evening, job="site", groups=["gitlab"]), Closed)


def test_the_time_for_putting_back_is_kept() -> None:
    kept = rules(SUNDAY, put_back="15m")
    found = decide(utc("2026-11-29 02:44"), kept, job="site")
    assert found == Open("sunday", utc("2026-11-29 03:00"), utc("2026-11-29 02:45"))
    late = decide(utc("2026-11-29 02:45"), kept, job="site")
    assert isinstance(late, Closed)
    assert late.opens == utc("2026-12-06 01:00")
    assert "15m are kept for putting back" in late.because


def test_an_opening_that_is_too_short_for_putting_back_is_none() -> None:
    found = decide(utc("2026-11-28 10:00"), rules(SUNDAY, put_back="2h"), job="site")
    assert found == Closed("no window is open", None)


def test_what_cannot_be_read_denies_all_the_time() -> None:
    source = [Unreadable("calendar holidays.ics: not found")]
    for given in (rules(SUNDAY), rules()):
        found = decide(utc("2026-11-29 01:30"), given, job="site", denied_by=source)
        assert found == Closed("calendar holidays.ics: not found", None)
        assert next_openings(utc("2026-11-29 01:30"), given, 3, job="x", denied_by=source) == []


def test_windows_that_meet_are_one() -> None:
    later = SUNDAY | {"name": "later", "weekly": "SUN 04:00", "duration": "90m"}
    found = decide(utc("2026-11-29 01:30"), rules(SUNDAY, later), job="site")
    assert found == Open("sunday", utc("2026-11-29 04:30"), utc("2026-11-29 04:30"))


def test_a_long_opening_is_one() -> None:
    monthly = {"name": "m", "effect": "allow", "cron": "0 0 1 * *", "duration": "5d", **ZONE}
    found = next_openings(utc("2026-11-29 12:00"), rules(monthly), 2, job="site")
    assert [(span.start, span.end) for span in found] == [
        (utc("2026-11-30 23:00"), utc("2026-12-05 23:00")),
        (utc("2026-12-31 23:00"), utc("2027-01-05 23:00")),
    ]


def test_what_comes_in_years_is_found_and_what_is_always_denied_never_opens() -> None:
    leap = SUNDAY | {"weekly": None, "cron": "0 2 29 2 *"}
    leap.pop("weekly")
    assert decide(utc("2026-11-29 00:00"), rules(leap), job="site") == Closed(
        "no window is open", utc("2028-02-29 01:00")
    )
    never = BACKUP | {"cron": "0 0 * * *", "duration": "1d2h"}
    found = decide(utc("2026-11-29 00:00"), rules(SUNDAY, never), job="site")
    assert found == Closed("backup (the toolbox is busy)", None)


def test_the_next_openings_are_in_order_and_without_what_is_denied() -> None:
    found = next_openings(
        utc("2026-12-15 00:00"), rules(SUNDAY, BACKUP, dates=[CHRISTMAS]), 4, job="site"
    )
    assert [(span.start, span.end) for span in found] == [
        (utc("2026-12-20 01:00"), utc("2026-12-20 02:00")),
        (utc("2026-12-20 02:20"), utc("2026-12-20 03:00")),
        (utc("2027-01-03 01:00"), utc("2027-01-03 02:00")),
        (utc("2027-01-03 02:20"), utc("2027-01-03 03:00")),
    ]


def test_it_is_said_on_the_clocks_of_the_site_and_in_utc() -> None:
    berlin = zone("Europe/Berlin")
    closed = decide(utc("2026-11-28 10:00"), rules(SUNDAY), job="site")
    assert in_words(closed, berlin) == (
        "closed: no window is open; opens Sun 2026-11-29 02:00+01:00 Europe/Berlin "
        "(2026-11-29 01:00 UTC)"
    )
    opened = decide(utc("2026-11-29 01:00"), rules(SUNDAY), job="site")
    assert in_words(opened, berlin).startswith("open by sunday, until Sun 2026-11-29 04:00+01:00")
    assert in_words(Open("", None, None), berlin) == "open: nothing restricts it"
    assert in_words(Closed("x", None), berlin) == "closed: x; no opening is known"


def test_now_may_be_of_any_zone() -> None:
    now = utc("2026-11-29 01:30")
    for name in ("Europe/Berlin", "Asia/Kathmandu"):
        found = decide(now.astimezone(zone(name)), rules(SUNDAY), job="site")
        assert isinstance(found, Open)
        assert found.until == now + timedelta(minutes=90)
