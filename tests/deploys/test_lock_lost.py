"""The lock is another run's by now: who was taken for gone and wakes up changes nothing more."""

import re
import signal
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from lock_site import (
    LOCKED,
    NAME,
    NAMESPACE,
    PATH,
    Work,
    changes,
    changes_of_all,
    finished,
    lease,
    requests_of_the_lease,
)
from moments import ENDLESS_PROOF, RELAXED, TAGS, is_proving, kill, read_until, wait_for
from record_files import all_of

# The least that the setting allows. A holder that is slow for so long keeps it all the same, as
# long as nobody waits for it.
SHORT = {"LOCK_SECONDS": "5"}
WAITING = ("--data", f"wait={LIMIT}")


@pytest.fixture
def work(pyinfra: Pyinfra, tmp_path: Path) -> Work:
    directory = tmp_path / "anna"
    directory.mkdir()
    return Work(pyinfra, directory, LOCK_DIRECTORY=str(directory), **SHORT)


@pytest.fixture
def other(pyinfra: Pyinfra, tmp_path: Path) -> Work:
    """A run on another machine, which has another file."""
    directory = tmp_path / "bert"
    directory.mkdir()
    other = Work(pyinfra, directory, *WAITING, LOCK_DIRECTORY=str(directory))
    other.go.touch()
    return other


def test_a_killed_run_is_taken_over_when_its_time_is_over(
    lab: Lab, pyinfra: Pyinfra, work: Work, other: Work, tmp_path: Path
) -> None:
    first = work.started(lab)
    held = lease(lab)["spec"]
    kill(first)
    code, output = other.run()
    assert code == 0, output
    assert re.search(r"the lock was taken over: \S+ is at work with work since .* no sign", output)
    assert re.search(r"\nlock: +taken over from \S+, work, which gave no sign of life", output)
    record = all_of(tmp_path / "records")[-1]
    before = record["run"]["lock"]["taken_over_from"]
    assert held["holderIdentity"] == f"{before['user']}@{before['host']}/{before['run']}"
    assert (before["job"], before["pid"]) == ("work", first.pid)
    assert record["run"]["lock"]["waited"] >= float(SHORT["LOCK_SECONDS"])
    assert lease(lab)["spec"]["holderIdentity"] == ""


def test_a_run_that_was_suspended_changes_nothing_more(
    lab: Lab, pyinfra: Pyinfra, work: Work, other: Work, tmp_path: Path
) -> None:
    first = work.started(lab)
    first.send_signal(signal.SIGSTOP)
    code, output = other.run()
    assert code == 0, output
    assert (changes(lab, 6), changes(lab, 7)) == (2, 1)
    version = lease(lab)["metadata"]["resourceVersion"]
    work.go.touch()
    first.send_signal(signal.SIGCONT)
    code, output = finished(first)
    assert code == 3, output
    assert "Blocked: work may not go on now, and ended there" in output
    assert "the lock gitlab-runner/site-operations was lost: another run has had it" in output
    assert changes(lab, 7) == 1
    assert lease(lab)["metadata"]["resourceVersion"] == version
    lost = [record["run"]["lock"]["lost"] for record in all_of(tmp_path / "records")]
    assert sorted(map(bool, lost)) == [False, True]


def test_it_is_renewed_while_the_run_is_at_work(lab: Lab, work: Work, other: Work) -> None:
    """Whoever waits does not take it from a run that is alive, however long that takes."""
    first = work.started(lab, **LOCKED)
    second = other.start()
    read_until(second, "is at work with work since")
    seen = lease(lab)["spec"]
    assert seen["leaseDurationSeconds"] == 3600
    work.go.touch()
    assert finished(first)[0] == 0
    code, output = finished(second)
    assert code == 0, output
    assert "taken over" not in output


def test_renewals_come_by_themselves(lab: Lab, work: Work) -> None:
    first = work.started(lab)
    before = requests_of_the_lease(lab).count("PUT")
    wait_for(lambda: requests_of_the_lease(lab).count("PUT") >= before + 2)
    work.go.touch()
    assert finished(first)[0] == 0


def test_the_lock_is_removed_under_a_run(lab: Lab, work: Work) -> None:
    first = work.started(lab)
    lab.fault(action="delete_object", kind="Lease", namespace=NAMESPACE, name=NAME)
    output = read_until(first, "was removed while it was held")
    work.go.touch()
    code, rest = finished(first)
    assert code == 3, output + rest
    assert changes(lab, 7) == 0


def test_an_api_that_is_away_when_the_lock_is_let_go(lab: Lab, work: Work) -> None:
    first = work.started(lab, **LOCKED)
    lab.fault(system="kubernetes", path=PATH, action="status", status=503, times=-1)
    work.go.touch()
    code, output = finished(first)
    assert code == 0, output
    assert "the lock was not let go, and ends when its time is over: " in output
    assert lease(lab)["spec"]["holderIdentity"] != ""


def test_a_suspended_fix_tags_puts_nothing_back_that_another_run_has_proven(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path
) -> None:
    anna, bert = ({"LOCK_DIRECTORY": str(tmp_path / name)} for name in ("anna", "bert"))
    fix_tags = ("inventory.py", "deploys/fix_tags.py", "-y")
    first = pyinfra.start(*fix_tags, **{**LOCKED, **SHORT, **ENDLESS_PROOF, **anna})
    wait_for(lambda: is_proving(lab))
    first.send_signal(signal.SIGSTOP)
    code, output = pyinfra.run(*fix_tags, *WAITING, **LOCKED, **bert)
    assert code == 0, output
    assert lab.enforcer() == RELAXED
    before = len(changes_of_all(lab))
    first.send_signal(signal.SIGCONT)
    code, output = finished(first)
    assert code == 3, output
    assert "NOT put back: the lock gitlab-runner/site-operations was lost" in output
    assert changes_of_all(lab)[before:] == []
    assert (lab.enforcer(), lab.tags()) == (RELAXED, TAGS)
