"""Commands of the pages in docs/ that say with how little a job works, and paths in all pages."""

import re
import shlex
from pathlib import Path

import pytest
from lab_process import ROOT, Lab, Pyinfra

LIMITED = [
    line.strip().removeprefix("pyinfra ")
    for page in sorted((ROOT / "docs").glob("*.md"))
    for line in page.read_text().splitlines()
    if re.match(r" {4}pyinfra inventory\.py deploys/.* --limit ", line)
]
OF_ADMINISTRATORS = re.compile("restore_runners|unblock_pipeline|follow_experiment")
OF_MAINTAINERS = [command for command in LIMITED if not OF_ADMINISTRATORS.search(command)]


@pytest.mark.parametrize("command", OF_MAINTAINERS)
def test_a_limited_job_asks_for_no_runner(lab: Lab, pyinfra: Pyinfra, command: str) -> None:
    """So the token of a Maintainer is enough."""
    for path in ("/runners", "/api/graphql"):
        lab.fault(system="gitlab", path=path, action="status", status=403, times=-1)
    arguments = [part for part in shlex.split(command) if part != "--dry"]
    _, output = pyinfra.run(*arguments, "--dry")
    assert "hosts failed" not in output
    assert "Traceback" not in output
    if "overview" not in command:
        assert "-> 403" not in output
    assert lab.mutations() == []


def test_the_pages_have_such_commands() -> None:
    assert len(OF_MAINTAINERS) >= 6


PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "lab" / "README.md"]


@pytest.mark.parametrize("page", sorted(PAGES), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_module_that_a_page_names_exists(page: Path) -> None:
    """Paths start at the repository, or where the page is."""
    named = set(re.findall(r"`([a-z_./]+/(?:[a-z_]+\.py)?)`", page.read_text()))
    ours = ("ops/", "lab/", "tests/", "deploys/", "docs/", "group_data/")
    for path in named:
        if path.endswith(".py") or path.startswith(ours):
            assert (ROOT / path).exists() or (page.parent / path).exists(), path


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(file.name.partition("-")[0]) for file in files]
    assert numbers == list(range(1, len(files) + 1))
    for number, file in zip(numbers, files, strict=True):
        assert file.read_text().startswith(f"# {number}. "), file.name
