"""A run that would not be over at the end of a window does not begin: exit code 3, the figures."""

from lab_process import Lab, Pyinfra
from made_records import made
from window_site import SUNDAY, set_clock, windows

LATE = "2026-11-29T03:50+01:00"


def test_past_runs_say_how_long_it_takes(lab: Lab, pyinfra: Pyinfra) -> None:
    for minutes in (3, 11, 4):
        made(pyinfra.directory / "records", "ci_variables", duration=minutes * 60.0)
    set_clock(pyinfra, LATE)
    code, output = pyinfra.deploy("ci_variables", "-y", *windows(SUNDAY))
    assert code == 3, output
    ends = "sunday ends at 2026-11-29 03:00 UTC, in 10 min 0 s; the job takes 11 min 0 s"
    assert f"maintenance is closed: {ends} (the 95th percentile of 3 past runs)" in output
    assert "opens Sun 2026-12-06 02:00+01:00" in output
    assert lab.mutations() == []
    code, output = pyinfra.deploy("ci_variables", "--dry", *windows(SUNDAY))
    assert code == 0 and f"window:   closed: {ends}" in output
    # What is declared counts, and what began in time goes on.
    code, output = pyinfra.deploy(
        "ci_variables", "-y", *windows(SUNDAY, run_times={"ci_variables": "9m"})
    )
    assert code == 0, output


def test_the_time_for_putting_back_comes_on_top(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, LATE)
    more = windows(SUNDAY, run_times={"ci_variables": "9m"}, put_back_time="2m")
    code, output = pyinfra.deploy("ci_variables", "-y", *more)
    assert code == 3, output
    assert "9 min 0 s (as run_times says), and 2m are kept for putting back" in output
    assert lab.mutations() == []
    code, output = pyinfra.deploy("ci_variables", "-y", *windows(SUNDAY, put_back_time="2m"))
    assert code == 0, output  # Nobody knows how long it takes.


def test_a_wrong_declaration_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    for times, words in (
        ({"ci_variables": "9"}, "ci_variables: 9 is no duration"),
        ({"ci_variable": "9m"}, "run_times: there is no job ci_variable (the nearest is ci_var"),
    ):
        code, output = pyinfra.deploy("ci_variables", "-y", *windows(SUNDAY, run_times=times))
        assert code == 1, output
        assert words in output and "Connected" not in output
