"""Outside of a maintenance window nothing is sent, and the run ends with exit code 3."""

import json
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from moments import ALERT, ENDLESS_PROOF, is_proving, wait_for
from window_site import AFTER, BACKUP, OPENS, SATURDAY, SUNDAY, WITHIN, set_clock, windows

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//a test//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
SUMMARY:Exams
DTSTART;VALUE=DATE:20261129
DTEND;VALUE=DATE:20261130
END:VEVENT
END:VCALENDAR
"""
FREEZE = {"freeze_start": "0 0 * * 0", "freeze_end": "0 3 * * 0", "cron_timezone": "Berlin"}
CLOSED = "maintenance is closed: no window is open; "
PATH = "/projects/280/freeze_periods"


def record(pyinfra: Pyinfra) -> dict[str, object]:
    (file,) = (pyinfra.directory / "records").glob("*/record.json")
    found: dict[str, object] = json.loads(file.read_text())["run"]
    return found


def test_outside_nothing_is_sent_and_the_next_opening_is_named(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, SATURDAY)
    code, output = pyinfra.deploy("fix_tags", "-y", *windows(SUNDAY))
    assert code == 3, output
    assert "Blocked: nothing of fix_tags was executed" in output
    assert f"left:     {CLOSED}{OPENS}" in output
    assert "Windows are judged by SITE_CLOCK, where it is 2026-11-28 11:00 UTC" in output
    assert lab.mutations() == []
    assert not (pyinfra.directory / "records").exists()


def test_a_preview_says_whether_it_could_run_now(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, SATURDAY)
    code, output = pyinfra.deploy("fix_tags", "--dry", *windows(SUNDAY))
    assert code == 0, output
    assert f"window:   closed: no window is open; {OPENS}" in output
    set_clock(pyinfra, WITHIN)
    code, output = pyinfra.deploy("fix_tags", "--dry", *windows(SUNDAY))
    assert code == 0, output
    until = "Sun 2026-11-29 04:00+01:00 Europe/Berlin (2026-11-29 03:00 UTC)"
    assert f"window:   open by sunday, until {until}" in output
    assert lab.mutations() == []


def test_within_a_window_it_runs(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, WITHIN)
    code, output = pyinfra.deploy("ci_variables", "-y", *windows(SUNDAY))
    assert code == 0, output
    assert lab.mutations()
    assert record(pyinfra)["window"] == {
        "is_open": True, "because": "sunday", "until": "2026-11-29T03:00:00+00:00", "opens": None,
        "outside": None,
    }  # fmt: skip


def test_what_is_as_wanted_needs_no_window(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, WITHIN)
    assert pyinfra.deploy("ci_variables", "-y", *windows(SUNDAY))[0] == 0
    set_clock(pyinfra, SATURDAY)
    code, output = pyinfra.deploy("ci_variables", "-y", *windows(SUNDAY))
    assert code == 0, output
    assert "No changes: " in output and "window:" not in output


def test_a_reason_overrides_for_one_run_and_is_recorded(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, SATURDAY)
    reason = "the exam board cannot wait"
    more = windows(SUNDAY, outside_window=reason)
    code, output = pyinfra.deploy("ci_variables", "-y", *more)
    assert code == 0, output
    assert f"window:   closed: no window is open; {OPENS}; all the same: {reason}" in output
    found = record(pyinfra)["window"]
    assert isinstance(found, dict)
    assert (found["is_open"], found["outside"]) == (False, reason)
    code, output = pyinfra.deploy("fix_tags", "-y", *windows(SUNDAY))
    assert code == 3, output


def test_deny_wins_and_names_its_reason(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, "2026-11-29T03:10+01:00")
    code, output = pyinfra.deploy("fix_tags", "-y", *windows(SUNDAY, BACKUP))
    assert code == 3, output
    assert "closed: backup (the toolbox is busy); opens Sun 2026-11-29 03:20+01:00" in output
    assert lab.mutations() == []


@pytest.mark.parametrize("change", [{"jobs": ["fix_tags"]}, {"groups": ["runners"]}])
def test_rules_hold_for_jobs_and_groups(
    lab: Lab, pyinfra: Pyinfra, change: dict[str, list[str]]
) -> None:
    set_clock(pyinfra, SATURDAY)
    rule = windows({**SUNDAY, **change})
    for job in ("fix_tags", "site"):  # Also where the job is a part of another one.
        code, output = pyinfra.deploy(job, "-y", *rule)
        assert code == 3, output
        assert OPENS in output
    assert lab.mutations() == []
    code, output = pyinfra.deploy("ci_variables", "-y", *rule)
    assert code == 0, output


def test_a_window_that_closes_in_the_middle_puts_back(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=3600)
    set_clock(pyinfra, WITHIN)
    more = windows(SUNDAY, snapshot_directory=str(pyinfra.directory / "snapshots"))
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", *more, **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    set_clock(pyinfra, AFTER)
    output, _ = process.communicate()
    assert process.returncode == 3, output
    assert lab.enforcer() == ALERT
    found = record(pyinfra)
    assert found["exit_code"] == 3
    verdict = found["verdict"]
    assert isinstance(verdict, dict)
    assert verdict["word"] == "Blocked" and verdict["put_back"]
    assert "opens Sun 2026-12-06 02:00+01:00" in verdict["blocked"][0]


def test_the_time_for_putting_back_is_kept(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, "2026-11-29T03:50+01:00")
    code, output = pyinfra.deploy("fix_tags", "-y", *windows(SUNDAY, put_back_time="10m"))
    assert code == 3, output
    assert "10m are kept for putting back" in output
    assert lab.mutations() == []


def test_a_calendar_denies_and_one_that_is_not_there_does_so_always(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path
) -> None:
    set_clock(pyinfra, WITHIN)
    file = tmp_path / "exams.ics"
    file.write_text(CALENDAR)
    more = windows(SUNDAY, window_calendars={"exams": str(file)})
    code, output = pyinfra.deploy("fix_tags", "-y", *more)
    assert code == 3, output
    assert "Exams" in output and "of calendar exams" in output
    assert "Blocked: nothing of fix_tags was executed" in output
    assert "opens Sun 2026-12-06 02:00+01:00" in output
    for content in (None, "BEGIN:VCALENDAR"):
        file.unlink() if content is None else file.write_text(content)
        code, output = pyinfra.deploy("fix_tags", "-y", *more)
        assert code == 3, output
        assert "calendar exams cannot be read: " in output and "no opening is known" in output
    assert lab.mutations() == []


def test_freeze_periods_deny_and_are_asked_for_only_where_they_count(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="add_freeze_period", **FREEZE)
    set_clock(pyinfra, WITHIN)
    more = windows(freeze_periods_count=True)
    code, output = pyinfra.deploy("fix_tags", "-y", *more)
    assert code == 3, output
    assert "freeze period 1 of GitLab (0 0 * * 0 until 0 3 * * 0, Berlin)" in output
    assert "Blocked: nothing of fix_tags was executed" in output
    assert lab.mutations() == []
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    asked = [r for r in lab.requests(system="gitlab") if "freeze_periods" in r["path"]]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "fault",
    [{"action": "status", "status": 403}, {"action": "status", "status": 200, "body": "null"}],
)
def test_freeze_periods_that_cannot_be_read_deny(
    lab: Lab, pyinfra: Pyinfra, fault: dict[str, object]
) -> None:
    set_clock(pyinfra, WITHIN)
    lab.fault(system="gitlab", path=f"{PATH}", times=-1, **fault)
    code, output = pyinfra.deploy("fix_tags", "-y", *windows(freeze_periods_count=True))
    assert code == 3, output
    assert "freeze periods of @gitlab/projects/280 cannot be read" in output
    assert lab.mutations() == []


def test_a_clock_that_says_nothing_denies(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, "soon")
    code, output = pyinfra.deploy("fix_tags", "-y", *windows(SUNDAY))
    assert code == 3, output
    assert "says no time" in output
    assert lab.mutations() == []


def test_a_request_by_hand_is_asked_about_as_well(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, SATURDAY)
    by_hand = ("@gitlab/runners/17", "exec", *windows(SUNDAY), "--")
    code, output = pyinfra.run(*by_hand, "PUT", "/runners/17", '{"paused": true}')
    assert code == 3, output
    assert OPENS in output
    assert lab.mutations() == []
    code, output = pyinfra.run(*by_hand, "GET", "/runners/17")
    assert code == 0, output


def test_a_freeze_stops_a_request_by_hand_on_a_host_of_the_inventory(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="add_freeze_period", **FREEZE)
    set_clock(pyinfra, WITHIN)
    limit = ("--limit", "@gitlab/runners/17", *windows(freeze_periods_count=True))
    by_hand = ("inventory.py", "exec", *limit, "--", "PUT", "/runners/17", '{"paused": true}')
    code, output = pyinfra.run(*by_hand)
    assert code == 3, output
    assert "freeze period 1 of GitLab" in output
    assert lab.mutations() == []
    set_clock(pyinfra, AFTER)
    _, output = pyinfra.run(*by_hand)
    assert "PUT /runners/17 -> 400" in output  # It lacks its tags; so it was sent.
