"""deploys/widen_changes_filter.py: what others do meanwhile, lost answers and kills."""

import pytest
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from remotes import file_of, somebody_commits
from widen_site import COMMITS, FILE, LINT, is_done

COMMIT = {"system": "gitlab", "method": "POST", "path": "/repository/commits$"}


def test_a_commit_between_read_and_write_is_not_lost(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    # Two operations ask it, when they are prepared and when they are executed. The last time it
    # answers only when it is asked again: time for somebody else's commit.
    lab.fault(**LINT, action="timeout", seconds=3, skip=3)
    before = file_of(lab, FILE)
    process = pyinfra.start("inventory.py", "deploys/widen_changes_filter.py", "-y")
    wait_for(lambda: len([r for r in lab.requests() if r["path"].endswith("/ci/lint")]) > 3)
    somebody_commits(lab, FILE, before + "# somebody else's line\n")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "The file has changed since you started editing it" in output
    assert file_of(lab, FILE) == before + "# somebody else's line\n"
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    is_done(lab, start, before + "# somebody else's line\n")


def test_a_commit_after_the_preview_is_kept(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    text = file_of(lab, FILE) + "# somebody else's line\n"
    code, output = run_confirmed(
        pyinfra, "widen_changes_filter", lambda: somebody_commits(lab, FILE, text)
    )
    assert code == 0, output
    is_done(lab, start, text)


@pytest.mark.parametrize("action", ["apply_then_hang", "apply_then_reset"])
def test_after_a_lost_answer_there_is_one_commit(
    lab: Lab, pyinfra: Pyinfra, start: str, action: str
) -> None:
    before = file_of(lab, FILE)
    lab.fault(**COMMIT, action=action, seconds=1)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    is_done(lab, start, before)
    assert lab.mutations() == [COMMITS]


def test_a_request_that_was_lost_is_said_and_a_rerun_commits(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = file_of(lab, FILE)
    lab.fault(**COMMIT, action="reset")
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert "reading again shows that it was not done. Run again." in output
    assert lab.heads("gitlab")["development"] == start
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    is_done(lab, start, before)


def test_killed_while_it_commits_a_rerun_does_not_commit_twice(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = file_of(lab, FILE)
    lab.fault(**COMMIT, action="apply_then_hang", seconds=30)
    process = pyinfra.start("inventory.py", "deploys/widen_changes_filter.py", "-y")
    wait_for(lambda: lab.heads("gitlab")["development"] != start)
    kill(process)
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 0, output
    is_done(lab, start, before)
    assert lab.mutations() == [COMMITS]


def test_a_protected_branch_is_said(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    lab.fault(action="set", gitlab_refuses=["development"])
    code, output = pyinfra.deploy("widen_changes_filter", "-y")
    assert code == 1
    assert "You are not allowed to push into this branch" in output
    assert lab.heads("gitlab")["development"] == start
