from typing import Any

import pytest

from ops.site.experiment.pause_mark import LONGEST_NOTE, Mark, mark_of, marked, own_note

ANNA = Mark("anna", "her-laptop", 7, "2026-02-23T10:00:00Z")
WORDS = "the large disk is for MariaDB only; ask Tom before you stop it. Ümläute zählen einmal.\n"


def runner(note: str | None, *, paused: bool = True) -> dict[str, Any]:
    return {"paused": paused, "maintenance_note": note}


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
