"""The two nights a year, and other days on which clocks are moved, by name."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ops.windows.cron import openings
from ops.windows.zone import data_version, differences, instant, wall, zone


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Zone, five fields, an instant, and the openings that follow.
NIGHTS = [
    # Forwards at 02:00, which is 01:00 UTC: the opening is at the end of the gap, once.
    ("Europe/Berlin", "30 2 * * *", "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:30"]),
    ("Europe/Berlin", "*/20 2-3 29 3 *", "2026-03-28 12:00",
     ["2026-03-29 01:00", "2026-03-29 01:20", "2026-03-29 01:40"]),
    # Backwards at 03:00, which is 01:00 UTC: at the first 02:30, and not again at the second.
    ("Europe/Berlin", "30 2 * * *", "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30"]),
    ("Europe/Berlin", "30 * * * *", "2026-10-24 23:00",
     ["2026-10-24 23:30", "2026-10-25 00:30", "2026-10-25 02:30"]),
    ("America/New_York", "30 2 * * *", "2026-03-07 12:00",
     ["2026-03-08 07:00", "2026-03-09 06:30"]),
    ("America/New_York", "30 1 * * *", "2026-10-31 12:00",
     ["2026-11-01 05:30", "2026-11-02 06:30"]),
    # By half an hour, at 02:00 each.
    ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03 00:00",
     ["2026-10-03 15:30", "2026-10-04 15:15"]),
    ("Australia/Lord_Howe", "45 1 * * *", "2026-04-04 00:00",
     ["2026-04-04 14:45", "2026-04-05 15:15"]),
    # The day begins at 01:00.
    ("Africa/Cairo", "0 0 * * *", "2026-04-23 12:00", ["2026-04-23 22:00", "2026-04-24 21:00"]),
    ("Africa/Cairo", "0 0 24 4 *", "2026-04-23 12:00", ["2026-04-23 22:00"]),
    # The 30th of December 2011 was not.
    ("Pacific/Apia", "0 2 * * *", "2011-12-29 20:00",
     ["2011-12-30 10:00", "2011-12-30 12:00", "2011-12-31 12:00"]),
    ("Pacific/Apia", "0 2 30 12 *", "2011-12-29 20:00", ["2011-12-30 10:00"]),
    # 5:45 ahead, all the year.
    ("Asia/Kathmandu", "0 2 * * SUN", "2026-03-25 00:00",
     ["2026-03-28 20:15", "2026-04-04 20:15"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "cron", "after", "wanted"), NIGHTS)
def test_an_opening_is_when_the_clocks_first_show_or_pass_it(
    name: str, cron: str, after: str, wanted: list[str]
) -> None:
    found = list(islice(openings(cron, zone(name), utc(after)), len(wanted)))
    assert found == [utc(time) for time in wanted]


def test_within_the_repeated_hour_the_next_opening_is_never_past() -> None:
    berlin = zone("Europe/Berlin")
    for minute in range(0, 181):
        now = utc("2026-10-25 00:00") + timedelta(minutes=minute)
        for cron in ("30 2 * * *", "*/5 * * * *", "0 2,3 * * *", "59 2 * * *"):
            assert next(openings(cron, berlin, now)) > now


def test_clocks_and_instants_agree() -> None:
    berlin = zone("Europe/Berlin")
    second = utc("2026-10-25 01:30")
    assert wall(second, berlin) == datetime(2026, 10, 25, 2, 30)
    assert instant(wall(second, berlin), berlin) == utc("2026-10-25 00:30")
    assert instant(datetime(2026, 3, 29, 2, 59), berlin) == utc("2026-03-29 01:00")
    assert instant(datetime(2026, 3, 29, 3, 0), berlin) == utc("2026-03-29 01:00")


@pytest.mark.parametrize("name", ["Berlin", "europe/berlin", "../etc/passwd", "", "localtime"])
def test_another_name_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="is no zone of IANA"):
        zone(name)


def test_a_zone_that_is_named_by_its_city_is_guessed() -> None:
    with pytest.raises(ValueError, match="did you mean Europe/Berlin"):
        zone("Berlin")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Path]:
    """The zone data of a machine, with Cairo as it was before it had summer time again."""
    for name, content in {"Cairo": "Tripoli", "Lagos": "Lagos"}.items():
        (tmp_path / "Africa").mkdir(exist_ok=True)
        data = files("tzdata.zoneinfo").joinpath("Africa", content).read_bytes()
        (tmp_path / "Africa" / name).write_bytes(data)
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    yield tmp_path
    zoneinfo.reset_tzpath()


def test_it_is_said_where_the_machine_has_another_zone(machine: Path) -> None:
    (said,) = differences(["Africa/Lagos", "Africa/Cairo"], utc("2026-03-01 00:00"))
    assert said.startswith("Africa/Cairo is 01:00 at 2026-04-23 22:00 UTC, which counts, and 00:00")
    assert f"to this machine ({machine})" in said


def test_the_pinned_data_counts(machine: Path) -> None:
    summer = utc("2026-07-01 00:00")
    assert zone("Africa/Cairo").utcoffset(summer) == timedelta(hours=3)
    assert ZoneInfo.no_cache("Africa/Cairo").utcoffset(summer) == timedelta(hours=2)
    assert version("tzdata") in data_version()
