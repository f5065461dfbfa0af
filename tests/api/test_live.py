"""The live line: on a terminal that can, and nowhere else."""

import os
import re
import select
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import TextIO

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from terminal import on_a_terminal

from ops.api import live
from ops.api.live import LiveLine

Ends = tuple[int, TextIO]
ERASED = "\r\x1b[2K"
COLOUR = re.compile(r"\x1b\[[\d;]*m")
PREVIEW = ("inventory.py", "deploys/fix_tags.py", "--dry", "--limit", "runners")
PROOF = ("tag_verification_seconds=2", "tag_verification_interval=0.5")


def test_a_wait_has_one_line_on_a_terminal(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    settings = (*PROOF, f"snapshot_directory={pyinfra.directory}")
    data = [part for setting in settings for part in ("--data", setting)]
    output = on_a_terminal(pyinfra, 100, "inventory.py", "deploys/fix_tags.py", "-y", *data)
    line = r"    \d\d:\d\d:\d\d \S+  \[@gitlab\] \d+ of 2 s: runners that lost tags so far: 0"
    assert re.search(rf"{line}{re.escape(ERASED)}", output), output
    assert "Done: fix_tags" in output
    # Each one is taken back before anything else is printed.
    plain = re.sub(r"[^\n]*\r\x1b\[2K", "", output)
    assert "runners that lost tags so far" not in plain


def test_a_terminal_that_cannot_take_a_line_back_gets_none(lab: Lab, pyinfra: Pyinfra) -> None:
    assert "\x1b" not in after_the_start(on_a_terminal(pyinfra, 100, *PREVIEW, TERM="dumb"))


def test_no_color(lab: Lab, pyinfra: Pyinfra) -> None:
    with_colours = after_the_start(on_a_terminal(pyinfra, 100, *PREVIEW))
    assert COLOUR.search(with_colours)
    assert ERASED in with_colours
    without = after_the_start(on_a_terminal(pyinfra, 100, *PREVIEW, NO_COLOR="1"))
    assert ERASED in without
    assert not COLOUR.search(without)


def test_ci_has_no_live_line(lab: Lab, pyinfra: Pyinfra) -> None:
    assert ERASED not in on_a_terminal(pyinfra, 100, *PREVIEW, CI="true")


def test_pyinfras_own_setting_turns_it_off(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    settings = (*PROOF, f"snapshot_directory={pyinfra.directory}")
    data = [part for setting in settings for part in ("--data", setting)]
    run = ("inventory.py", "deploys/fix_tags.py", "-y", *data)
    output = after_the_start(on_a_terminal(pyinfra, 100, *run, PYINFRA_PROGRESS="off"))
    assert "Done: fix_tags" in output
    assert COLOUR.search(output)
    assert ERASED not in output
    assert "runners that lost tags so far" not in output  # A line comes after ten seconds alone.


def after_the_start(output: str) -> str:
    """What is printed once config.py is loaded; what pyinfra prints before is its own."""
    return output[output.index("Loading config") :].partition("\n")[2]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    """Both ends of a terminal of 40 columns; a test makes the second one stderr."""
    leader, follower = os.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    for name in ("CI", "PYINFRA_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    live._console.cache_clear()
    # pytest puts its own stderr back after a fixture, so a fixture cannot redirect it.
    with open(follower, "w") as stream:
        yield leader, stream
    live._console.cache_clear()
    os.close(leader)


def read(leader: int, end: str, times: int = 1) -> str:
    """What has come up to a text that has come so often: a terminal gives it in any pieces."""
    output = ""
    while not (output.endswith(end) and output.count(end) >= times):
        assert select.select([leader], [], [], LIMIT)[0], output
        output += os.read(leader, 65536).decode()
    return output


def test_text_of_others_steers_nothing_and_a_long_one_stays_in_its_line(terminal: Ends) -> None:
    (leader, stream), line = terminal, LiveLine()
    with redirect_stderr(stream), line.showing(lambda: "a\x1b[2Jb\nc" + 100 * "x"):
        shown = read(leader, "…")
    assert r"a\x1b[2Jb\nc" in shown
    assert "\x1b" not in shown
    assert len(shown) == 39
    assert read(leader, ERASED) == ERASED


def test_several_waits_are_one_line(terminal: Ends) -> None:
    (leader, stream), line = terminal, LiveLine()
    with redirect_stderr(stream), line.showing(lambda: "first"):
        with line.showing(lambda: "second"):
            pass
        line.draw()
    output = read(leader, f"first{ERASED}", times=2)
    lines = [re.sub(r" *[\d:]+ \S+  ", "", part) for part in output.split(ERASED)]
    assert lines == ["first", "second (and 1 more)", "first", ""]


def test_nothing_is_shown_where_there_is_nothing_to_say_or_somebody_is_asked(
    terminal: Ends,
) -> None:
    (leader, stream), line = terminal, LiveLine()
    said = ""
    with redirect_stderr(stream), line.showing(lambda: said):
        said = "it comes"
        with line.hidden():
            line.draw()
        line.draw()
    assert read(leader, ERASED).count("it comes") == 1
