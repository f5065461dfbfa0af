"""deploys/sync_master.py against the practice site's two remotes, with a real git."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from confirmed import run_confirmed
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from processes import kill_all_of, process_list, reads_processes
from remotes import REMOTES, clone, run_git, url

BEHIND = [
    "Require SASL for Kafka",
    "Wait longer for Redis",
    "Take the password of Kafka from the environment",
    "Measure Kafka",
    "Run the experiments in CI, one database after the other",
]
RECEIVE = "/git-receive-pack$"


def git(lab: Lab, *arguments: str) -> str:
    return run_git(clone(lab), *arguments).strip()


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


def pushes(lab: Lab) -> list[tuple[str, str]]:
    """The remote and the branch of each push that was sent, as the request log has them."""
    return [
        (request["system"], update["ref"].removeprefix("refs/heads/"))
        for request in lab.requests(mutating="true")
        for update in (request["body"] or {}).get("updates", [])
    ]


@pytest.fixture
def start(lab: Lab) -> str:
    """The commit of `development` at the beginning; `master` is five commits behind."""
    return lab.environment["SASL_REQUIRED_COMMIT"]


@pytest.fixture(autouse=True)
def never_forced(lab: Lab) -> Iterator[None]:
    """No push that was sent, whether it was taken or not, would have lost a commit."""
    yield
    for request in lab.requests(mutating="true"):
        for update in (request["body"] or {}).get("updates", []):
            git(lab, "merge-base", "--is-ancestor", update["old"], update["new"])


def test_the_preview_shows_the_commits_and_pushes_nothing(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = lab.project()["branches"]
    old = before["gitlab"]["master"]
    code, output = pyinfra.deploy("sync_master", "--dry")
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


def diverge(lab: Lab, remote: str) -> None:
    lab.fault(action="diverge", remote=remote, branch="master")


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


@pytest.fixture
def tokens(lab: Lab) -> list[str]:
    return [lab.environment["GITLAB_TOKEN"], lab.environment["GITHUB_TOKEN"]]


@reads_processes
def test_the_tokens_are_in_no_process_list_output_or_file(
    lab: Lab, pyinfra: Pyinfra, tokens: list[str]
) -> None:
    (pyinfra.directory / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    for remote in REMOTES:
        lab.fault(system=remote, path=RECEIVE, action="apply_then_hang", seconds=1)
    process = pyinfra.start("inventory.py", "deploys/sync_master.py", "-y", "-vvv")
    seen: list[str] = []
    output = None
    while output is None:
        seen.append(process_list())
        with suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(timeout=0.1)
    assert any("push --porcelain" in listing for listing in seen), output
    files = [path for top in (pyinfra.directory, clone(lab)) for path in top.rglob("*")]
    assert clone(lab) / ".git" / "config" in files
    for token in tokens:
        assert token not in output
        assert not any(token in listing for listing in seen)
        assert not [f for f in files if f.is_file() and token.encode() in f.read_bytes()]
        assert token not in str(lab.requests())


def test_without_a_token_the_credential_helper_of_the_operator_serves(
    lab: Lab, pyinfra: Pyinfra, start: str, tokens: list[str]
) -> None:
    port = urlsplit(url(lab, "github")).port
    store = pyinfra.directory / ".git-credentials"
    store.write_text(f"https://me:{tokens[1]}@localhost%3a{port}\n")
    (pyinfra.directory / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    code, output = pyinfra.deploy("sync_master", "-y", GITHUB_TOKEN="")
    assert code == 0, output
    assert lab.heads("github")["master"] == start
    assert tokens[0] not in store.read_text()


def test_without_any_credentials_nobody_is_asked(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("sync_master", "-y", GITHUB_TOKEN="")
    assert code == 1
    assert "terminal prompts disabled" in output
    assert pushes(lab) == [("gitlab", "master")]


def test_the_clone_may_be_below_the_home_directory(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    (pyinfra.directory / "my clone").symlink_to(lab.environment["OPERATOR_CLONE"])
    code, output = pyinfra.deploy("sync_master", "-y", OPERATOR_CLONE="~/my clone")
    assert code == 0, output
    assert lab.heads("github")["master"] == start


def commands_of_the_docs() -> str:
    """The commands of docs/sync_master.md that make a bare repository."""
    text = (ROOT / "docs" / "sync_master.md").read_text()
    _, _, section = text.partition("## A bare repository")
    return "\n".join(re.findall(r"^ {4}(.+)$", section, re.MULTILINE))


def keep_credentials(lab: Lab, pyinfra: Pyinfra, commands: str) -> None:
    """Let git find the lab at the addresses in some commands, with the tokens of an operator."""
    lines, credentials = ["[credential]", "\thelper = store"], []
    for remote, address in re.findall(r"remote add (\w+) (\S+)", commands):
        parts = urlsplit(url(lab, remote))
        lines += [f'[url "{url(lab, remote)}"]', f"\tinsteadOf = {address}"]
        token = lab.environment[f"{remote.upper()}_TOKEN"]
        credentials.append(f"https://me:{token}@{parts.hostname}%3a{parts.port}\n")
    (pyinfra.directory / ".gitconfig").write_text("\n".join([*lines, ""]))
    (pyinfra.directory / ".git-credentials").write_text("".join(credentials))


def test_a_bare_repository_that_is_made_as_the_docs_say_serves(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    commands = commands_of_the_docs()
    keep_credentials(lab, pyinfra, commands)
    made = subprocess.run(
        ["sh", "-euc", f'{commands}\necho "$OPERATOR_CLONE"'],
        env=pyinfra.environment,
        stdout=subprocess.PIPE,
        check=True,
        timeout=LIMIT,
        text=True,
    )
    bare = Path(made.stdout.splitlines()[-1])
    assert run_git(bare, "rev-parse", "--is-bare-repository").strip() == "true"
    references = run_git(bare, "for-each-ref")
    assert all(f"refs/remotes/{remote}/master" in references for remote in REMOTES)
    code, output = pyinfra.deploy("sync_master", "--dry", OPERATOR_CLONE=str(bare))
    assert code == 0, output
    assert all(output.count(title) == 2 for title in BEHIND)
    assert run_git(bare, "for-each-ref") == references
    code, output = pyinfra.deploy("sync_master", "-y", OPERATOR_CLONE=str(bare))
    assert code == 0, output
    for remote in REMOTES:
        assert lab.heads(remote) == {"development": start, "master": start}
    before = len(lab.mutations())
    code, output = pyinfra.deploy("sync_master", "-y", OPERATOR_CLONE=str(bare))
    assert (code, len(lab.mutations())) == (0, before), output


def test_a_clone_that_is_not_there_is_said_in_one_line(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("sync_master", "--dry", OPERATOR_CLONE="~/nowhere")
    assert code == 1
    [line] = [line for line in output.splitlines() if "nowhere" in line]
    assert "~/nowhere is not there, so nothing is pushed. Set OPERATOR_CLONE to a" in line
    assert "Traceback" not in output


def test_a_source_that_does_not_exist_is_said(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("sync_master", "--dry", "--data", "ci_branch=nowhere")
    assert code == 1
    assert "gitlab has no branch nowhere" in output
