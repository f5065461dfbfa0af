"""Which runs leave a record, and how they name it (docs/records.md)."""

from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from record_files import all_of, names
from terminal import on_a_terminal


@pytest.fixture
def runs(pyinfra: Pyinfra) -> Path:
    """Where records are kept."""
    return Path(pyinfra.environment["RECORD_DIRECTORY"])


def test_a_preview_and_a_run_with_nothing_to_do_leave_none(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    code, output = pyinfra.deploy("ci_variables", "--dry")
    assert code == 0, output
    assert not runs.exists()
    for _ in range(2):
        code, output = pyinfra.deploy("ci_variables", "-y")
        assert code == 0, output
    assert "report:" not in output
    assert len(names(runs)) == 1
    assert sorted(path.name for path in runs.iterdir()) == [*names(runs), "chain.json"]


CHECK = """
from ops.api.action import Action
from ops.api.console import report_proof
from ops.api.operation import operation

@operation
def look():
    yield Action("look", work, is_check=True)

def work(state, host):
    {work}
    return True

look(name="Look at it")
"""


@pytest.mark.parametrize(("work", "count"), [("pass", 0), ("report_proof(host, 'it is so')", 1)])
def test_what_only_looks_leaves_one_where_it_has_proven_something(
    lab: Lab, pyinfra: Pyinfra, runs: Path, work: str, count: int
) -> None:
    code, output = pyinfra.run("@local", pyinfra.write(CHECK.format(work=work)), "-y")
    assert code == 0, output
    assert "No changes: " in output
    assert len(names(runs)) == count
    assert ("report:" in output) == bool(count)


REPORT = """
from pyinfra import host
from ops.api.operation import operation
from ops.api.verdict import verdict

@operation
def well():
    host.noop("all is well")
    return
    yield

verdict.reports = {reports}
well(name="Look at it")
"""


@pytest.mark.parametrize("reports", [True, False])
def test_what_reports_leaves_one_also_where_all_is_well(
    lab: Lab, pyinfra: Pyinfra, runs: Path, reports: bool
) -> None:
    code, output = pyinfra.run("@local", pyinfra.write(REPORT.format(reports=reports)), "-y")
    assert code == 0, output
    assert len(names(runs)) == reports


def test_the_overview_leaves_what_it_has_found(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    code, output = pyinfra.deploy("overview", "-y")
    assert code == 1, output
    [record] = all_of(runs)
    assert record["run"]["verdict"]["word"] == "Attention"
    assert record["run"]["attention"]


def test_without_a_directory_there_are_none(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y", RECORD_DIRECTORY="")
    assert code == 0, output
    assert "report:" not in output
    assert list(pyinfra.directory.rglob("record.json")) == []


def test_a_narrow_terminal_has_it_before_the_verdict(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    text = CHECK.format(work="[report_proof(host, f'proof {n} is so') for n in range(40)]")
    output = on_a_terminal(pyinfra, 24, "@local", pyinfra.write(text), "-y")
    [record] = all_of(runs)
    path = str(runs / record["id"] / "report.html")
    assert "The report is" in " ".join(output.split())
    assert path in output
    assert output.index(path) < output.index("No changes: ")
