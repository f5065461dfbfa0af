"""The practice site's git remotes answer a real git client.

Covered: the operator's clone, credentials from outside of the URL, fetches, pushes and their
refusals, the request log, faults, and that a reset brings everything back.
"""

import base64
import gzip
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_process import Lab
from limits import LIMIT

HELPER = '!f() { test "$1" = get && echo username=oauth2 && echo "password=$TOKEN"; }; f'


class Git:
    """git in a clone, as an operator would use it: credentials come from a helper."""

    def __init__(self, lab: Lab, directory: Path, home: Path) -> None:
        self.directory = directory
        self.tokens = {
            "gitlab": lab.environment["GITLAB_TOKEN"],
            "github": lab.environment["GITHUB_TOKEN"],
        }
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSL_CAINFO": lab.environment["GIT_SSL_CAINFO"],
            "no_proxy": lab.environment["no_proxy"],
            "EMAIL": "operator@comdare.de",
        }

    def run(self, *arguments: str, token: str = "") -> tuple[int, str]:
        done = subprocess.run(
            ["git", "-c", f"credential.helper={HELPER}", *arguments],
            cwd=self.directory,
            env={**self.environment, "TOKEN": token},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
        )
        return done.returncode, done.stdout

    def to(self, remote: str, verb: str, *arguments: str) -> tuple[int, str]:
        return self.run(verb, remote, *arguments, token=self.tokens[remote])

    def read(self, *arguments: str) -> str:
        code, output = self.run(*arguments)
        assert code == 0, output
        return output.strip()

    def commit(self, path: str, text: str) -> str:
        (self.directory / path).write_text(text)
        self.read("commit", "--all", "--message", "Change it")
        return self.read("rev-parse", "HEAD")


@pytest.fixture
def git(lab: Lab, tmp_path: Path) -> Iterator[Git]:
    yield Git(lab, Path(lab.environment["OPERATOR_CLONE"]), tmp_path)


def test_the_clone_is_clean_on_development_and_its_urls_have_no_credentials(
    lab: Lab, git: Git
) -> None:
    assert git.read("status", "--porcelain", "--branch") == "## development...gitlab/development"
    assert git.read("rev-parse", "HEAD") == lab.environment["SASL_REQUIRED_COMMIT"]
    assert git.read("remote").split() == ["github", "gitlab"]
    for remote in ("gitlab", "github"):
        url = git.read("remote", "get-url", remote)
        assert url.startswith("https://localhost:")
        assert lab.heads(remote)["development"] == lab.environment["SASL_REQUIRED_COMMIT"]
    assert lab.heads("gitlab") == lab.heads("github")


def test_the_history_is_the_same_at_each_start_and_master_is_behind(lab: Lab, git: Git) -> None:
    heads = lab.heads("gitlab")
    # Fixed authors and dates: who changes a file of lab/site/dedup/project changes it on purpose.
    assert heads["development"].startswith("89c0025")
    behind = git.read("rev-list", "--count", f"{heads['master']}..{heads['development']}")
    assert behind == "5"
    git.read("merge-base", "--is-ancestor", heads["master"], heads["development"])


@pytest.mark.parametrize("remote", ["gitlab", "github"])
def test_without_the_right_token_there_is_nothing_to_see(git: Git, lab: Lab, remote: str) -> None:
    code, output = git.run("fetch", remote, token="wrong")
    assert code != 0
    assert "Authentication failed" in output
    assert {r["status"] for r in lab.requests(system=remote)} == {401}


def test_a_clone_can_be_made_of_the_url(git: Git, tmp_path: Path) -> None:
    url = git.read("remote", "get-url", "gitlab")
    code, output = git.run("clone", url, str(tmp_path / "new"), token=git.tokens["gitlab"])
    assert code == 0, output
    assert (tmp_path / "new" / "k8s" / "base" / "configmap.yaml").exists()


