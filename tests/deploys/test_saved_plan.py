"""`--data plan=FILE`: a preview keeps its plan, and a run does exactly that or nothing."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import TAGS, wait_for
from pipeline_site import someone

PUT = "PUT /api/v4/runners/7"


@pytest.fixture
def quick(lab: Lab, pyinfra: Pyinfra) -> Lab:
    """The broken site, where everything takes little time."""
    lab.fault(
        action="set", job_seconds=1.1, rake_boot=0.1, rake_down=0.1, rake_up=0.1, push_seconds=2
    )
    pyinfra.environment["TAG_VERIFICATION_SECONDS"] = "1"
    return lab


@pytest.fixture
def file(pyinfra: Pyinfra) -> Path:
    return pyinfra.directory / "plan.json"


def preview(pyinfra: Pyinfra, job: str, file: Path) -> None:
    code, output = pyinfra.deploy(job, "--dry", "--data", f"plan={file}")
    assert code == 0, output
    assert f"The plan is written to {file}" in output
    assert next_command(output).endswith(f" --data plan={file}")


def next_command(output: str) -> str:
    return next(line for line in output.splitlines() if line.startswith("next: "))


def run(pyinfra: Pyinfra, job: str, file: Path) -> tuple[int, str]:
    return pyinfra.deploy(job, "-y", "--data", f"plan={file}")


def set_by_hand(lab: Lab, **settings: Any) -> None:
    lab.fault(action="set", loss_delay=3600)  # Else the database would lose them at once.
    someone(lab, "PUT", "/runners/7", settings)


@pytest.mark.parametrize(
    "job",
    ["ci_variables", "fix_tags", "kafka_config", "pipelines", "sync_master", "unblock_pipeline",
     "widen_changes_filter"],
)  # fmt: skip
def test_a_run_right_after_the_preview_does_what_it_says(
    quick: Lab, pyinfra: Pyinfra, file: Path, job: str
) -> None:
    preview(pyinfra, job, file)
    assert quick.mutations() == []
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert json.loads(file.read_text())["jobs"] == [job]
    code, output = run(pyinfra, job, file)
    assert code == 0, output
    if job == "fix_tags":
        assert quick.tags() == TAGS
    assert quick.mutations() != []


def test_what_has_moved_since_is_shown_and_nothing_is_sent(
    quick: Lab, pyinfra: Pyinfra, file: Path
) -> None:
    preview(pyinfra, "fix_tags", file)
    set_by_hand(quick, tag_list=["macos"])
    before = quick.mutations()
    code, output = run(pyinfra, "fix_tags", file)
    assert code == 4, output
    assert quick.mutations() == before
    assert "Set the tags [@gitlab/runners/7]" in output
    assert "- tag_list: {} -> {macos, x86_64}" in output
    assert "+ tag_list: {macos} -> {macos, x86_64}" in output
    assert "Moved: the state is no longer that of the plan, so nothing of fix_tags" in output
    assert next_command(output).endswith(f" --data plan={file} --dry")


def test_what_moves_while_it_runs_ends_the_run(quick: Lab, pyinfra: Pyinfra, file: Path) -> None:
    preview(pyinfra, "fix_tags", file)
    quick.fault(action="set", rake_up=3)
    data = (f"plan={file}", f"snapshot_directory={pyinfra.directory / 'snapshots'}")
    options = [part for text in data for part in ("--data", text)]
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", *options)
    wait_for(lambda: quick.state()["rake"])
    set_by_hand(quick, tag_list=["macos"])
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 4, output
    assert "its state has moved since the plan, which has not: tag_list: {macos} -> " in output
    assert quick.mutations().count(PUT) == 1  # The one by hand.
    assert quick.tags()[7] == {"macos"}


TWO = """
from pathlib import Path
from pyinfra import host
from ops.api.action import Action
from ops.api.operation import operation
from pyinfra.api import StringCommand

@operation
def first():
    yield Action("make a file", lambda state, host: bool(Path({file!r}).write_text("x")) or True)

@operation
def second():
    if Path({file!r}).exists():
        yield StringCommand("touch {file}.by-the-second-one")
    else:
        host.noop("no file")

first(name="Make a file")
second(name="Do something where there is one")
"""


def test_a_command_without_a_difference_is_no_part_of_the_plan_either(
    quick: Lab, pyinfra: Pyinfra, file: Path
) -> None:
    made = pyinfra.directory / "made"
    arguments = ("@local", pyinfra.write(TWO.format(file=str(made))), "--data", f"plan={file}")
    code, output = pyinfra.run(*arguments, "--dry")
    assert code == 0, output
    code, output = pyinfra.run(*arguments, "-y")
    assert made.exists()
    assert code == 4, output
    assert "its state has moved since the plan, which has not: run touch" in output
    assert not made.with_name("made.by-the-second-one").exists()


@pytest.mark.parametrize(
    ("job", "text", "reason"),
    [
        ("site", None, "is a plan of fix_tags, and this is a run of site"),
        ("fix_tags", "{}", "is no saved plan (Object missing required field"),
        ("fix_tags", "no JSON", "is no saved plan ("),
        ("fix_tags", "", "is no saved plan ("),
    ],
)
def test_a_file_that_is_none_of_this_run_is_refused(
    quick: Lab, pyinfra: Pyinfra, file: Path, job: str, text: str | None, reason: str
) -> None:
    if text is None:
        preview(pyinfra, "fix_tags", file)
    else:
        file.write_text(text)
    before = len(quick.requests())
    code, output = run(pyinfra, job, file)
    assert code == 1
    assert reason in output
    assert len(quick.requests()) == before
    if text is not None:  # Nor is it overwritten.
        code, output = pyinfra.deploy(job, "--dry", "--data", f"plan={file}")
        assert code == 1
        assert reason in output
        assert file.read_text() == text


def test_a_preview_that_fails_keeps_no_plan(quick: Lab, pyinfra: Pyinfra, file: Path) -> None:
    code, output = pyinfra.deploy("revert_super_users", "--dry", "--data", f"plan={file}")
    assert code == 1, output
    assert f"{file}: no plan was written, because the preview has failed" in output
    assert not file.exists()


def test_secrets_are_not_in_the_file(quick: Lab, pyinfra: Pyinfra, file: Path) -> None:
    preview(pyinfra, "ci_variables", file)
    text = file.read_text()
    assert "secret:" in text
    names = [name for name in os.environ | pyinfra.environment if name.startswith("DEDUP_")]
    assert names
    for name in names:
        assert pyinfra.environment[name] not in text
