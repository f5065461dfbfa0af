"""The program `runs`: it lists, shows, compares and verifies records, and changes none."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_records import TOLD, document, keeper, made

from ops.records.command import main
from ops.records.directory import Records

SUNDAY = "2026-11-22T03:00:00.000+01:00"
MONDAY = "2026-11-23T03:00:00.000+01:00"
NEED = {"what": "runner 9 lacks tags", "area": "Runners", "job": "fix_tags", "command": "pyinfra …"}
PLAN = [
    {
        "operation": "Set the tags",
        "entries": [
            {
                "host": "@gitlab/runners/9", "class": "change", "reason": None, "remarks": [],
                "commands": [],
                "fields": [{"name": "tag_list", "old": ["arm64"], "new": ["arm64", "linux"]}],
            }
        ],
    }
]  # fmt: skip


def result(outcome: str) -> list[dict[str, object]]:
    return [
        {
            "operation": "Set the tags", "host": "@gitlab/runners/9", "outcome": outcome,
            "began": None, "duration": 1.0, "error": None,
        }
    ]  # fmt: skip


def runs(directory: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--directory", str(directory), *arguments])


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    """Sunday's overview, in which something needs attention, and Monday's run, which mends it."""
    first = made(tmp_path, "overview", word="Attention", began=SUNDAY,
                 attention=[NEED], exit_code=1)  # fmt: skip
    return first, made(tmp_path, "fix_tags", began=MONDAY, plan=PLAN,
                       results=result("changed"))  # fmt: skip


def test_the_list_has_when_who_what_and_what_it_came_to(
    tmp_path: Path, two: tuple[str, str]
) -> None:
    found = runs(tmp_path, "list")
    assert found.exit_code == 0
    headers, _, sunday, monday = found.output.splitlines()
    assert headers.split() == ["record", "began", "user", "job", "verdict", "took"]
    assert max(map(len, found.output.splitlines())) <= 80
    assert sunday.split()[0] == "1"
    assert sunday.split()[-5:] == ["somebody", "overview", "Attention", "14", "s"]
    assert monday.split()[0] == "2"
    assert "2026-11-23 " in monday or "2026-11-22 " in monday
    assert "fix_tags" not in runs(tmp_path, "list", "--job", "overview").output
    assert "overview" not in runs(tmp_path, "list", "--count", "1").output


def test_a_run_that_has_not_ended_has_its_status(tmp_path: Path) -> None:
    kept = keeper(tmp_path)
    kept.begin("a_job", TOLD, document("Running", exit_code=None))
    kept.go_on("Set the tags", document("Running", exit_code=None))
    cells = runs(tmp_path, "list").output.splitlines()[-1].split()
    assert cells[-2:] == ["running", "-"]
    assert runs(tmp_path, "show", cells[0]).exit_code == 0
    shown = runs(tmp_path, "show").output.splitlines()
    assert shown[0].startswith("Running: ")
    assert "at:       Set the tags" in shown


def test_one_is_shown(tmp_path: Path, two: tuple[str, str]) -> None:
    shown = runs(tmp_path, "show", "2").output.splitlines()
    assert shown[0].startswith("Done: a_job, 14 s, ")
    assert "ran:      pyinfra inventory.py" in shown
    assert "by:       somebody on a-machine, no commit, pyinfra None" in shown
    field = 'fields:   @gitlab/runners/9 tag_list: ["arm64"] -> ["arm64", "linux"]'
    assert field in shown
    assert f"record:   {tmp_path / two[1] / 'record.json'}" in shown
    assert shown[-1] == f"report:   {tmp_path / two[1] / 'report.html'}"
    need = "needs:    Runners: runner 9 lacks tags (fix_tags mends it)"
    assert need in runs(tmp_path, "show", "overview").output.splitlines()


def test_what_is_known_is_shown_with_its_reason_and_its_end(tmp_path: Path) -> None:
    known = {"what": "runner-7 is paused", "area": "Runners", "host": "@gitlab/runners/7",
             "reason": "its disk is replaced", "until": "2026-12-31"}  # fmt: skip
    made(tmp_path, "overview", known=[known])
    line = "known:    Runners: runner-7 is paused (until 2026-12-31: its disk is replaced)"
    assert line in runs(tmp_path, "show").output.splitlines()


def test_the_command_that_undoes_a_run_is_printed(tmp_path: Path, two: tuple[str, str]) -> None:
    text = f"pyinfra inventory.py deploys/undo.py --data record={two[1]} --dry\n"
    assert runs(tmp_path, "undo", "2").output == text


@pytest.mark.parametrize(("outside", "is_shown"), [("it cannot wait", True), (None, False)])
def test_what_was_done_outside_of_a_window_is_said(
    tmp_path: Path, outside: str | None, is_shown: bool
) -> None:
    closed = {"is_open": False, "because": "no window is open", "until": None, "opens": None}
    made(tmp_path, window={**closed, "outside": outside})
    line = "window:   overridden: it cannot wait (closed: no window is open)"
    assert (line in runs(tmp_path, "show").output.splitlines()) == is_shown


def test_what_was_planned_and_not_done_is_no_changed_field(tmp_path: Path) -> None:
    made(tmp_path, plan=PLAN, results=result("not run"))
    assert "fields:" not in runs(tmp_path, "show").output


@pytest.mark.parametrize("name", ["last", "2", "fix_tags"])
def test_what_stands_for_a_record(tmp_path: Path, two: tuple[str, str], name: str) -> None:
    expected = f"{tmp_path / two[1] / 'record.json'}\n"
    assert runs(tmp_path, "path", name).output == expected
    assert runs(tmp_path, "path", two[1]).output == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [("3", "there is no record 3 in "), ("no", "there is no record no in "),
     ("Z-", "2 records are called Z- in "), ("", "name a record of ")],
)  # fmt: skip
def test_what_stands_for_none(tmp_path: Path, two: tuple[str, str], name: str, reason: str) -> None:
    for command in ("show", "path", "compare"):
        found = runs(tmp_path, command, name)
        assert found.exit_code == 1
        assert f"Error: {reason}{tmp_path}: runs list\n" == found.output


def test_without_records(tmp_path: Path) -> None:
    for command in (["list"], ["show"], ["verify"]):
        found = runs(tmp_path / "none", *command)
        assert found.exit_code == 1
        assert found.output.startswith("Error: there is no record")
    assert not (tmp_path / "none").exists()


def test_two_are_compared(tmp_path: Path, two: tuple[str, str]) -> None:
    found = runs(tmp_path, "compare", "1", "2")
    assert found.exit_code == 1
    assert found.output.splitlines() == [
        "- job: overview",
        "+ job: fix_tags",
        "- verdict: Attention",
        "+ verdict: Done",
        "- exit code: 1",
        "+ exit code: 0",
        "- attention: Runners: runner 9 lacks tags",
        '+ plan: Set the tags [@gitlab/runners/9] tag_list: ["arm64"] -> ["arm64", "linux"]',
        "+ Set the tags [@gitlab/runners/9]: changed",
    ]
    assert runs(tmp_path, "compare", "1", "1").output == ""
    assert runs(tmp_path, "compare", "1", "1").exit_code == 0


def test_times_and_fingerprints_are_no_difference(tmp_path: Path) -> None:
    for began, secret, time in ((SUNDAY, "11111111", "22"), (MONDAY, "22222222", "23")):
        entry = {
            **PLAN[0]["entries"][0],  # type: ignore[dict-item]
            "fields": [
                {"name": "password", "old": f"secret:{secret}", "new": "x"},
                {"name": "note", "new": f"proven 2026-11-{time}T03:00:00Z"},
            ],
        }
        made(tmp_path, began=began, plan=[{"operation": "Set it", "entries": [entry]}])
    assert runs(tmp_path, "compare", "1", "2").output == ""


def test_a_chain_that_holds(tmp_path: Path, two: tuple[str, str]) -> None:
    found = runs(tmp_path, "verify")
    digests = [link.digest for link in Records(tmp_path).chain().records]
    assert (found.exit_code, found.output) == (
        0, f"2 records are as before; the last one has the digest {digests[-1]}\n",
    )  # fmt: skip
    assert runs(tmp_path, "verify", "--has", digests[0]).exit_code == 0
    found = runs(tmp_path, "verify", "--has", "f" * 64)
    assert (found.exit_code, found.output) == (1, f"no record has the digest {'f' * 64}\n")


def test_each_fault_is_a_line(tmp_path: Path, two: tuple[str, str]) -> None:
    file = tmp_path / two[0] / "record.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps({**record, "user": "somebody else"}))
    shutil.rmtree(tmp_path / two[1])
    found = runs(tmp_path, "verify")
    assert found.exit_code == 1
    assert found.output.splitlines() == [
        f"record 1 ({two[0]}) was edited",
        f"record 2 ({two[1]}) is missing",
    ]


def test_a_chain_that_is_none(tmp_path: Path, two: tuple[str, str]) -> None:
    (tmp_path / "chain.json").write_text("{")
    found = runs(tmp_path, "verify")
    assert found.exit_code == 1
    assert f"Error: {tmp_path / 'chain.json'} is no chain of records (" in found.output
    (tmp_path / "chain.json").unlink()
    assert runs(tmp_path, "show", "fix_tags").exit_code == 0


def test_a_record_that_cannot_be_read_does_not_hide_the_others(
    tmp_path: Path, two: tuple[str, str]
) -> None:
    (tmp_path / two[0] / "record.json").write_text("{}")
    found = runs(tmp_path, "list")
    assert found.exit_code == 0
    assert found.output.splitlines()[-1].startswith("2  ")
    assert f"{tmp_path / two[0] / 'record.json'} cannot be read: runs verify" in found.output


def test_what_steers_a_terminal_is_shown(tmp_path: Path, two: tuple[str, str]) -> None:
    file = tmp_path / two[0] / "record.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps({**record, "user": "some\x1b[2Jbody"}))
    for command in ("list", "show 1"):
        output = runs(tmp_path, *command.split()).output
        assert "\x1b" not in output
        assert "\\x1b[2J" in output
