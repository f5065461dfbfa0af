"""Commands of the pages in docs/ that say with how little a job works."""

import re
import shlex

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
