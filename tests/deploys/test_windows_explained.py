"""`deploys/windows.py`: open or closed by which rule, what is to come, and what the zones are."""

from importlib.resources import files
from pathlib import Path

from lab_process import Lab, Pyinfra
from window_site import BACKUP, SATURDAY, SUNDAY, ZONE, set_clock, windows

CHRISTMAS = {
    "name": "christmas", "effect": "deny", "start": "2026-12-24 00:00", "end": "2027-01-02 00:00",
    **ZONE,
}  # fmt: skip
OLD = {**CHRISTMAS, "name": "old", "start": "2025-12-24 00:00", "end": "2026-01-02 00:00"}
FREEZE = {"freeze_start": "0 0 * * 0", "freeze_end": "30 2 * * 0", "cron_timezone": "Berlin"}


def explain(pyinfra: Pyinfra, *more: str, how: str = "--dry", **environment: str) -> str:
    code, output = pyinfra.deploy("windows", how, *more, **environment)
    assert code == 0, output
    return output


def test_without_windows_it_says_so(lab: Lab, pyinfra: Pyinfra) -> None:
    output = explain(pyinfra)
    assert "Nothing is configured, so changes are allowed at any time." in output
    assert "window:" not in output


def test_now_and_the_next_ten_openings(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, SATURDAY)
    lab.fault(action="add_freeze_period", **FREEZE)
    more = windows(SUNDAY, window_exceptions=[CHRISTMAS, OLD], freeze_periods_count=True)
    output = explain(pyinfra, *more, how="-y")
    now = "Sat 2026-11-28 12:00+01:00 Europe/Berlin (2026-11-28 11:00 UTC)"
    opens = "Sun 2026-11-29 02:30+01:00 Europe/Berlin (2026-11-29 01:30 UTC)"
    for line in (
        f"At {now}",
        "allow  sunday: SUN 02:00 for 2h, Europe/Berlin",
        "deny   christmas: 2026-12-24 00:00 to 2027-01-02 00:00, Europe/Berlin",
        "! old is over",
        f"All jobs: closed: no window is open; opens {opens}",
        "    Sun 2026-11-29 02:30 to 04:00 (2026-11-29 01:30 to 03:00 UTC): sunday",
        "        without freeze period 1 of GitLab (0 0 * * 0 until 30 2 * * 0, Berlin)",
        "    Sun 2026-12-27 02:00 to 04:00 (2026-12-27 01:00 to 03:00 UTC): closed by christmas",
        f"window:   closed: no window is open; opens {opens}",
        "No changes: windows has looked",
    ):
        assert line in output, line
    assert output.count("UTC): sunday") == 10
    assert lab.mutations() == []


def test_for_another_time_and_for_what_rules_tell_apart(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, SATURDAY)
    backup = {**BACKUP, "groups": ["toolbox"]}
    evening = {**SUNDAY, "name": "evening", "weekly": "SUN 03:00", "jobs": ["fix_tags"]}
    more = (*windows(SUNDAY, backup, evening), "--data")
    output = explain(pyinfra, *more, "at=2026-11-29T03:10")
    until = "until Sun 2026-11-29 {} Europe/Berlin"
    assert "fix_tags on toolbox: closed: backup (the toolbox is busy); opens Sun 2026" in output
    assert f"fix_tags on other hosts: open by sunday, {until.format('05:00+01:00')}" in output
    assert "other jobs on toolbox: closed: backup (the toolbox is busy); opens Sun" in output
    assert f"other jobs on other hosts: open by sunday, {until.format('04:00+01:00')}" in output
    # With a zone of its own: in Berlin it is still Saturday.
    output = explain(pyinfra, *more, "at=2026-11-29T03:10+09:00")
    assert "At Sat 2026-11-28 19:10+01:00 Europe/Berlin" in output
    code, output = pyinfra.deploy("windows", "--dry", *more, "at=soon")
    assert code == 1 and "at is a time, such as 2026-12-24T03:00, or empty" in output
    for year in ("0001", "9999"):
        code, output = pyinfra.deploy("windows", "--dry", *more, f"at={year}-12-31T23:00")
        assert code == 1 and "its year is not from 2000 to 2999" in output


def test_what_is_too_short_to_begin_in_is_said(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, SATURDAY)
    output = explain(pyinfra, *windows(SUNDAY, BACKUP, put_back_time="40m"))
    assert "; opens Sun 2026-11-29 02:00+01:00" in output
    first, second = (line for line in output.splitlines() if line.startswith("    Sun 2026-11-29"))
    assert first.endswith("02:00 UTC): sunday")
    assert second.endswith("UTC): sunday, too short to begin: 40m are kept for putting back")


def test_what_cannot_be_read_is_said(lab: Lab, pyinfra: Pyinfra) -> None:
    calendars = {"exams": str(pyinfra.directory / "none.ics")}
    output = explain(pyinfra, *windows(SUNDAY, window_calendars=calendars))
    assert "deny   calendar exams cannot be read: " in output
    assert "What cannot be read denies all the time." in output
    assert "no opening is known" in output


def test_the_zone_data_and_where_the_machines_differs(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path
) -> None:
    output = explain(pyinfra, *windows(SUNDAY))
    assert "Zone data: " in output and f" in {files('tzdata')}" in output
    assert "to this machine" not in explain(pyinfra, *windows(SUNDAY), PYTHONTZPATH="")
    other = tmp_path / "zones" / "Europe"
    other.mkdir(parents=True)
    data = files("tzdata.zoneinfo").joinpath("Africa", "Abidjan").read_bytes()
    (other / "Berlin").write_bytes(data)
    output = explain(pyinfra, *windows(SUNDAY), PYTHONTZPATH=str(other.parent))
    assert "Europe/Berlin is " in output and f"to this machine ({other.parent})" in output
