"""Where a run comes from, as its record says."""

import subprocess
from pathlib import Path

import pytest

from ops.records.origin import revision

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.com")


def clone(folder: Path, text: str) -> str:
    """Make a repository with one commit, and return that."""
    folder.mkdir()
    (folder / "file").write_text(text)
    for arguments in (["init", "-q"], ["add", "file"], [*IDENTITY, "commit", "-qm", text]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_the_commit_and_whether_files_are_other_ones(tmp_path: Path) -> None:
    commit = clone(tmp_path / "a", "one")
    assert revision(tmp_path / "a") == {"commit": commit, "is_dirty": False}
    (tmp_path / "a" / "file").write_text("two")
    assert revision(tmp_path / "a") == {"commit": commit, "is_dirty": True}


def test_no_repository(tmp_path: Path) -> None:
    assert revision(tmp_path / "none") is None


def test_the_environment_does_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = clone(tmp_path / "a", "one")
    clone(tmp_path / "b", "another")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "b" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "b"))
    assert revision(tmp_path / "a") == {"commit": commit, "is_dirty": False}


def test_a_program_of_the_configuration_is_not_run(tmp_path: Path) -> None:
    commit = clone(tmp_path / "a", "one")
    program = tmp_path / "monitor"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    program.chmod(0o755)
    config = ["git", "config", "core.fsmonitor", str(program)]
    subprocess.run(config, cwd=tmp_path / "a", check=True)
    assert revision(tmp_path / "a") == {"commit": commit, "is_dirty": False}
    assert not (tmp_path / "was-run").exists()
