"""deploys/sync_master.py: a fast-forward on both remotes, and never more."""

import os
import subprocess

import pytest
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from remotes import REMOTES, clone
from sync_site import BEHIND, diverge, git, pushes

pytestmark = pytest.mark.usefixtures("never_forced")


def seen_by_git(lab: Lab, remote: str) -> dict[str, str]:
    """The branches of a remote as a git client sees them, with a helper of its own."""
    token = lab.environment["GITLAB_TOKEN" if remote == "gitlab" else "GITHUB_TOKEN"]
    helper = '!f() { echo username=any; echo "password=$TOKEN"; }; f'
    done = subprocess.run(
        ["git", "-c", f"credential.helper={helper}", "ls-remote", "--heads", remote],
        cwd=lab.environment["OPERATOR_CLONE"],
        env={**os.environ, **lab.environment, "TOKEN": token},
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {ref.removeprefix("refs/heads/"): sha for sha, ref in rows}


def test_the_preview_shows_the_commits_and_pushes_nothing(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = lab.project()["branches"]
    old = before["gitlab"]["master"]
    code, output = pyinfra.deploy("sync_master", "--dry", "-v")
    assert code == 0, output
    assert lab.mutations() == []
    assert not [r for r in lab.requests() if "receive-pack" in r["path"] + str(r["query"])]
    assert lab.project()["branches"] == before
    for remote in REMOTES:
        assert f"master of {remote}: {old[:8]} -> {start[:8]}" in output
        assert f"would git push {remote} {start[:8]}:refs/heads/master" in output
    for title in BEHIND:
        assert output.count(title) == 2


def test_the_preview_moves_no_reference_of_the_clone(lab: Lab, pyinfra: Pyinfra) -> None:
    for remote in REMOTES:
        lab.fault(action="commit", remote=remote, branch="development", message=f"On {remote}\n")
    references, head = git(lab, "for-each-ref"), git(lab, "status", "--porcelain", "--branch")
    code, output = pyinfra.deploy("sync_master", "--dry")
    assert code == 1, output  # One of the two has diverged.
    assert "On gitlab" in output
    assert git(lab, "for-each-ref") == references
    assert git(lab, "status", "--porcelain", "--branch") == head
    assert not (clone(lab) / ".git" / "FETCH_HEAD").exists()


def test_the_run_forwards_master_on_both_remotes_and_the_second_one_is_silent(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    code, output = pyinfra.deploy("sync_master", "-y")
    assert code == 0, output
    for remote in REMOTES:
        assert seen_by_git(lab, remote) == {"development": start, "master": start}
        assert f"master of {remote} is at {start[:8]}" in output
    assert pushes(lab) == [("gitlab", "master"), ("github", "master")]
    sent, references = len(lab.requests(mutating="true")), git(lab, "for-each-ref")
    code, output = pyinfra.deploy("sync_master", "-y", "-v")
    assert code == 0, output
    assert len(lab.requests(mutating="true")) == sent
    assert git(lab, "for-each-ref") == references
    assert f"development and master are at {start[:8]} on gitlab and github" in output


def test_what_was_committed_on_gitlab_reaches_both_branches_of_github(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    lab.fault(action="commit", remote="gitlab", branch="development", message="New on GitLab\n")
    head = lab.heads("gitlab")["development"]
    code, output = pyinfra.deploy("sync_master", "-y")
    assert code == 0, output
    assert "New on GitLab" in output
    for remote in REMOTES:
        assert seen_by_git(lab, remote) == {"development": head, "master": head}


def test_the_commit_that_was_previewed_is_pushed_and_not_a_newer_one(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    def somebody_pushes() -> None:
        lab.fault(action="commit", remote="gitlab", branch="development")

    code, output = run_confirmed(pyinfra, "sync_master", somebody_pushes)
    assert code == 0, output
    newer = lab.heads("gitlab")["development"]
    assert newer != start
    assert lab.heads("gitlab")["master"] == start
    assert lab.heads("github") == {"development": start, "master": start}
    assert ("gitlab", "development") not in pushes(lab)


@pytest.mark.parametrize("commits_more", [False, True])
def test_a_target_branch_that_somebody_has_moved_on_since_the_preview_is_left(
    lab: Lab, pyinfra: Pyinfra, start: str, commits_more: bool
) -> None:
    """A colleague commits, and runs this deploy to its end; then perhaps commits once more."""

    def somebody_syncs() -> None:
        lab.fault(action="commit", remote="gitlab", branch="development", message="Theirs\n")
        code, output = pyinfra.deploy("sync_master", "-y")
        assert code == 0, output
        if commits_more:
            lab.fault(action="commit", remote="gitlab", branch="development")

    code, output = run_confirmed(pyinfra, "sync_master", somebody_syncs)
    assert code == 0, output
    head = lab.heads("gitlab")["master"]
    assert head != start
    assert (lab.heads("gitlab")["development"] == head) is not commits_more
    assert lab.heads("github") == {"development": head, "master": head}
    for place in ("master of gitlab", "development of github", "master of github"):
        assert output.count(f"{place} is ahead, at {head[:8]}") == 1
    assert len(pushes(lab)) == 3


def test_a_foreign_commit_on_a_target_branch_that_was_moved_on_is_no_success(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    def somebody_syncs() -> None:
        lab.fault(action="commit", remote="gitlab", branch="development", message="Theirs\n")
        code, output = pyinfra.deploy("sync_master", "-y")
        assert code == 0, output
        diverge(lab, "github")

    code, output = run_confirmed(pyinfra, "sync_master", somebody_syncs)
    assert code == 1, output
    assert "master of github has 1 commit that development has not" in output
    assert "master of gitlab is ahead, at" in output
