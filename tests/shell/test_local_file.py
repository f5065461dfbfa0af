"""Private files: whole for each reader, however many write them and whenever one is killed."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from moments import wait_for

from ops.shell.local_file import write_private

LENGTH = 100_000
WRITER = f"""
import json, sys
from pathlib import Path
from ops.shell.local_file import write_private
path, name, rounds = sys.argv[1:]
text = json.dumps({{"name": name, "rest": name * {LENGTH}}})
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(rounds)):
    write_private(Path(path), text)
"""


@contextmanager
def writer(path: Path, name: str, rounds: int) -> Iterator[subprocess.Popen[str]]:
    """A process that writes a file again and again, as soon as it is told."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(rounds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def whole(path: Path) -> str:
    """The name in a file that has all that was written."""
    found = json.loads(path.read_text())
    assert found["rest"] == found["name"] * LENGTH
    return str(found["name"])


def modes(directory: Path) -> set[int]:
    found = set()
    for path in directory.iterdir():
        try:
            found.add(stat.S_IMODE(path.stat().st_mode))
        except FileNotFoundError:
            continue
    return found


def test_of_several_writers_no_reader_sees_half(tmp_path: Path) -> None:
    path = tmp_path / "evidence" / "file.json"
    with writer(path, "a", 30) as first, writer(path, "b", 30) as second:
        begin(first)
        begin(second)
        wait_for(path.exists)
        seen = set()
        while first.poll() is None or second.poll() is None:
            seen.add(whole(path))
            assert modes(path.parent) <= {0o600}
        assert seen <= {"a", "b"}
        assert (first.returncode, second.returncode) == (0, 0)
    assert list(path.parent.iterdir()) == [path]


def test_a_killed_writer_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "runners-2026.json"
    write_private(path, json.dumps({"name": "a", "rest": "a" * LENGTH}))
    with writer(path, "b", 10**6) as process:
        begin(process)

        def is_at_work() -> bool:
            assert process.poll() is None
            return len(list(tmp_path.iterdir())) > 1

        wait_for(is_at_work)
    assert whole(path) in "ab"
    # What it has left, and the half that it may have, is nothing to whoever lists snapshots.
    (tmp_path / f".{path.name}.left.new").write_text('{"name": ')
    assert list(tmp_path.glob("runners-*.json")) == [path]
    with writer(path, "c", 1) as process:
        begin(process)
        assert process.wait() == 0
    assert whole(path) == "c"


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_private(path, "before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
