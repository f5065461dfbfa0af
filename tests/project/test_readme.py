"""What the README shows is what happens, and the demo does what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from lab_process import ROOT
from limits import LIMIT

BIN = Path(sys.executable).parent
pytestmark = [pytest.mark.site, pytest.mark.long]


def examples(*pages: str) -> list[tuple[str, list[str]]]:
    """Return each command of some pages that runs on a practice site, and the output shown."""
    blocks = re.findall(
        r"^    \$ (python -m lab run .*)\n((?:    (?!\$).+\n)*)",
        "\n".join((ROOT / page).read_text() for page in pages),
        re.MULTILINE,
    )
    return [(command, [line.strip() for line in shown.splitlines()]) for command, shown in blocks]


def run(command: str, **more: str) -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LAB_", "GITLAB_"))}
    done = subprocess.run(
        shlex.split(command),
        cwd=ROOT,
        env={**environment, "PATH": f"{BIN}:{environment['PATH']}", **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
    )
    return done.returncode, done.stdout


def test_the_readme_has_examples() -> None:
    assert len(examples("README.md")) >= 4


@pytest.mark.parametrize(("command", "shown"), examples("README.md", "docs/adopt.md"))
def test_a_command_of_the_readme(command: str, shown: list[str]) -> None:
    code, output = run(command)
    assert code == 0, output
    lines = [line.strip() for line in output.splitlines()]
    assert shown
    for line in shown:
        assert line in lines, output


def test_the_demo_shows_a_job_from_broken_to_silent(tmp_path: Path) -> None:
    # On a busy machine the enforcer would set some of the tags before the demo does.
    demo = "python -m lab run --minute 3600 -- sh lab/site/demo.sh fix_tags"
    code, output = run(demo, TMPDIR=str(tmp_path))
    assert code == 0, output
    for part in (
        "=== 1. What would change",
        "12 of 12 runners have no tags at once",
        "all tags of 12 runners lasted for",
        "gitlab: PUT /api/v4/runners/17",
        "proven before, nothing to do",
        "=== The second run has sent nothing that changes the site.",
    ):
        assert part in output
    assert "all tags of 12 runners lasted for" in named_report(output)


def test_the_demo_of_the_small_site(tmp_path: Path) -> None:
    code, output = run(
        "python -m lab run --site small --inventory examples/small -- sh lab/site/demo.sh fix_tags",
        TMPDIR=str(tmp_path),
    )
    assert code == 0, output
    for part in (
        "all tags of 5 runners lasted for",
        "gitlab: PUT /gitlab/api/v4/runners/21",
        "no enforcer hides a loss: nothing to do",
        "=== The second run has sent nothing that changes the site.",
        "exit code 1",
    ):
        assert part in output
    assert "all tags of 5 runners lasted for" in named_report(output)


def named_report(output: str) -> str:
    """Return the report that a demo names at its end: it is there when the site has gone."""
    words = "=== What was changed and proven, for people: "
    last = output.splitlines()[-1]
    assert last.startswith(words), output
    return Path(last.removeprefix(words)).read_text()


def test_the_demo_of_an_unknown_job_says_which_there_are() -> None:
    code, output = run("python -m lab run -- sh lab/site/demo.sh nonsense")
    assert code == 2
    assert "fix_tags.py" in output
