"""A site without windows does not pay for them: nothing is imported, and nothing is asked."""

from lab_process import Lab, Pyinfra
from window_site import SUNDAY, WITHIN, set_clock, windows

DEPLOY = """\
import sys
from ops.api.once import once
from ops.site.job import job

def told():
    import atexit
    names = ("icalendar", "recurring_ical_events", "ops.windows.decision", "ops.windows.freeze")
    atexit.register(lambda: print("imported:", [name for name in names if name in sys.modules]))
    return True

once("told", told)
job("ci_variables")
"""


def test_without_windows_nothing_is_imported_or_asked(lab: Lab, pyinfra: Pyinfra) -> None:
    file = pyinfra.write(DEPLOY)
    code, output = pyinfra.run("inventory.py", file, "-y")
    assert code == 0, output
    assert "imported: []" in output
    assert not [r for r in lab.requests(system="gitlab") if "freeze_periods" in r["path"]]


def test_windows_alone_need_no_calendar(lab: Lab, pyinfra: Pyinfra) -> None:
    set_clock(pyinfra, WITHIN)
    file = pyinfra.write(DEPLOY)
    code, output = pyinfra.run("inventory.py", file, "-y", *windows(SUNDAY))
    assert code == 0, output
    assert "imported: ['ops.windows.decision']" in output
