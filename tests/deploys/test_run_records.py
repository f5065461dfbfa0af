"""The record of each run that changes or proves something (docs/records.md)."""

import subprocess
import sys
from pathlib import Path

import pytest
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from moments import ENDLESS_PROOF, kill, wait_for
from record_files import WAITING, all_of, chain, digest, names, read
from terminal import on_a_terminal

PROOF = "Prove that the tags last"


@pytest.fixture
def runs(pyinfra: Pyinfra) -> Path:
    """Where records are kept."""
    return Path(pyinfra.environment["RECORD_DIRECTORY"])


def test_a_run_that_changes_something(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    [record] = all_of(runs)
    assert f"record:   {runs / record['id'] / 'record.json'}" in output.splitlines()
    assert "-ci_variables-" in record["id"]
    assert (record["status"], record["sequence"]) == ("done", 1)
    assert record["arguments"][:2] == ["inventory.py", "deploys/ci_variables.py"]
    run = record["run"]
    assert (run["verdict"]["word"], run["exit_code"]) == ("Done", 0)
    changed = [result["operation"] for result in run["results"] if result["outcome"] == "changed"]
    assert "Set DEDUP_KAFKA_PASSWORD" in changed
    assert len(changed) == len(lab.mutations())
    assert run["plan"]


def test_it_says_who_where_and_with_what(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    [record] = all_of(runs)
    assert record["user"] == subprocess.check_output(["id", "-un"], text=True).strip()
    assert record["host"] == subprocess.check_output(["uname", "-n"], text=True).strip()
    assert None not in record["versions"].values()
    git = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    done = subprocess.run(git, capture_output=True, text=True)
    commit = (record["revision"] or {"commit": ""})["commit"]
    assert commit == (done.stdout.strip() if done.returncode == 0 else "")


def test_a_preview_and_a_run_with_nothing_to_do_leave_none(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    code, output = pyinfra.deploy("ci_variables", "--dry")
    assert code == 0, output
    assert not runs.exists()
    for _ in range(2):
        code, output = pyinfra.deploy("ci_variables", "-y")
        assert code == 0, output
    assert "record:" not in output
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
    assert ("record:" in output) == bool(count)


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
    assert "record:" not in output
    assert list(pyinfra.directory.rglob("record.json")) == []


def test_it_is_below_the_users_state_directory(lab: Lab, pyinfra: Pyinfra) -> None:
    del pyinfra.environment["RECORD_DIRECTORY"]
    state = pyinfra.directory / "state"
    code, output = pyinfra.deploy("ci_variables", "-y", XDG_STATE_HOME=str(state))
    assert code == 0, output
    assert len(names(state / "site-operations" / "runs")) == 1


def test_a_killed_run_leaves_how_far_it_was(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    lab.fault(action="set", loss_delay=3600)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: [r for r in all_of(runs) if r["executing"] == PROOF])
    kill(process)
    [record] = all_of(runs)
    assert (record["status"], record["sequence"]) == ("running", None)
    run = record["run"]
    assert (run["verdict"]["word"], run["exit_code"]) == ("Running", None)
    outcomes = {result["operation"]: result["outcome"] for result in run["results"]}
    assert outcomes["Set the tags"] == "changed"
    assert outcomes["Set the enforcer's regular schedule"] == "not run"

    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    killed, following = (read(runs, name) for name in chain(runs))
    assert (killed["id"], killed["status"], killed["executing"]) == (
        record["id"], "broken off", PROOF,
    )  # fmt: skip
    assert killed["run"] == run
    assert following["previous"] == digest(runs, killed["id"])


def test_two_runs_at_once(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    go = pyinfra.directory / "go"
    deploy = pyinfra.write(WAITING.format(go=str(go)))
    processes = [pyinfra.start("@local", deploy, "-y") for _ in range(2)]
    wait_for(lambda: len([r for r in all_of(runs) if r["executing"] == "Change it"]) == 2)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    states = sorted(record["status"] for record in all_of(runs))
    assert states == ["done", "running", "running"]
    go.touch()
    for process in processes:
        output, _ = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, output
    previous = None
    for number, name in enumerate(chain(runs), 1):
        record = read(runs, name)
        assert (record["status"], record["sequence"]) == ("done", number)
        assert previous in (None, record["previous"])
        previous = digest(runs, name)
    assert len(chain(runs)) == 3


def test_an_interrupted_run_has_its_verdict(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    deploy = pyinfra.write(WAITING.format(go=str(pyinfra.directory / "go")))
    process = pyinfra.start("@local", deploy, "-y")
    wait_for(lambda: [r for r in all_of(runs) if r["executing"] == "Change it"])
    process.send_signal(15)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 143, output
    [record] = all_of(runs)
    assert (record["status"], record["sequence"]) == ("done", 1)
    assert record["run"]["verdict"]["word"] == "Interrupted"
    assert record["run"]["exit_code"] == 143


@pytest.mark.parametrize("options", [("--serial",), ("--no-wait",)])
def test_where_hosts_do_not_wait_for_each_other(
    lab: Lab, pyinfra: Pyinfra, runs: Path, options: tuple[str, ...]
) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y", *options)
    assert code == 0, output
    [record] = all_of(runs)
    assert record["run"]["verdict"]["word"] == "Done"


def test_a_narrow_terminal_has_it_before_the_verdict(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    text = CHECK.format(work="[report_proof(host, f'proof {n} is so') for n in range(40)]")
    output = on_a_terminal(pyinfra, 24, "@local", pyinfra.write(text), "-y")
    [record] = all_of(runs)
    path = str(runs / record["id"] / "record.json")
    assert "The record is" in " ".join(output.split())
    assert path in output
    assert output.index(path) < output.index("No changes: ")


def test_the_program_reads_where_the_run_has_written(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    for command, expected in (("list", "ci_variables"), ("verify", "1 record is as before")):
        done = subprocess.run(
            [sys.executable, "-m", "ops.records", command],
            cwd=ROOT,
            env=pyinfra.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout
