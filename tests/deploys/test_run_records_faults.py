"""Records that cannot be written, or are too many (docs/records.md)."""

import shutil
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from click.testing import CliRunner
from lab_process import Lab, Pyinfra
from limits import LIMIT
from made_records import made
from moments import wait_for
from record_files import WAITING, all_of, chain, names, read

from ops.records import keeper
from ops.records.command import main


@pytest.fixture
def runs(pyinfra: Pyinfra) -> Path:
    """Where records are kept."""
    return Path(pyinfra.environment["RECORD_DIRECTORY"])


def test_what_can_be_written_no_longer_is_told_once_and_the_run_goes_on(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    go = pyinfra.directory / "go"
    process = pyinfra.start("@local", pyinfra.write(WAITING.format(go=str(go))), "-y")
    wait_for(lambda: [r for r in all_of(runs) if r["executing"] == "Change it"])
    shutil.rmtree(runs)
    runs.write_text("no directory")
    go.touch()
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert "Done: deploy, " in output
    assert output.count("The record cannot be written, and the run goes on: ") == 1


@pytest.mark.parametrize("below", ["", "runs"])
def test_a_directory_that_cannot_be_written_is_refused_first(
    lab: Lab, pyinfra: Pyinfra, below: str
) -> None:
    file = pyinfra.directory / "file"
    file.touch()
    directory = file / below
    code, output = pyinfra.deploy("ci_variables", "-y", RECORD_DIRECTORY=str(directory))
    assert code == 1
    assert f"record_directory={directory}: " in output
    assert "is no directory" in output
    assert lab.requests() == []
    code, output = pyinfra.deploy("ci_variables", "--dry", RECORD_DIRECTORY=str(directory))
    assert code == 0, output


def test_what_shows_only_at_the_write_is_refused_before_anything_is_executed(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    runs.symlink_to(pyinfra.directory / "nowhere" / "runs")
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 1, output
    assert f"no record can be written to {runs}, so nothing is executed: " in output
    assert "Refused: nothing of ci_variables was executed" in output
    assert lab.mutations() == []


class Long(datetime):
    """A clock that is ten days late."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.now(tz) - timedelta(days=10)


def test_those_of_long_ago_go(
    lab: Lab, pyinfra: Pyinfra, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(keeper, "datetime", Long)
        of_long_ago = [made(runs) for _ in range(2)]
    go = pyinfra.directory / "go"
    go.touch()
    deploy = pyinfra.write(WAITING.format(go=str(go)))
    for days, expected in (("11", [1, 2, 3]), ("9", [3, 4])):
        code, output = pyinfra.run("@local", deploy, "-y", RECORD_KEEP_DAYS=days)
        assert code == 0, output
        assert [read(runs, name)["sequence"] for name in chain(runs)] == expected
        assert names(runs) == sorted(chain(runs))
    assert not {*of_long_ago} & {*names(runs)}
    assert CliRunner().invoke(main, ["--directory", str(runs), "verify"]).exit_code == 0


def test_old_ones_go(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    go = pyinfra.directory / "go"
    go.touch()
    deploy = pyinfra.write(WAITING.format(go=str(go)))
    for _ in range(4):
        code, output = pyinfra.run("@local", deploy, "-y", RECORD_KEEP_COUNT="2")
        assert code == 0, output
    assert names(runs) == sorted(chain(runs))
    assert [read(runs, name)["sequence"] for name in chain(runs)] == [3, 4]