@pytest.mark.parametrize("remote", ["gitlab", "github"])
def test_master_is_fast_forwarded(lab: Lab, git: Git, remote: str) -> None:
    code, output = git.to(remote, "push", "development:master")
    assert code == 0, output
    heads = lab.heads(remote)
    assert heads["master"] == heads["development"]
    assert len(lab.pipelines()) == 6  # A push to master makes no pipeline.
    [push] = lab.requests(system=remote, mutating="true")
    assert push["path"].endswith("/git-receive-pack")
    assert push["body"]["updates"][0]["ref"] == "refs/heads/master"
    assert git.tokens[remote] not in str(lab.requests())


def test_many_branches_are_pushed_at_once(lab: Lab, git: Git) -> None:
    names = [f"feature/{number:02}" for number in range(20)]
    for name in names:
        git.read("branch", name)
    code, output = git.to("gitlab", "push", *names)
    assert code == 0, output
    assert set(names) < set(lab.heads("gitlab"))


def test_a_compressed_request_is_understood(lab: Lab, git: Git) -> None:
    token = base64.b64encode(f"any:{git.tokens['gitlab']}".encode()).decode()
    request = urllib.request.Request(
        f"{git.read('remote', 'get-url', 'gitlab')}/git-upload-pack",
        gzip.compress(b"0014command=ls-refs\n00010000"),
        {
            "Authorization": f"Basic {token}",
            "Content-Encoding": "gzip",
            "Content-Type": "application/x-git-upload-pack-request",
            "Git-Protocol": "version=2",
        },
    )
    context = ssl.create_default_context(cafile=lab.environment["GIT_SSL_CAINFO"])
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    with opener.open(request, timeout=30) as answer:
        assert b"refs/heads/master" in answer.read()


def test_gitlab_refuses_a_push_to_a_protected_branch(lab: Lab, git: Git) -> None:
    lab.fault(action="set", gitlab_refuses=["master"])
    before = lab.heads("gitlab")
    code, output = git.to("gitlab", "push", "development:master")
    assert code != 0
    assert "remote: GitLab: You are not allowed to push code to protected branches" in output
    assert "! [remote rejected] development -> master (pre-receive hook declined)" in output
    assert lab.heads("gitlab") == before
    lab.fault(action="set", gitlab_refuses=[])
    assert git.to("gitlab", "push", "development:master")[0] == 0


def test_the_push_protection_of_github_refuses(lab: Lab, git: Git) -> None:
    lab.fault(action="set", github_refuses=["master"])
    before = lab.heads("github")
    code, output = git.to("github", "push", "development:master")
    assert code != 0
    title = "GH013: Repository rule violations found for refs/heads/master."
    assert f"remote: error: {title}" in output
    assert "(push declined due to repository rule violations)" in output
    assert lab.heads("github") == before


def test_a_diverged_remote_takes_no_push_and_no_force(lab: Lab, git: Git) -> None:
    lab.fault(action="diverge", remote="github", branch="master")
    foreign = lab.heads("github")["master"]
    assert foreign != lab.heads("gitlab")["master"]
    code, output = git.to("github", "push", "development:master")
    assert code != 0
    assert "(fetch first)" in output
    git.to("github", "fetch")
    code, output = git.to("github", "push", "development:master")
    assert "(non-fast-forward)" in output
    code, output = git.to("github", "push", "--force", "development:master")
    assert code != 0
    assert "[remote rejected] development -> master (non-fast-forward)" in output
    assert lab.heads("github")["master"] == foreign


def test_a_fault_stops_a_push(lab: Lab, git: Git) -> None:
    lab.fault(system="github", path="git-receive-pack", action="status", status=503)
    code, output = git.to("github", "push", "development:master")
    assert code != 0
    assert "503" in output
    assert lab.heads("github")["master"] == lab.heads("gitlab")["master"]


def test_a_reset_brings_the_remotes_and_the_clone_back(lab: Lab, git: Git) -> None:
    before = lab.heads("gitlab")
    git.commit("README.md", "changed\n")
    git.to("gitlab", "push", "development")
    lab.fault(action="commit", remote="github", branch="master")
    lab.reset()
    assert lab.heads("gitlab") == lab.heads("github") == before
    assert git.read("status", "--porcelain") == ""
    assert git.read("rev-parse", "HEAD") == before["development"]
