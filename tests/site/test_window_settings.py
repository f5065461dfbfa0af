"""Settings of windows that are wrong are named in one line, before anything is connected."""

from typing import Any

import pytest
from lab_process import Pyinfra
from window_site import SUNDAY, windows

from ops.api.settings.typed import Wrong, typed
from ops.site.settings.windows import Calendars, Dates, DurationOrEmpty, Reason, Windows, Zone

DATE = {
    "name": "christmas", "effect": "deny", "start": "2026-12-24 00:00", "end": "2027-01-02 00:00",
    "zone": "Europe/Berlin",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Windows, [{**SUNDAY, "weekly": "SUN 25:00"}], "sunday: "),
        (Windows, [{**SUNDAY, "zone": "Berlin"}], "sunday: Berlin is no zone of IANA"),
        (Windows, [{**SUNDAY, "duraton": "2h"}], "sunday: Object contains unknown field duraton"),
        (Windows, [{**SUNDAY, "cron": "0 2 * * 7"}], "sunday: a window has either cron or weekly"),
        (Windows, [{"effect": "allow"}], "entry 1: Object missing required field"),
        (
            Windows,
            [{**SUNDAY, "effect": "permit"}],
            "sunday: Invalid enum value 'permit'",
        ),
        (Windows, [SUNDAY, SUNDAY], "sunday is the name of two windows or dates"),
        (Windows, SUNDAY, "a list of windows, as JSON"),
        (Dates, [{**DATE, "end": "2026-12-23 00:00"}], "christmas: 2026-12-23 00:00 is not later"),
        (Dates, [SUNDAY], "sunday: Object contains unknown field weekly"),
        (Calendars, {"exams": 3}, "the path of a file for the name of each calendar"),
        (Zone, "Europe/Berln", "Europe/Berln is no zone of IANA"),
        (DurationOrEmpty, "ten minutes", "ten minutes is no duration"),
        (Reason, "  ", "it says nothing"),
    ],
)
def test_it_is_refused(kind: Any, value: Any, words: str) -> None:
    with pytest.raises(Wrong) as caught:
        typed(kind, value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value) and "$" not in str(caught.value)


def test_what_is_right_is_taken() -> None:
    for kind, value in ((Windows, [SUNDAY]), (Dates, [DATE]), (Zone, "UTC"), (Reason, "a reason")):
        assert typed(kind, value) == value


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (windows({**SUNDAY, "jobs": ["fix_tag"]}), "the job fix_tag, and there is none (the near"),
        (windows({**SUNDAY, "groups": ["runers"]}), "the group runers, and there is none (the nea"),
        (
            windows(SUNDAY, window_exceptions=[{**DATE, "name": "sunday"}]),
            "window_exceptions: sunday is the name of a window, too",
        ),
        (windows({**SUNDAY, "duration": "2"}), "windows is a list of windows, as JSON, not ["),
        (["--data", 'windows=["sunday"]'], "windows is a list of windows, as JSON, not "),
        (["--data", "window_exceptions=[null]"], "is a list of dated exceptions, as JSON, not "),
        (windows({**SUNDAY, "jobs": "fix_tags"}), "sunday: Expected array, got str in jobs"),
        (windows({**SUNDAY, "groups": 5}), "sunday: Expected array, got int in groups"),
        (windows({**SUNDAY, "jobs": [["a"]]}), "sunday: Expected str, got array in jobs"),
    ],
)
def test_nothing_is_connected(pyinfra: Pyinfra, more: list[str], words: str) -> None:
    code, output = pyinfra.run("inventory.py", "deploys/fix_tags.py", "--dry", *more)
    assert code == 1, output
    assert words in output
    assert "1 setting is wrong" in output and "Traceback" not in output
    assert "Connected" not in output
