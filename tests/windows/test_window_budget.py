"""What cannot be over at the end of a window does not begin."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made_records import made
from window_site import SUNDAY, ZONE

from ops.records.directory import Records
from ops.site.windows.budget import takes
from ops.windows.decision import Closed, Open, Takes, decide_for
from ops.windows.window import read

LONGER = {**SUNDAY, "name": "longer", "weekly": "WED 02:00", "duration": "3h"}
KNOWN = "the 95th percentile of {}"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-29 {text}").replace(tzinfo=UTC)


def decide(now: str, minutes: float, **more: object) -> Open | Closed:
    rules = read({"windows": [SUNDAY, LONGER], **more})
    told = Takes(timedelta(minutes=minutes), "as run_times says")
    return decide_for([("site", ())], at(now), rules, takes=told)


def test_what_fits_begins() -> None:
    assert isinstance(decide("01:00", 119), Open)
    assert isinstance(decide("02:39:59", 20), Open)
    assert isinstance(decide("02:29:59", 20, put_back="10m"), Open)


def test_what_does_not_fit_waits_for_a_window_that_is_long_enough() -> None:
    found = decide("02:40", 20)
    assert isinstance(found, Closed)
    assert found.because == (
        "sunday ends at 2026-11-29 03:00 UTC, in 20 min 0 s; the job takes 20 min 0 s"
        " (as run_times says)"
    )
    assert found.opens == datetime(2026, 12, 2, 1, tzinfo=UTC)
    found = decide("02:30", 20, put_back="10m")
    assert isinstance(found, Closed)
    assert found.because.endswith("(as run_times says), and 10m are kept for putting back")
    found = decide("01:00", 130)  # The window on Wednesday has room for it, that on Sunday has not.
    assert isinstance(found, Closed) and found.opens == datetime(2026, 12, 2, 1, tzinfo=UTC)
    found = decide("01:00", 200)
    assert isinstance(found, Closed) and found.opens is None


def test_where_nothing_ends_it_does_not_matter() -> None:
    forever = Takes(timedelta(days=30), "as run_times says")
    assert decide_for([("site", ())], at("01:00"), read({}), takes=forever) == Open("", None, None)
    exam = {"name": "exam", "effect": "deny", "start": "2026-12-01 00:00", **ZONE}
    rules = read({"dates": [{**exam, "end": "2026-12-02 00:00"}]})
    found = decide_for([("site", ())], at("01:00"), rules, takes=forever)
    assert isinstance(found, Closed)


@pytest.mark.parametrize(("count", "seconds"), [(1, 10.0), (19, 190.0), (20, 190.0), (40, 380.0)])
def test_the_records_tell_how_long_it_takes(tmp_path: Path, count: int, seconds: float) -> None:
    for number in range(1, count + 1):
        made(tmp_path, "fix_tags", duration=number * 10.0)
    runs = "1 past run" if count == 1 else f"{count} past runs"
    expected = Takes(timedelta(seconds=seconds), KNOWN.format(runs))
    assert takes(["fix_tags"], {}, Records(tmp_path)) == expected


def test_only_runs_of_the_job_that_have_done_all_count(tmp_path: Path) -> None:
    records = Records(tmp_path)
    assert takes(["fix_tags"], {}, records) is None
    made(tmp_path, "fix_tags-2", duration=900.0)
    made(tmp_path, "fix_tags", word="Failed", duration=900.0)
    made(tmp_path, "fix_tags", word="No changes", duration=1.0)
    assert takes(["fix_tags"], {}, records) is None
    broken = made(tmp_path, "fix_tags", duration=900.0)
    records.file(broken).write_text("{}")
    made(tmp_path, "fix_tags", duration=60.0)
    assert takes(["fix_tags"], {}, records) == Takes(
        timedelta(seconds=60), KNOWN.format("1 past run")
    )


def test_what_is_declared_comes_before_the_records(tmp_path: Path) -> None:
    made(tmp_path, "fix_tags", duration=60.0)
    records = Records(tmp_path)
    declared = {"fix_tags": "20m", "site": ""}
    found = takes(["fix_tags"], declared, records)
    assert found == Takes(timedelta(minutes=20), "as run_times says")
    assert takes(["fix_tags"], {"fix_tags": ""}, records) is None
    both = takes(["fix_tags", "pipelines"], {**declared, "pipelines": "5m"}, records)
    assert both == Takes(timedelta(minutes=25), "as run_times says")
