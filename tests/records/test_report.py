"""What the report of a run tells: out of its record alone."""

import html as escapes
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lab_process import ROOT
from limits import LIMIT
from made_records import TOLD, document, keeper, made
from record_files import RECORD_VALIDATOR
from reported import record

from ops.records.command import main
from ops.records.report import content, html, markdown
from ops.records.report.charts import pictures
from ops.records.report.shapes import Picture


def pictures_of(record: dict[str, Any]) -> dict[str, Picture]:
    return {picture.name: picture for picture in pictures(content.of(record))}


def words(page: str) -> str:
    """Return the text of a page on one line."""
    body = page.partition("<body>")[2]
    return " ".join(escapes.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_the_record_of_the_tests_is_one() -> None:
    errors = RECORD_VALIDATOR.iter_errors(record())
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_verdict_comes_first_and_all_of_it_is_told() -> None:
    text = words(html(record()))
    assert text.startswith("Failed fix_tags fix_tags on 1 host 2026-11-28 ")
    for part in (
        "Error: hosts have failed", "all tags lasted", "Look at it (250 ms)", "@gitlab one reason",
        "Runners: runner 9 lacks tags (fix_tags mends it)", "Moved: a field", "Not done: Prove it",
        "Not allowed now: closed", "runner 8 is paused: it moves, until 2026-12-24", "the budget",
        "Next mend that", "Set the tags 2 hosts", "Write it in part, then it failed",
        "@gitlab/runners/9 tag_list empty arm64 linux", "@gitlab/runners/9 note before after",
        '@gitlab/runners/9 labels absent {"name": "value"}', "paused true absent", "a remark",
        "somebody on a-machine",
    ):  # fmt: skip
        assert part in text, part


def test_the_window_and_why_it_was_outside_of_it_are_told() -> None:
    found = record()
    closed = {"is_open": False, "because": "no window is open", "until": None, "opens": None}
    found["run"]["window"] = {**closed, "outside": "it cannot wait"}
    said = "closed: no window is open; all the same: it cannot wait"
    assert f"Window {said}" in words(html(found))
    assert said in markdown(found).replace("`", "")
    found["run"]["window"] = None
    assert "Window" not in words(html(found))


def test_a_ticket_tells_the_same() -> None:
    text = markdown(record()).replace("`", "")
    assert text.startswith("## Failed fix_tags\n")
    for part in (
        "**Error:** hosts have failed", "- all tags lasted", "- by Look at it (250 ms)",
        "- @gitlab: one reason", "- Runners: runner 9 lacks tags (fix_tags mends it)",
        "- moved: a field", "- not done: Prove it", "- not allowed now: closed",
        "- put back: the budget", "**Next:** mend that", "- Set the tags (hosts: 2)",
        "  - @gitlab/runners/9 tag_list: empty → arm64, linux", "paused: true → absent",
        "- 17 k8s-runner-4, experiment, kubernetes, lost experiment after 100 s",
        "- build, build-k8s, success, 6 k8s-runner, ", "- CI/CD variable, BROKEN, what was seen",
        "- Set the tags, @gitlab/runners/9, changed, 1 s",
    ):  # fmt: skip
        assert part in text, part


def test_it_says_what_would_take_it_back_where_something_can_be() -> None:
    found = record()
    command = f"pyinfra inventory.py deploys/undo.py --data record={found['id']} --dry"
    assert f"What would take it back {command} " in words(html(found))
    assert f"**What would take it back:** `{command}`" in markdown(found)
    found["changes"][0]["never"] = "a commit: git revert"
    assert "take it back" not in html(found) + markdown(found)


def test_what_was_planned_and_not_done_is_no_change() -> None:
    found = record()
    found["run"]["results"][0]["outcome"] = "not run"
    assert "tag_list" not in html(found)


def test_of_many_fields_the_rest_is_counted() -> None:
    found = record()
    entry = found["run"]["plan"][0]["entries"][0]
    entry["fields"] = [{"name": f"field-{n}", "new": "x" * 5000} for n in range(1000)]
    page, ticket = html(found), markdown(found)
    assert "field-399" in page and "field-400" not in page
    assert "600 more fields are in record.json" in page
    assert "and 950 more fields" in ticket
    assert len(page) < 1_200_000 and len(ticket) < 100_000


def test_the_lanes_say_who_lost_which_tag_when_and_when_it_was_back() -> None:
    picture = pictures_of(record())["tags-1"]
    lanes = {lane.label: lane for lane in picture.lanes}
    assert lanes.keys() == {"6 k8s-runner", "17 k8s-runner-4", "18 ?"}
    [span] = lanes["6 k8s-runner"].spans
    assert (span.start, span.end, span.tone) == (0, 300, "good")
    spans = [(s.start, s.end, s.tone, s.text) for s in lanes["17 k8s-runner-4"].spans]
    assert spans == [
        (0, 100, "good", ""),
        (100, 110, "bad", "without experiment"),
        (110, 150, "bad", "without experiment, kubernetes"),
        (150, 200, "good", ""),
        (200, 220, "bad", "without experiment"),
        (220, 300, "good", ""),
    ]
    assert [row[2] for row in picture.rows] == [
        "all of them at each look", "lost experiment after 100 s", "lost kubernetes after 110 s",
        "experiment, kubernetes set again by this run after 150 s", "lost experiment after 200 s",
        "experiment back after 220 s, set by somebody else", "the runner was gone after 0 s",
    ]  # fmt: skip
    assert "3 more changes not in the record" in picture.text


def test_a_pipeline_has_its_stages_with_how_long_they_took() -> None:
    picture = pictures_of(record())["pipeline-1"]
    headings = [lane.heading for lane in picture.lanes]
    assert headings == [
        "build: 1 of 2 done, 20 s", "", "aggregate: 0 of 1 done, 2 s", "upload: 0 of 1 done",
    ]  # fmt: skip
    notes = [lane.note for lane in picture.lanes]
    assert notes == ["success, 20 s", "running, 25 s", "failed (script_failure), 2 s", "manual"]
    assert [len(lane.spans) for lane in picture.lanes] == [1, 1, 1, 0]


def test_a_picture_stands_only_where_there_is_something_for_it() -> None:
    assert list(pictures_of(record())) == ["tags-1", "pipeline-1", "chain-1", "steps"]
    found = record()
    found["run"]["observed"]["tags"][0] |= {"reads": 0, "changes": []}
    found["run"]["observed"]["pipelines"] = []
    found["run"]["results"] = []
    assert list(pictures_of(found)) == ["chain-1"]
    assert html(found).count("<svg") == 2  # for a wide and for a narrow screen


def test_of_many_steps_the_longest_are_drawn() -> None:
    found = record()
    [step] = found["run"]["results"][:1]
    found["run"]["results"] = [
        {**step, "operation": f"step-{number}", "duration": number} for number in range(500)
    ]
    picture = pictures_of(found)["steps"]
    assert [lane.label for lane in picture.lanes] == [f"step-{n}" for n in range(440, 500)]
    assert picture.text == (
        "500 operations. The 60 that took longest are drawn."
        " The table has the first 400 steps, record.json all."
    )
    assert len(picture.rows) == 400


def test_a_record_of_before_has_a_report_too() -> None:
    found = record()
    del found["run"]["observed"], found["report_problem"], found["changes"]
    del found["run"]["verdict"]["blocked"]
    for result in found["run"]["results"]:
        del result["began"]
    assert "<svg" not in html(found)
    assert "Set the tags" in markdown(found)


@pytest.mark.parametrize("word", ["Done", "No changes", "Attention", "Interrupted", "Running"])
def test_each_verdict_has_a_colour_and_its_word(word: str) -> None:
    found = content.of(record(word=word))
    assert (found.word, found.tone) == (word, "good" if word in ("Done", "No changes") else "warn")


def runs(directory: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--directory", str(directory), *arguments])


def killed(directory: Path) -> str:
    kept = keeper(directory)
    kept.begin("a_job", TOLD, document("Running", exit_code=None))
    kept.go_on("Set the tags", document("Running", exit_code=None))
    kept._let_go()  # As the end of its process does.
    return kept.path.parent.name


def test_a_killed_run_gets_its_report_later(tmp_path: Path) -> None:
    name = killed(tmp_path)
    file = tmp_path / name / "report.html"
    assert not file.exists()
    found = runs(tmp_path, "report")
    assert (found.exit_code, found.output) == (0, f"{file}\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Running a_job" in words(file.read_text())
    assert "Executing Set the tags" in words(file.read_text())
    assert runs(tmp_path, "report", "--html").output == file.read_text() + "\n"
    made(tmp_path)  # which seals it
    assert "Broken off a_job" in words(runs(tmp_path, "report", name, "--html").output)
    assert runs(tmp_path, "report", name, "--markdown").output.startswith("## `Broken off`")
    assert runs(tmp_path, "verify").exit_code == 0


def test_where_it_cannot_be_written_it_can_be_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(f"{path} cannot be written (No space left on device): make room")

    killed(tmp_path)
    monkeypatch.setattr("ops.records.directory.write_private", full)
    found = runs(tmp_path, "report")
    assert found.exit_code == 1
    assert "cannot be written (No space left on device)" in found.output
    assert found.output.endswith("; without a file: runs report --html\n")
    assert "<h1>a_job</h1>" in runs(tmp_path, "report", "--html").output


@pytest.mark.parametrize("what", ["run", "plan"])
def test_a_record_that_was_edited_is_named(tmp_path: Path, what: str) -> None:
    name = made(tmp_path)
    file = tmp_path / name / "record.json"
    edited: dict[str, Any] = {"run": "{}", "plan": '{"plan": [{}]}'}
    text = re.sub(r'"run":\s*\{.*\}(?=\s*\}\s*$)', f'"run": {edited[what]}', file.read_text(),
                  flags=re.DOTALL)  # fmt: skip
    file.write_text(text)
    found = runs(tmp_path, "report", name)
    assert found.exit_code == 1
    assert found.output.startswith(f"Error: {file} is not as a run leaves it: KeyError")


def test_a_run_that_begins_does_not_wait_for_what_draws() -> None:
    code = "import ops.site.run_record, sys; sys.exit('drawsvg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=LIMIT).returncode == 0
