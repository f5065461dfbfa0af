"""Calendars in the shapes in which Outlook, Google and Nextcloud export them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.windows.calendar import Calendar
from ops.windows.decision import Closed, Open, decide
from ops.windows.window import read
from ops.windows.zone import zone

EXPORTS = Path(__file__).parent.parent / "cases" / "calendars"
BERLIN = zone("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(name: str) -> Calendar:
    return Calendar(f"{name}.ics", (EXPORTS / f"{name}.ics").read_bytes(), BERLIN)


WANTED = {
    "outlook": [
        ("Weekend freeze", "2026-03-13 17:00", "2026-03-16 05:00"),
        # Moved and shortened.
        ("Weekend freeze, short", "2026-03-20 21:00", "2026-03-21 01:00"),
        # 60 hours, as each time: the end is an hour later on the clocks than it is shown.
        ("Weekend freeze", "2026-03-27 17:00", "2026-03-30 05:00"),
        ("Easter", "2026-04-02 22:00", "2026-04-06 22:00"),
        ("Weekend freeze", "2026-04-03 16:00", "2026-04-06 04:00"),
    ],
    "google": [
        ("Audit", "2026-10-20 12:00", "2026-10-20 14:00"),
        ("Backup", "2026-10-21 23:30", "2026-10-22 01:30"),
        ("Backup", "2026-10-23 23:30", "2026-10-24 01:30"),
        # The day has 25 hours. The backup is two hours long and shown until 03:30: the later one.
        ("Clocks go back", "2026-10-24 22:00", "2026-10-25 23:00"),
        ("Backup", "2026-10-24 23:30", "2026-10-25 02:30"),
        ("Backup", "2026-10-27 00:30", "2026-10-27 02:30"),
    ],
    "nextcloud": [
        ("Snapshot of the storage", "2026-03-28 00:30", "2026-03-28 01:30"),
        ("Snapshot of the storage", "2026-03-29 00:30", "2026-03-29 01:30"),
        ("Without a zone, in the gap", "2026-03-29 01:00", "2026-03-29 02:30"),
        ("Snapshot of the storage", "2026-03-29 23:30", "2026-03-30 00:30"),
        ("Holiday", "2026-04-30 22:00", "2026-05-01 22:00"),
    ],
}


@pytest.mark.parametrize("name", WANTED)
def test_an_export_is_read(name: str) -> None:
    found = sorted(calendar(name).spans(utc("2026-01-01 00:00"), utc("2027-01-01 00:00")))
    shown = [(span.why.split('"')[1], span.start, span.end) for span in found]
    assert shown == [(why, utc(start), utc(end)) for why, start, end in WANTED[name]]


def test_only_what_has_a_part_in_the_time_is_there() -> None:
    easter = calendar("outlook")
    assert [
        span.why for span in easter.spans(utc("2026-04-06 21:59"), utc("2026-04-07 00:00"))
    ] == ['event "Easter" (040000008200E00074C5B7101A82E00800000000A1) of calendar outlook.ics']
    assert list(easter.spans(utc("2026-04-06 22:00"), utc("2026-04-08 00:00"))) == []


def test_a_series_without_an_end_is_read_years_ahead() -> None:
    found = list(calendar("nextcloud").spans(utc("2033-01-01 00:00"), utc("2034-01-01 00:00")))
    assert [span.start for span in found] == [utc("2033-04-30 22:00")]


def test_an_event_denies_and_the_window_opens_after_it() -> None:
    night = read({"windows": [{
        "name": "night", "effect": "allow", "cron": "0 0 * * *", "duration": "6h",
        "zone": "Europe/Berlin",
    }]})  # fmt: skip
    backup = [calendar("google")]
    found = decide(utc("2026-10-24 00:00"), night, job="site", denied_by=backup)
    assert isinstance(found, Closed)
    assert 'event "Backup"' in found.because
    assert found.opens == utc("2026-10-24 01:30")
    after = decide(found.opens, night, job="site", denied_by=backup)
    assert isinstance(after, Open)
    assert after.until == utc("2026-10-24 04:00")
    # The whole day is taken, so the next is the night after it, in which the backup is called off.
    day = decide(utc("2026-10-24 22:00"), night, job="site", denied_by=backup)
    assert isinstance(day, Closed)
    assert day.opens == utc("2026-10-25 23:00")


def test_the_site_says_when_a_day_begins() -> None:
    content = (EXPORTS / "nextcloud.ics").read_bytes()
    for name, hour in {"Asia/Kathmandu": timedelta(hours=-5.75), "UTC": timedelta(0)}.items():
        found = Calendar("n", content, zone(name)).spans(
            utc("2026-04-29 00:00"), utc("2026-06-01 00:00")
        )
        assert [span.start for span in found] == [utc("2026-05-01 00:00") + hour]
