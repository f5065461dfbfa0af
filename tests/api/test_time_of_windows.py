"""The time by which windows are judged: it does not go back, and is believed where it goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.api import clock
from ops.api.clock import Clock


@pytest.mark.parametrize(
    ("wall", "counted", "is_read"),
    [
        (1010.0, 60.0, 1010.0),  # Both went on.
        (940.0, 60.0, 1010.0),  # It was set back by more than a minute.
        (1003.0, 60.0, 1010.0),  # It is slowed down.
        (4600.0, 60.0, 4600.0),  # It was set forward, or the machine has slept.
    ],
)
def test_a_clock_that_is_set(wall: float, counted: float, is_read: float) -> None:
    assert Clock(1000.0, 50.0).reading(wall, counted) == is_read


def test_what_was_seen_stays_seen() -> None:
    seen = Clock(1000.0, 0.0)
    assert seen.reading(4600.0, 1.0) == 4600.0
    assert seen.reading(1002.0, 2.0) == 4601.0


def test_it_is_the_machines_time() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=10)


def test_a_file_says_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clock"
    monkeypatch.setenv(clock.VARIABLE, str(file))
    with pytest.raises(ValueError, match="says no time"):
        clock.now()
    file.write_text("2026-11-29T02:30+01:00\n")
    assert clock.now() == datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
    file.write_text("2026-11-29T02:30")
    with pytest.raises(ValueError, match="without a zone"):
        clock.now()
