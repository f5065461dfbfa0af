"""The last lines of a run: one golden text for each outcome, and never more than eight lines."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ops.api.need import Need
from ops.api.plan import CHANGE, CHECK, CONDITIONAL, UNKNOWN, Entry, Step
from ops.api.run import Run
from ops.api.verdict import MOST_LINES, Verdict, lines, outcome

WHEN = "2026-11-28 03:02:29 CET"
RUN = Run("fix_tags", "pyinfra inventory.py deploys/fix_tags.py", WHEN, seconds=14.2)
DONE = replace(
    RUN,
    began=True,
    changed=[("Save all runner settings", 1), ("Set the tags", 12)],
    overview="pyinfra inventory.py deploys/overview.py --dry",
)


def step(name: str, *kinds: str) -> Step:
    host: Any = SimpleNamespace(name="@gitlab")
    return Step(name, [Entry(host, kind, ["a line"]) for kind in kinds])


def planned() -> Verdict:
    said = Verdict()
    said.planned(
        [step("Set the tags", *[CHANGE] * 12), step("Migrate", UNKNOWN), step("Prove", CHECK)]
    )
    return said


def text(run: Run, said: Verdict, width: int = 0) -> str:
    return "\n".join(lines(run, said, width)) + "\n"


def test_done() -> None:
    said = planned()
    said.proven("all tags of 12 runners lasted for 300 s")
    assert text(DONE, said) == (
        f"Done: fix_tags, 14 s, {WHEN}\n"
        "changed:  Set the tags (12 hosts); Save all runner settings\n"
        "proven:   all tags of 12 runners lasted for 300 s\n"
        "next:     pyinfra inventory.py deploys/overview.py --dry\n"
    )


def test_the_record_stands_before_the_next_command_where_there_is_room() -> None:
    run = replace(DONE, record="/runs/a/record.json")
    assert text(run, Verdict()).endswith(
        "record:   /runs/a/record.json\nnext:     pyinfra inventory.py deploys/overview.py --dry\n"
    )
    assert "report:   /runs/a/report.html\n" in text(
        replace(run, record="/runs/a/report.html"), Verdict()
    )
    said = planned()
    for number in range(20):
        said.proven(f"proof {number} of this run, which has so many words that it is wrapped")
        said.undone(f"host-{number}", "a reason that has words, too, and a good many of them")
    found = lines(replace(run, failed=["host-1"]), said, 40)
    assert len(found) <= MOST_LINES
    assert not [line for line in found if "/runs/a" in line]


def test_what_goes_on_has_no_verdict_yet() -> None:
    run = replace(DONE, goes_on=True)
    assert text(run, planned()).startswith("Running: fix_tags has not come to its end, ")


def test_nothing_to_do() -> None:
    expected = f"No changes: all that fix_tags looks after is as wanted, 14 s, {WHEN}\n"
    assert text(replace(DONE, changed=[]), Verdict()) == expected
    assert text(replace(RUN, is_preview=True), Verdict()) == expected


def test_a_check_that_depends_on_another_step_is_no_pending_change() -> None:
    host: Any = SimpleNamespace(name="@kubernetes")
    said = Verdict()
    said.planned([Step("Prove", [Entry(host, CONDITIONAL, ["a line"], is_check=True)])])
    assert said.pending() == []
    assert outcome(replace(RUN, is_preview=True), said) == "No changes"
    said.planned([Step("Set", [Entry(host, CONDITIONAL, ["a line"])])])
    assert said.pending() == [("Set", 1)]


def test_what_only_a_run_can_see_is_not_called_as_wanted() -> None:
    said = Verdict()
    said.planned([step("Log in", CHECK)])
    preview = text(replace(RUN, is_preview=True), said)
    assert preview.startswith("No changes: fix_tags has nothing to change; only a run proves that")
    assert "as wanted" in text(replace(DONE, changed=[]), said)


def test_what_is_left_is_not_called_as_wanted() -> None:
    said = Verdict()
    said.undone("login", "is unknown: the preview does not log in")
    assert text(replace(DONE, changed=[]), said) == (
        f"No changes: fix_tags had nothing to change, 14 s, {WHEN}\n"
        "left:     login: is unknown: the preview does not log in\n"
    )


def test_pending() -> None:
    assert text(replace(RUN, is_preview=True), planned()) == (
        f"Pending: 2 operations of fix_tags, 14 s, {WHEN}\n"
        "next:     pyinfra inventory.py deploys/fix_tags.py\n"
    )


def test_failed() -> None:
    said = planned()
    said.undone("@gitlab/runners/9", "PUT /runners/9 -> 403. The token needs an administrator")
    said.undone("@gitlab/runners/9", "a second reason")
    said.put_back.append("spec.suspend: true -> false")
    run = replace(DONE, failed=["@gitlab/runners/9", "@gitlab"], missed=["Migrate"])
    assert text(run, said) == (
        f"Failed: fix_tags on 2 hosts, 14 s, {WHEN}\n"
        "changed:  Set the tags (12 hosts); Save all runner settings\n"
        "put back: spec.suspend: true -> false\n"
        "left:     @gitlab/runners/9: PUT /runners/9 -> 403. The token needs an administrator;"
        " @gitlab: see above; not done: Migrate\n"
        "next:     mend that, then pyinfra inventory.py deploys/fix_tags.py\n"
    )


def test_a_failure_after_a_part_is_not_called_no_change() -> None:
    run = replace(DONE, changed=[], partly=[("Set the tags", 2), ("Migrate", 1)], failed=["@x"])
    assert "changed:  Set the tags (2 hosts) (in part); Migrate (in part)\n" in text(run, Verdict())


def test_refused() -> None:
    run = replace(RUN, error="1 setting is wrong")
    said = Verdict()
    said.undone("settings", "no number")
    assert text(run, said) == f"Refused: nothing of fix_tags was executed, 14 s, {WHEN}\n"


def test_interrupted() -> None:
    run = replace(DONE, signal="SIGTERM", missed=["Migrate"])
    assert text(run, planned()) == (
        f"Interrupted: fix_tags by SIGTERM, 14 s, {WHEN}\n"
        "changed:  Set the tags (12 hosts); Save all runner settings\n"
        "left:     not done: Migrate\n"
        "next:     pyinfra inventory.py deploys/fix_tags.py\n"
    )


def test_attention_names_the_job_that_mends_the_first_thing() -> None:
    needs = ["runner 9 is offline", "2 runners lack tags: fix_tags"]
    said = Verdict(attention=[Need.of(need, "Runners") for need in needs])
    run = replace(RUN, job="overview", is_preview=True, failed=["@local"])
    run = replace(run, jobs={"fix_tags": "pyinfra inventory.py deploys/fix_tags.py --dry"})
    assert text(run, said) == (
        f"Attention: 2 things need it, 14 s, {WHEN}\n"
        "left:     runner 9 is offline; 2 runners lack tags: fix_tags\n"
        "next:     pyinfra inventory.py deploys/fix_tags.py --dry\n"
    )


@pytest.mark.parametrize("width", [0, 40, 80, 120])
def test_it_has_eight_lines_at_most_and_they_fit(width: int) -> None:
    said = planned()
    for number in range(100):
        said.proven(f"proof {number}, which has some words so that it has to be wrapped")
        said.undone(f"host-{number}", "a reason that has words, too, and a good many of them")
        said.put_back.append(f"spec.suspend of number {number}: true -> false")
    changed = [(f"operation {number}", number) for number in range(100)]
    run = replace(DONE, failed=[f"host-{n}" for n in range(100)], changed=changed)
    found = lines(run, said, width)
    assert len(found) <= MOST_LINES
    assert found[0].startswith("Failed: ")
    assert found[-1].startswith("next:") or width == 40
    if width:
        assert all(len(line) <= width for line in found if " " in line.strip())


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")]
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert f", {words}, " in text(replace(DONE, seconds=seconds), Verdict())


def test_a_signal_counts_before_all_else() -> None:
    assert outcome(replace(DONE, signal="SIGINT", failed=["x"], error="y"), Verdict()) == (
        "Interrupted"
    )
