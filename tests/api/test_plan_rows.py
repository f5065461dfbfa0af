"""A preview on a terminal of 80 columns: how many rows it has, and that they show what changes."""

import re

import pytest
from lab_process import Lab, Pyinfra
from terminal import on_a_terminal

STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# The live line is taken back.
SPINNER = re.compile(r"^ +[-\\|/] +\d+% .*$|^.*\r(?!$)", re.MULTILINE)


def rows(text: str) -> list[str]:
    plain = STYLE.sub("", text).replace("\r\n", "\n")
    lines = [line.rpartition("\r")[2] for line in plain.split("\n")]
    return [line for line in lines if line.strip() and not SPINNER.match(line)]


@pytest.mark.parametrize(("job", "most"), [("fix_tags", 60), ("site", 120)])
def test_a_preview_has_few_rows(lab: Lab, pyinfra: Pyinfra, job: str, most: int) -> None:
    found = rows(on_a_terminal(pyinfra, 80, "inventory.py", f"deploys/{job}.py", "--dry"))
    assert sum(-(-len(line) // 80) for line in found) <= most, "\n".join(found)
    assert "spec.suspend: false -> true" in "\n".join(found)


def test_each_runners_tags_are_shown(lab: Lab, pyinfra: Pyinfra) -> None:
    found = rows(on_a_terminal(pyinfra, 80, "inventory.py", "deploys/fix_tags.py", "--dry"))
    assert len([line for line in found if " tag_list: {} -> {" in line]) == 12
