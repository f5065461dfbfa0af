"""The file of the lock, with real processes: it is let go when its holder dies, and not before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from limits import LIMIT

from ops.lock.holder import Holder
from ops.lock.local_lock import LocalLock

ANNA, BERT = (Holder(name, "desk", os.getpid(), "fix_tags", name) for name in ("anna", "bert"))
HOLD = """
import sys
from pathlib import Path
from ops.lock.holder import Holder
from ops.lock.local_lock import LocalLock

lock = LocalLock(Path(sys.argv[1]), "site", Holder("carl", "desk", 1, "site", "1"))
print(lock.look().holder is None, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> LocalLock:
    return LocalLock(tmp_path / "new", "site", ANNA)


@pytest.fixture
def other(tmp_path: Path) -> LocalLock:
    return LocalLock(tmp_path / "new", "site", BERT)


def test_one_has_it_and_the_other_is_told_who(lock: LocalLock, other: LocalLock) -> None:
    assert lock.look().holder is None
    assert lock.is_held
    seen = other.look()
    assert (seen.holder, seen.seconds) == (ANNA, 0)
    assert not other.take(seen)
    lock.release()
    assert other.look().holder is None
    assert lock.look().holder == BERT
    other.release()


def test_a_killed_process_has_let_it_go(lock: LocalLock, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "new")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        holder = lock.look().holder
        assert holder is not None and holder.user == "carl"
        process.kill()
        process.wait(LIMIT)
        assert lock.look().holder is None
    lock.release()


def test_a_forked_child_neither_lets_it_go_nor_keeps_it(lock: LocalLock, other: LocalLock) -> None:
    assert lock.look().holder is None
    reading, writing = os.pipe()
    is_done, says_done = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        lock.release()  # As what the library does when the object goes.
        os.write(says_done, b".")
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    os.read(is_done, 1)
    assert other.look().holder == ANNA
    lock.release()
    assert other.look().holder is None
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    os.close(is_done)
    os.close(says_done)
    other.release()


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755, 0o775, 0o777])
def test_who_may_write_in_its_directory_may_take_it(tmp_path: Path, mode: int) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(mode)
    mask = os.umask(0o077)
    try:
        lock = LocalLock(tmp_path / "shared", "site", ANNA)
        assert lock.look().holder is None
    finally:
        os.umask(mask)
    assert lock.file.stat().st_mode & 0o777 == mode & 0o666
    lock.release()


def test_of_a_directory_that_it_makes_it_is_the_makers_own(lock: LocalLock) -> None:
    assert lock.look().holder is None
    assert lock.file.stat().st_mode & 0o777 == 0o600
    lock.release()


def test_who_has_it_is_not_told_yet(lock: LocalLock, other: LocalLock) -> None:
    assert lock.look().holder is None
    lock.file.with_suffix(".json").unlink()
    holder = other.look().holder
    assert holder is not None and holder.user == "another run"
    lock.release()


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lock = LocalLock(tmp_path / "file" / "below", "site", ANNA)
    with pytest.raises(OSError, match=r"file/below/site\.lock: Not a directory"):
        lock.look()
