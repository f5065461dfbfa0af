"""deploys/sync_master.py: remotes that differ, refuse or are silent."""

from collections.abc import Callable

import pytest
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from processes import kill_all_of
from remotes import REMOTES, clone
from sync_site import RECEIVE, diverge, git, pushes

pytestmark = pytest.mark.usefixtures("never_forced")


def refuse(lab: Lab, remote: str) -> None:
    lab.fault(action="set", **{f"{remote}_refuses": ["master"]})


def go_silent(lab: Lab, remote: str) -> None:
    lab.fault(system=remote, path=RECEIVE, action="timeout", seconds=2, times=-1)


@pytest.mark.parametrize(
    ("remote", "trouble", "words"),
    [
        ("gitlab", diverge, "master of gitlab has 1 commit that development has not"),
        ("github", diverge, "master of github has 1 commit that development has not"),
        ("gitlab", refuse, "GitLab: You are not allowed to push code to protected branches"),
        ("github", refuse, "GH013: Repository rule violations found for refs/heads/master"),
        ("github", refuse, "Push cannot contain secrets"),
        ("github", go_silent, "the remote end hung up"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_trouble_of_one_remote_is_reported_and_the_other_one_is_done(
    lab: Lab,
    pyinfra: Pyinfra,
    start: str,
    remote: str,
    trouble: Callable[[Lab, str], None],
    words: str,
) -> None:
    trouble(lab, remote)
    before = lab.heads(remote)["master"]
    code, output = pyinfra.deploy("sync_master", "-y")
    assert code == 1, output
    assert words in output
    assert "Traceback" not in output
    [other] = {*REMOTES} - {remote}
    assert lab.heads(remote)["master"] == before
    assert lab.heads(other)["master"] == start


def test_the_foreign_commits_of_a_diverged_remote_are_in_the_preview(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    diverge(lab, "github")
    code, output = pyinfra.deploy("sync_master", "--dry")
    assert code == 1
    assert "Add a citation file" in output
    assert "would fail: master of github" in output
    assert "would git push github" not in output


def test_a_remote_that_diverges_after_the_preview_is_not_overwritten(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    code, output = run_confirmed(pyinfra, "sync_master", lambda: diverge(lab, "github"))
    assert code == 1, output
    assert "master of github has 1 commit" in output
    assert lab.heads("gitlab")["master"] == start


def test_a_remote_that_diverges_during_the_run_is_not_overwritten(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(system="gitlab", path=RECEIVE, action="timeout", seconds=4)
    process = pyinfra.start("inventory.py", "deploys/sync_master.py", "-y")
    wait_for(lambda: ("gitlab", "master") in pushes(lab))
    diverge(lab, "github")
    foreign = lab.heads("github")["master"]
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "[rejected] (fetch first)" in output
    assert lab.heads("github")["master"] == foreign
    assert ("github", "master") not in pushes(lab)


def test_a_first_remote_that_cannot_be_read_stops_everything(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", path="/info/refs", action="status", status=503, times=-1)
    before = lab.project()["branches"]
    code, output = pyinfra.deploy("sync_master", "-y")
    assert code == 1
    assert "503" in output
    assert "remote=gitlab" in output
    assert "nothing is changed" in output
    assert "Traceback" not in output
    assert lab.project()["branches"] == before
    assert lab.mutations() == []


@pytest.mark.parametrize("argument", ["--dry", "-y"])
def test_another_remote_that_cannot_be_read_is_left_and_the_first_one_is_done(
    lab: Lab, pyinfra: Pyinfra, start: str, argument: str
) -> None:
    lab.fault(system="github", path="/info/refs", action="status", status=503, times=-1)
    code, output = pyinfra.deploy("sync_master", argument)
    assert code == 1
    assert "503" in output
    assert "github cannot be read, and is left as it is" in output
    assert "Traceback" not in output
    assert pushes(lab) == ([] if argument == "--dry" else [("gitlab", "master")])
    assert (lab.heads("gitlab")["master"] == start) is (argument == "-y")
    changed = "changed:  Fast-forward development and master (in part)"
    assert (changed in output) is (argument == "-y")


def test_one_remote_alone_can_be_asked_for(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    lab.fault(system="github", action="status", status=503, times=-1)
    code, output = pyinfra.deploy("sync_master", "-y", "--data", 'git_remotes=["gitlab"]')
    assert code == 0, output
    assert lab.heads("gitlab")["master"] == start


def test_a_push_to_a_server_that_has_gone_silent_ends(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="github", path=RECEIVE, action="timeout", seconds=200, times=-1)
    # git takes the patience of the command; here only the seconds are made short.
    code, output = pyinfra.deploy("sync_master", "-y", GIT_HTTP_LOW_SPEED_TIME="2")
    assert code == 1
    assert "too slow" in output
    assert "master of github is at" in output


def test_after_a_push_without_an_answer_the_remote_is_read_again(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    fault = {"action": "apply_then_hang", "seconds": 1}
    lab.fault(system="github", path=RECEIVE, times=1, **fault)
    code, output = pyinfra.deploy("sync_master", "-y")
    assert code == 0, output
    assert f"master of github is at {start[:8]}" in output
    sent = len(lab.requests(mutating="true"))
    code, output = pyinfra.deploy("sync_master", "-y")
    assert (code, len(lab.requests(mutating="true"))) == (0, sent), output


def test_killed_between_the_remotes_a_rerun_does_the_rest(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    lab.fault(system="github", path=RECEIVE, action="timeout", seconds=30, times=1)
    process = pyinfra.start("inventory.py", "deploys/sync_master.py", "-y")
    wait_for(lambda: ("github", "master") in pushes(lab))
    kill(process)
    # Its git lives on, and would push into the site of the next test.
    kill_all_of(str(clone(lab)))
    kill_all_of(git(lab, "remote", "get-url", "github"))
    assert lab.heads("gitlab")["master"] == start
    assert lab.heads("github")["master"] != start
    code, output = pyinfra.deploy("sync_master", "-y")
    assert code == 0, output
    assert lab.heads("github")["master"] == start
    assert pushes(lab).count(("gitlab", "master")) == 1
