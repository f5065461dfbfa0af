"""One run at a time: who is at work, who waits, and what is left in the end."""

import re
import signal
from pathlib import Path

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra
from limits import LIMIT
from lock_site import (
    LOCKED,
    NAMESPACE,
    PATH,
    Work,
    changes,
    finished,
    lease,
    requests_of_the_lease,
)
from moments import end, kill, read_until, wait_for
from record_files import all_of

WHO = r"\S+@\S+ is at work with work since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ \(pid \d+\)"
NO_FILE = {"LOCK_DIRECTORY": ""}
NO_LEASE = {"LOCK_NAMESPACE": ""}
PLACES = {"the Lease": NO_FILE, "the file": NO_LEASE, "both": {}}


@pytest.fixture
def work(pyinfra: Pyinfra, tmp_path: Path) -> Work:
    return Work(pyinfra, tmp_path)


def test_a_run_asks_three_times(lab: Lab, work: Work) -> None:
    work.go.touch()
    code, output = work.run()
    assert code == 0, output
    assert requests_of_the_lease(lab) == ["GET", "POST", "PUT"]
    found = lease(lab)
    assert found["spec"]["holderIdentity"] == ""
    assert found["metadata"]["annotations"]["site-operations/job"] == "work"
    code, output = work.run()
    assert (code, requests_of_the_lease(lab)[3:]) == (0, ["GET", "PUT", "PUT"])
    assert lease(lab)["spec"]["leaseTransitions"] == 1


@pytest.mark.parametrize("place", PLACES)
def test_a_second_run_ends_with_3_and_says_who_is_at_work(lab: Lab, work: Work, place: str) -> None:
    first = work.started(lab, **PLACES[place])
    code, output = work.run(**PLACES[place])
    assert code == 3, output
    line = re.search(rf"{WHO}: run again when it has ended, or wait for it with .*", output)
    assert line and f"(pid {first.pid})" in line[0]
    assert "Blocked: nothing of work was executed" in output
    assert changes(lab, 6) == 1
    work.go.touch()
    assert finished(first)[0] == 0
    assert changes(lab, 7) == 1
    assert work.run(**PLACES[place])[0] == 0


def test_who_is_at_work_on_another_machine(lab: Lab, work: Work, tmp_path: Path) -> None:
    """What two machines share is the Lease alone."""
    first = work.started(lab, LOCK_DIRECTORY=str(tmp_path / "one"))
    code, output = work.run(LOCK_DIRECTORY=str(tmp_path / "another"))
    assert code == 3, output
    assert re.search(WHO, output)
    assert lease(lab)["spec"]["holderIdentity"].split("/")[0] in output
    work.go.touch()
    assert finished(first)[0] == 0


@pytest.mark.parametrize("place", PLACES)
def test_a_second_run_waits(lab: Lab, work: Work, place: str) -> None:
    first = work.started(lab, **PLACES[place])
    second = work.start("--data", f"wait={LIMIT}", **PLACES[place])
    read_until(second, "is at work with work since")
    assert changes(lab, 6) == 1
    work.go.touch()
    assert finished(first)[0] == 0
    assert finished(second)[0] == 0
    assert (changes(lab, 6), changes(lab, 7)) == (2, 2)
    order = [r["path"] for r in lab.requests(mutating="true") if "/runners/" in r["path"]]
    assert order == [f"/api/v4/runners/{number}" for number in (6, 7, 6, 7)]


def test_who_has_waited_in_vain(lab: Lab, work: Work) -> None:
    first = work.started(lab)
    code, output = work.run("--data", "wait=0.5")
    assert code == 3, output
    assert re.search(rf"{WHO}, also after 0.5 s: run again when it has ended", output)
    work.go.touch()
    assert finished(first)[0] == 0


def test_a_lease_that_never_ends_by_itself_names_what_ends_it(
    lab: Lab, work: Work, cluster: Cluster
) -> None:
    document = {"metadata": {"name": LOCKED["LOCK_NAME"]}, "spec": {"holderIdentity": "bob"}}
    path = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
    cluster.request("POST", path, {"apiVersion": "coordination.k8s.io/v1", **document})
    code, output = work.run()
    assert code == 3, output
    assert "bob is at work. Its Lease does not end by itself: kubectl -n" in output
    assert f"kubectl -n {NAMESPACE} delete lease {LOCKED['LOCK_NAME']}" in output
    cluster.request("DELETE", f"{path}/{LOCKED['LOCK_NAME']}")
    work.go.touch()
    assert work.run()[0] == 0


@pytest.mark.parametrize("option", ["--dry", "--json"])
def test_a_preview_neither_takes_nor_reads_it(lab: Lab, work: Work, option: str) -> None:
    first = work.started(lab)
    before = len(requests_of_the_lease(lab))
    arguments = [argument for argument in work.arguments() if argument != "-y"]
    code, output = work.pyinfra.run(*arguments, option, **LOCKED)
    assert (code, len(requests_of_the_lease(lab))) == (0, before), output
    work.go.touch()
    assert finished(first)[0] == 0


