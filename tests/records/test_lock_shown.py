"""What `runs show` and the verdict say of the lock of the site."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from made_records import made

from ops.records.command import main

BEFORE = {
    "user": "anna", "host": "desk", "pid": 4711, "job": "fix_tags", "run": "1a2b",
    "since": "2026-11-28T02:02:29+00:00",
}  # fmt: skip
LOCK = {
    "run": "3c4d", "lease": "gitlab-runner/site-operations", "file": None, "waited": 0.0,
    "taken_over_from": None, "lost": None,
}  # fmt: skip
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "taken over": (
        {"taken_over_from": BEFORE},
        "lock:     taken over from anna@desk with fix_tags, without a sign of life",
    ),
    "lost": (
        {"lost": "the lock was lost: bert@desk is at work"},
        "lock:     the lock was lost: bert@desk is at work",
    ),
    "waited": ({"waited": 61.0}, "lock:     waited 1 min 1 s for it"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_was_unusual_is_shown(tmp_path: Path, case: str) -> None:
    more, line = CASES[case]
    made(tmp_path, lock={**LOCK, **more})
    shown = CliRunner().invoke(main, ["--directory", str(tmp_path), "show"]).output
    assert line in shown.splitlines(), shown


@pytest.mark.parametrize("lock", [None, LOCK])
def test_what_was_usual_is_not(tmp_path: Path, lock: dict[str, Any] | None) -> None:
    made(tmp_path, lock=lock)
    shown = CliRunner().invoke(main, ["--directory", str(tmp_path), "show"]).output
    assert "lock:" not in shown
