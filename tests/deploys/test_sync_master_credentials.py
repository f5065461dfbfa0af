"""deploys/sync_master.py: tokens, credential helpers and clones."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
from processes import process_list, reads_processes
from remotes import REMOTES, clone, run_git, url
from sync_site import BEHIND, RECEIVE, pushes

pytestmark = pytest.mark.usefixtures("never_forced")


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
    code, output = pyinfra.deploy("sync_master", "--dry", "-v", OPERATOR_CLONE=str(bare))
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
    line, _ = [line for line in output.splitlines() if "nowhere" in line]  # And the verdict.
    assert "~/nowhere is not there, so nothing is pushed. Set OPERATOR_CLONE to a" in line
    assert "Traceback" not in output


def test_a_source_that_does_not_exist_is_said(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("sync_master", "--dry", "--data", "ci_branch=nowhere")
    assert code == 1
    assert "gitlab has no branch nowhere" in output