@pytest.mark.parametrize("job", ["overview", "windows"])
def test_what_only_looks_needs_no_lock(lab: Lab, pyinfra: Pyinfra, work: Work, job: str) -> None:
    first = work.started(lab)
    before = len(requests_of_the_lease(lab))
    code, output = pyinfra.deploy(job, "-y", **LOCKED)
    assert code in (0, 1), output
    assert "is at work" not in output
    assert len(requests_of_the_lease(lab)) == before
    work.go.touch()
    assert finished(first)[0] == 0


def test_who_has_nothing_to_do_only_reads(lab: Lab, pyinfra: Pyinfra) -> None:
    file = pyinfra.write("from pyinfra import host\n")
    code, output = pyinfra.run("inventory.py", file, "--limit", "@gitlab", "-y", **LOCKED)
    assert code == 0, output
    assert requests_of_the_lease(lab) == ["GET"]


def test_no_name_is_no_lock(lab: Lab, work: Work) -> None:
    first = work.started(lab, LOCK_NAME="")
    work.go.touch()
    assert work.run(LOCK_NAME="")[0] == 0
    assert finished(first)[0] == 0
    assert requests_of_the_lease(lab) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_it_go(lab: Lab, work: Work, number: int) -> None:
    first = work.started(lab)
    code, output = end(first, number)
    assert code == 128 + number, output
    assert lease(lab)["spec"]["holderIdentity"] == ""
    work.go.touch()
    assert work.run()[0] == 0


def test_a_failure_lets_it_go(lab: Lab, work: Work) -> None:
    work.go.touch()
    lab.fault(system="gitlab", path="/runners/7", action="status", status=403, times=-1)
    code, output = work.run()
    assert code == 1, output
    assert lease(lab)["spec"]["holderIdentity"] == ""


def test_a_signal_to_one_that_waits(lab: Lab, work: Work) -> None:
    first = work.started(lab)
    version = lease(lab)["metadata"]["resourceVersion"]
    second = work.start("--data", f"wait={LIMIT}")
    read_until(second, "is at work with work since")
    assert end(second, signal.SIGTERM)[0] == 143
    assert lease(lab)["metadata"]["resourceVersion"] == version
    work.go.touch()
    assert finished(first)[0] == 0


def test_killed_and_run_again(lab: Lab, work: Work) -> None:
    """The kernel lets the file go; the Lease stays until its time is over."""
    first = work.started(lab)
    pid = first.pid
    kill(first)
    # The time of the Lease counts, and not what the next run would have.
    code, output = work.run(LOCK_SECONDS="120")
    assert code == 3, output
    text = (
        rf"{WHO}\. That process of yours is gone: --data wait=7200 takes the lock over after 3600 s"
    )
    assert re.search(text, output), output
    assert f"(pid {pid})" in output
    assert lease(lab)["spec"]["holderIdentity"] != ""
    work.go.touch()
    assert work.run(**NO_LEASE)[0] == 0


def test_another_run_between_looking_and_executing(
    lab: Lab, pyinfra: Pyinfra, work: Work, tmp_path: Path
) -> None:
    """What was read before it is old by then, also where it has ended."""
    other_directory = tmp_path / "other"
    other_directory.mkdir()
    other = Work(pyinfra, other_directory)
    other.go.touch()
    work.gate.unlink()
    first = work.start(LOCK_DIRECTORY=str(tmp_path / "one"))
    wait_for(lambda: requests_of_the_lease(lab) == ["GET"])
    code, output = other.run(LOCK_DIRECTORY=str(tmp_path / "another"))
    assert code == 0, output
    work.gate.touch()
    code, output = finished(first)
    assert code == 3, output
    assert "another run was at work, begun after this run had looked: run again" in output
    assert (changes(lab, 6), changes(lab, 7)) == (1, 1)


def test_the_document_has_the_lock(lab: Lab, work: Work, tmp_path: Path) -> None:
    work.go.touch()
    assert work.run()[0] == 0
    [record] = all_of(tmp_path / "records")
    lock = record["run"]["lock"]
    assert lock["lease"] == f"{NAMESPACE}/site-operations"
    assert lock["file"].endswith("/site-operations.lock")
    assert (lock["taken_over_from"], lock["lost"]) == (None, None)
    assert lease(lab)["metadata"]["annotations"]["site-operations/run"] == lock["run"]


def test_a_missing_right_is_named_before_anything_is_changed(lab: Lab, work: Work) -> None:
    work.go.touch()
    lab.fault(system="kubernetes", path=PATH, method="POST", action="status", status=403, times=-1)
    code, output = work.run()
    assert code == 1, output
    line = next(line for line in output.splitlines() if "cannot be taken" in line)
    assert f"POST {PATH} -> 403 Forbidden" in line
    assert "docs/lock.md says what it needs" in line
    assert (changes(lab, 6), changes(lab, 7)) == (0, 0)
