"""The record of a run while it goes on and when it ends, and what killed runs have left."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from made_records import TOLD, document, keeper, made
from record_files import RECORD_SCHEMA, RECORD_VALIDATOR, all_of, names, read

from ops.records import directory as files
from ops.records.chain import problems
from ops.records.directory import Records
from ops.records.keeper import Keeper

RUNNING = document("Running", exit_code=None)


def described(schema: Any) -> bool:
    parts = schema.get("properties", {}).values() if isinstance(schema, dict) else ()
    return all("description" in part and described(part) for part in parts)


def test_the_schema_describes_everything_and_takes_nothing_else(tmp_path: Path) -> None:
    RECORD_VALIDATOR.check_schema(RECORD_SCHEMA)
    assert described(RECORD_SCHEMA)
    text = str(RECORD_SCHEMA)
    assert text.count("'properties'") == text.count("'additionalProperties': False")
    record = read(tmp_path, made(tmp_path))
    assert not RECORD_VALIDATOR.is_valid({**record, "more": 1})
    assert not RECORD_VALIDATOR.is_valid({**record, "run": {**record["run"], "more": 1}})


def ok(directory: Path) -> bool:
    records = Records(directory)
    found = {name: records.found(name) for name in records.names()}
    return not list(problems(records.chain(), found))


def test_only_its_user_may_read_it(tmp_path: Path) -> None:
    name = made(tmp_path / "new" / "runs")
    for path, mode in ((tmp_path / "new" / "runs" / name, 0o700),
                       (tmp_path / "new" / "runs", 0o700),
                       (tmp_path / "new" / "runs" / "chain.json", 0o600),
                       (tmp_path / "new" / "runs" / name / "report.html", 0o600),
                       (tmp_path / "new" / "runs" / name / "record.json", 0o600)):  # fmt: skip
        assert path.stat().st_mode & 0o777 == mode, path


def test_a_record_is_valid_at_each_moment(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    kept.begin("a job, änother", TOLD, RUNNING)
    [record] = all_of(tmp_path)
    assert (record["status"], record["executing"], record["sequence"]) == ("running", None, None)
    assert "-a-job-nother-" in record["id"]
    kept.go_on("Set the tags", RUNNING)
    [record] = all_of(tmp_path)
    assert (record["status"], record["executing"]) == ("running", "Set the tags")
    kept.finish(document())
    [record] = all_of(tmp_path)
    assert (record["status"], record["executing"], record["sequence"]) == ("done", None, 1)
    assert record["run"] == document()


def test_what_runs_is_left_alone_and_what_was_killed_is_sealed_first(tmp_path: Path) -> None:
    running, killed = keeper(tmp_path), keeper(tmp_path)
    killed.begin("killed", TOLD, RUNNING)
    running.begin("running", TOLD, RUNNING)
    killed.go_on("Set the tags", RUNNING)
    killed._let_go()  # As the end of its process does.
    (tmp_path / "20260101T000000Z-a_job-aaaaaa").mkdir()  # Killed before it had written anything.
    ended = made(tmp_path)
    found = {name: read(tmp_path, name) for name in names(tmp_path)}
    states = {name: (found[name]["status"], found[name]["sequence"]) for name in found}
    assert states.pop(ended) == ("done", 2)
    assert states.pop(running.path.parent.name) == ("running", None)
    assert states == {killed.path.parent.name: ("broken off", 1)}
    assert found[killed.path.parent.name]["executing"] == "Set the tags"
    running.finish(document())
    assert read(tmp_path, running.path.parent.name)["sequence"] == 3
    assert not (tmp_path / "20260101T000000Z-a_job-aaaaaa").exists()
    assert ok(tmp_path)


def test_what_was_discarded_leaves_nothing(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    kept.begin("a_job", TOLD, RUNNING)
    kept.discard()
    assert list(tmp_path.iterdir()) == []


def test_old_records_go_and_the_chain_holds(tmp_path: Path) -> None:
    made_names = [made(tmp_path) for _ in range(4)]
    kept = keeper(tmp_path, count=2)
    kept.begin("a_job", TOLD, RUNNING)
    kept.finish(document())
    last = kept.path.parent.name
    assert names(tmp_path) == sorted([made_names[-1], last])
    assert [link.sequence for link in Records(tmp_path).chain().records] == [4, 5]
    assert ok(tmp_path)
    assert read(tmp_path, made(tmp_path))["sequence"] == 6
    assert ok(tmp_path)


def test_what_a_killed_run_had_no_time_to_remove_is_removed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        made(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Records, "remove", lambda records, name: None)
        kept = keeper(tmp_path, count=1)
        kept.begin("a_job", TOLD, RUNNING)
        kept.finish(document())
    assert len(names(tmp_path)) == 4
    assert ok(tmp_path)
    made(tmp_path)
    assert len(names(tmp_path)) == 2
    assert ok(tmp_path)


def test_a_full_disk_is_told_once_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    kept = Keeper(tmp_path, 10, 10, lambda *words: told.append(words))
    kept.begin("a_job", TOLD, RUNNING)

    def full(path: Path, text: str) -> None:
        raise OSError(f"{path} cannot be written ({os.strerror(errno.ENOSPC)}): make room")

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_private", full)
        kept.go_on("Set the tags", RUNNING)
        kept.go_on("Prove it", RUNNING)
        kept.finish(document())
    report = kept.path.with_name("report.html")
    assert told == [
        (what, f"{path} cannot be written (No space left on device): make room")
        for what, path in (("record", kept.path), ("report", report))
    ]
    [record] = all_of(tmp_path)
    assert record["status"] == "running"
    made(tmp_path)
    assert ok(tmp_path)


@pytest.mark.parametrize("error", [ValueError("no template"), RecursionError()])
def test_a_report_that_cannot_be_made_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(records: Records, name: str, record: dict[str, Any]) -> Path:
        raise error

    told: list[tuple[str, str]] = []
    monkeypatch.setattr(Records, "write_report", broken)
    kept = Keeper(tmp_path, 10, 10, lambda *words: told.append(words))
    kept.begin("a_job", TOLD, RUNNING)
    kept.finish(document())
    reason = str(error) or type(error).__name__
    assert told == [("report", reason)]
    [record] = all_of(tmp_path)
    assert (record["status"], record["report_problem"]) == ("done", reason)
    assert kept.path.name == "record.json"
    assert ok(tmp_path)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), SystemExit("SIGTERM: No space")]
)
def test_a_disk_that_is_full_from_the_start_or_a_signal_there_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def full(path: Path, text: str) -> None:
        raise error

    monkeypatch.setattr(files, "write_private", full)
    with pytest.raises(type(error), match="No space"):
        keeper(tmp_path).begin("a_job", TOLD, RUNNING)
    assert list(tmp_path.iterdir()) == []


def test_a_chain_that_cannot_be_read_is_told_and_kept(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "chain.json").write_text("no JSON")
    told: list[tuple[str, str]] = []
    kept = Keeper(tmp_path, 10, 10, lambda *words: told.append(words))
    kept.begin("a_job", TOLD, RUNNING)
    kept.finish(document())
    assert len(told) == 1 and "chain.json is no chain of records" in told[0][1]
    assert (tmp_path / "chain.json").read_text() == "no JSON"
    record = read(tmp_path, kept.path.parent.name)
    assert (record["status"], record["sequence"]) == ("done", None)
