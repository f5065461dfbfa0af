import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from socket import gethostname
from typing import Any

import pytest

from ops.api.pause_mark import LONGEST_NOTE, Mark, mark_of, marked, own_mark, own_note

ANNA = Mark("anna", "her-laptop", 7, "2026-02-23T10:00:00Z")
WORDS = "the large disk is for MariaDB only; ask Tom before you stop it. Ümläute zählen einmal.\n"


def runner(note: str | None, *, paused: bool = True) -> dict[str, Any]:
    return {"paused": paused, "maintenance_note": note}


def ago(seconds: float) -> str:
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    return since.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "note",
    ["", "short", " with spaces ", "two\nlines\n", "a sentence. And more", WORDS * 9],
)
def test_a_note_comes_back_exactly_and_has_room(note: str) -> None:
    text = marked(note, ANNA)
    assert len(text) <= LONGEST_NOTE
    assert "by anna@her-laptop, pid 7, 2026-02-23T10:00:00Z." in text
    assert own_note(runner(text)) == note
    assert mark_of(runner(text)) == ANNA


def test_a_note_without_room_for_the_mark_is_refused_with_what_to_do() -> None:
    room = LONGEST_NOTE - len(marked("", ANNA)) - 1
    assert marked("x" * room, ANNA).endswith(". " + "x" * room)
    with pytest.raises(ValueError, match=rf"leaves no room .*: shorten it to {room}$"):
        marked("x" * (room + 1), ANNA)


@pytest.mark.parametrize("note", [None, "", "disk is replaced, Tom", "Paused while its pod is"])
def test_a_pause_of_a_person_has_no_mark(note: str | None) -> None:
    assert mark_of(runner(note)) is None
    assert own_note(runner(note)) == (note or "")


def test_a_mark_counts_only_while_the_runner_is_paused() -> None:
    assert mark_of(runner(marked("x", ANNA), paused=False)) is None


def test_the_own_mark_is_this_process_in_utc() -> None:
    mark = own_mark()
    assert (mark.host, mark.pid) == (gethostname(), os.getpid())
    assert abs(datetime.now(UTC) - datetime.fromisoformat(mark.since)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("seconds", "alive"), [(0, True), (50, True), (70, False), (-50, True), (-9999, False)]
)
def test_a_run_on_another_host_counts_as_alive_while_its_mark_is_young(
    seconds: float, alive: bool
) -> None:
    assert Mark("anna", "her-laptop", 1, ago(seconds)).is_alive(60) is alive


def test_a_run_on_this_host_is_alive_while_its_process_is_there_and_its_mark_young() -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep) as process:
        assert Mark("anna", gethostname(), process.pid, ago(0)).is_alive(60)
        assert not Mark("anna", gethostname(), process.pid, ago(70)).is_alive(60)
        process.kill()
    assert not Mark("anna", gethostname(), process.pid, ago(0)).is_alive(60)
    assert Mark("anna", "her-laptop", process.pid, ago(0)).is_alive(60)


def test_what_this_process_has_left_itself_is_not_of_another_run() -> None:
    assert not own_mark().is_alive(60)
