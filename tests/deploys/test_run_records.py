"""The record of each run that changes or proves something (docs/records.md)."""

import subprocess
import sys
from pathlib import Path

import pytest
from documents import document_of
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from moments import ENDLESS_PROOF, kill, wait_for
from record_files import WAITING, all_of, chain, digest, names, read

PROOF = "Prove that the tags last"


@pytest.fixture
def runs(pyinfra: Pyinfra) -> Path:
    """Where records are kept."""
    return Path(pyinfra.environment["RECORD_DIRECTORY"])


def test_a_run_that_changes_something(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    [record] = all_of(runs)
    assert f"report:   {runs / record['id'] / 'report.html'}" in output.splitlines()
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


def test_it_is_below_the_users_state_directory(lab: Lab, pyinfra: Pyinfra) -> None:
    del pyinfra.environment["RECORD_DIRECTORY"]
    state = pyinfra.directory / "state"
    code, output = pyinfra.deploy("ci_variables", "-y", XDG_STATE_HOME=str(state))
    assert code == 0, output
    assert len(names(state / "site-operations" / "runs")) == 1


def test_a_killed_run_leaves_how_far_it_was(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    lab.fault(action="set", loss_delay=3600)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    # The proof is killed after it has looked: what it has seen is in the record by then.
    wait_for(lambda: [r for r in all_of(runs) if r["run"]["observed"]["tags"]])
    kill(process)
    [record] = all_of(runs)
    assert record["executing"] == PROOF
    [watch] = record["run"]["observed"]["tags"]
    assert (watch["reads"] >= 1, watch["limit"]) == (True, 3600)
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


FIRST_GOES_ON = """
    first = Path({first!r})
    if not first.exists():
        first.with_suffix(".new").write_text(host.name)
        first.with_suffix(".new").rename(first)
        return True
"""


@pytest.mark.parametrize(
    ("option", "operation"), [("--serial", "Change more"), ("--no-wait", "Change it")]
)
def test_where_hosts_do_not_wait_for_each_other(
    lab: Lab, pyinfra: Pyinfra, runs: Path, option: str, operation: str
) -> None:
    """Then it is written for each host: what the first one has done is in it."""
    first = pyinfra.directory / "first"  # pyinfra takes the hosts in any order.
    text = WAITING.replace("def work(state, host):\n", f"def work(state, host):{FIRST_GOES_ON}")
    text = text.format(go=str(pyinfra.directory / "go"), first=str(first))
    process = pyinfra.start("@local,@gitlab", pyinfra.write(text), "-y", option)

    def done() -> set[tuple[str, str]]:
        return {
            (result["operation"], result["host"])
            for record in all_of(runs)
            for result in record["run"]["results"]
            if result["outcome"] == "changed"
        }

    wait_for(first.exists)
    host = first.read_text()
    wait_for(lambda: (operation, host) in done())
    assert {name for _, name in done()} == {host}
    (pyinfra.directory / "go").touch()
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    [record] = all_of(runs)
    assert record["run"]["verdict"]["changed"] == [
        {"operation": "Change it", "hosts": 2},
        {"operation": "Change more", "hosts": 2},
    ]


def test_it_has_the_document_that_json_prints(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    _, document, errors = document_of(pyinfra, "ci_variables", "-y")
    [record] = all_of(runs)
    assert record["run"] == document
    assert f"report:   {runs / record['id'] / 'report.html'}" in errors


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
