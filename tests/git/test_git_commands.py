"""Commands of git with a real git: nothing of the caller's environment or of the clone joins in."""

import os
import subprocess
from pathlib import Path

import pytest
from limits import LIMIT
from remotes import run_git

from ops.git.branches import ALONE
from ops.git.commands import git
from ops.git.facts import CommitsBetween, RepositoryProblem

TOKEN = "MASTER_TOKEN"


def shell(command: object, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command.get_raw_value()],  # type: ignore[attr-defined]
        input=stdin,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, **environment},
    )


def commit(directory: Path, title: str) -> str:
    who = ("-c", "user.name=anna", "-c", "user.email=anna@example.org")
    run_git(directory, *who, "commit", "--quiet", "--allow-empty", "--message", title)
    return run_git(directory, "rev-parse", "HEAD").strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a commit that its remote has not, and a remote that is a folder."""
    remote, clone = tmp_path / "remote.git", tmp_path / "my clone"
    for directory, kind in ((remote, "--bare"), (clone, "--initial-branch=development")):
        directory.mkdir()
        run_git(directory, "init", "--quiet", kind)
    run_git(clone, "remote", "add", "origin", str(remote))
    commit(clone, "Begin")
    return clone


@pytest.mark.parametrize(
    ("url", "asks", "gets"),
    [
        ("https://git.example.org/a.git", "protocol=https\nhost=git.example.org", True),
        ("https://anna@git.example.org/a.git", "protocol=https\nhost=git.example.org", True),
        ("https://git.example.org:8443/a", "protocol=https\nhost=git.example.org:8443", True),
        ("https://git.example.org/a.git", "protocol=https\nhost=elsewhere.example.org", False),
        ("https://git.example.org/a.git", "protocol=https\nhost=git.example.org:8443", False),
        ("https://git.example.org/a.git", "protocol=https\nhost=git.example.org.evil", False),
        ("https://git.example.org/a.git", "protocol=http\nhost=git.example.org", False),
        ("http://git.example.org/a.git", "protocol=http\nhost=git.example.org", False),
        ("http://git.example.org/a.git", "protocol=https\nhost=git.example.org", False),
        ("ssh://git@git.example.org/a.git", "protocol=https\nhost=git.example.org", False),
        ("git@git.example.org:a.git", "protocol=https\nhost=git.example.org", False),
    ],
)
def test_the_token_is_for_the_host_of_its_remote_alone(
    clone: Path, url: str, asks: str, gets: bool
) -> None:
    run_git(clone, "remote", "set-url", "origin", url)
    command = git(str(clone), "credential", "fill", remote="origin", token_variable=TOKEN)
    done = shell(command, f"{asks}\n\n", **{TOKEN: 'a"b\\$c'})
    assert (done.returncode == 0) == gets, done.stderr
    assert ('password=a"b\\$c' in done.stdout.splitlines()) == gets
    assert 'a"b' not in command.get_raw_value()


def test_a_password_in_the_address_is_in_no_command(clone: Path) -> None:
    run_git(clone, "remote", "set-url", "origin", "https://anna:S@CRET@git.example.org/a.git")
    command = git(
        str(clone), "config", "--get-regexp", "^credential", remote="origin", token_variable=TOKEN
    )
    done = shell(command, **{TOKEN: "value"})
    assert "credential.https://git.example.org.helper" in done.stdout
    assert "CRET" not in done.stdout


def test_a_helper_of_the_operators_serves_where_the_variable_is_not_set(clone: Path) -> None:
    run_git(clone, "remote", "set-url", "origin", "https://git.example.org/a.git")
    run_git(clone, "config", "credential.helper", "!f() { echo username=u; echo password=p; }; f")
    command = git(str(clone), "credential", "fill", remote="origin", token_variable=TOKEN)
    asks = "protocol=https\nhost=git.example.org\n\n"
    assert "password=p\n" in shell(command, asks).stdout
    assert "password=value\n" in shell(command, asks, **{TOKEN: "value"}).stdout


def test_another_repository_in_the_environment_is_not_the_one(clone: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run_git(other, "init", "--quiet")
    foreign = commit(other, "Foreign")
    variables = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)}
    done = shell(git(str(clone), "log", "--format=%H"), **variables)
    assert done.stdout.strip() == run_git(clone, "rev-parse", "HEAD").strip() != foreign


def test_a_push_publishes_the_commit_and_nothing_else(clone: Path, tmp_path: Path) -> None:
    head = commit(clone, "More")
    run_git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "tag", "-a", "v1", "-m", "v1")
    ran = tmp_path / "ran"
    hook = clone / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{ran}'\nexit 1\n")
    hook.chmod(0o755)
    for name, value in (
        ("push.followTags", "true"), ("push.pushOption", "ci.skip"), ("push.gpgSign", "true"),
        ("push.recurseSubmodules", "check"),
    ):  # fmt: skip
        run_git(clone, "config", name, value)
    (clone / "dirty").write_text("not committed")
    run_git(clone, "checkout", "--quiet", "--detach")
    push = git(str(clone), "push", *ALONE, "origin", f"{head}:refs/heads/master", remote="origin")
    done = shell(push)
    assert done.returncode == 0, done.stderr
    assert not ran.exists()
    found = run_git(tmp_path / "remote.git", "for-each-ref", "--format=%(refname) %(objectname)")
    assert found == f"refs/heads/master {head}\n"


def test_replaced_commits_are_not_believed(clone: Path) -> None:
    old = run_git(clone, "rev-parse", "HEAD").strip()
    new = commit(clone, "More")
    other = commit(clone, "Other")
    run_git(clone, "replace", new, other)
    between = CommitsBetween().command(str(clone), [], old, new)
    assert "More" in shell(between).stdout


def problem(directory: Path, **environment: str) -> str:
    fact = RepositoryProblem()
    done = shell(fact.command(str(directory)), LC_ALL="C", **environment)
    assert done.returncode == 0, done.stderr
    return str(fact.process(done.stdout.splitlines()))


def test_what_is_wrong_with_a_clone_is_said(clone: Path, tmp_path: Path) -> None:
    assert problem(clone) == ""
    assert problem(tmp_path / "nowhere") == "is not there"
    commit(clone, "More")
    shallow = tmp_path / "shallow"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{clone}", str(shallow))
    assert problem(shallow).startswith("is a shallow clone: git fetch --unshallow")
    plain = tmp_path / "plain"
    plain.mkdir()
    found = problem(plain, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert found.startswith("cannot be used (not a git repository")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a clone to somebody else")
def test_a_clone_of_somebody_else_is_said(clone: Path) -> None:
    for directory in (clone, clone / ".git"):
        os.chown(directory, 65534, 65534)
    assert "cannot be used (detected dubious ownership in repository at" in problem(clone)
