"""Facts of git repositories, on a host with a shell: what remotes have, how commits relate."""

from collections.abc import Iterable, Mapping, Sequence

from pyinfra.api import QuoteString, StringCommand
from typing_extensions import override

from ops.api.form import WrongForm
from ops.api.strict_fact import CommandFact
from ops.git.commands import git, path


class RepositoryProblem(CommandFact):
    """Return why a directory is no repository in which histories can be compared, or an empty text.

    + directory: its path

    ```python
    "is a shallow clone: git fetch --unshallow REMOTE makes it whole"
    ```
    """

    @override
    def command(self, directory: str) -> StringCommand:
        asked = git(directory, "rev-parse", "--is-shallow-repository")
        there = StringCommand("if test -d", path(directory))
        return StringCommand(there, "; then", asked, "2>&1 || true; else echo none; fi")

    @override
    def parse(self, output: Iterable[str]) -> str:
        """Read what git says: `false`, `true`, or in words why it does not work there."""
        said = [line for line in output if line.strip()] or ["git said nothing"]
        known = {
            "false": "",
            "true": "is a shallow clone: git fetch --unshallow REMOTE makes it whole",
            "none": "is not there",
        }
        return known.get(said[0], f"cannot be used ({said[0].removeprefix('fatal: ')})")


class RemoteBranches(CommandFact):
    """Return the branches of a remote and their commits (`git ls-remote`).

    + directory: a clone that knows the remote
    + remote: its name
    + token_variable: variable with its token, if it has one

    ```python
    {"development": "3719896…", "master": "ddf2281…"}
    ```
    """

    @override
    def command(self, directory: str, remote: str, token_variable: str = "") -> StringCommand:
        asked = ("ls-remote", "--heads", remote)
        return git(directory, *asked, remote=remote, token_variable=token_variable)

    @override
    def parse(self, output: Iterable[str]) -> dict[str, str]:
        """Read lines of the form `commit<TAB>refs/heads/branch`."""
        pairs = [line.split("\t") for line in output if line.strip()]
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}


class CommitsBetween(CommandFact):
    """Return the commits that one commit has and another one has not, newest first.

    + directory: a clone
    + fetched: remotes and branches that hold the commits; objects are stored, no reference moves
    + old, new: the commits
    + token_variables: variable with the token of a remote, for those that have one

    A commit that `old` has and `new` has not makes them diverged; it begins with `<`.

    ```python
    ["> 3719896 Use SASL for Kafka", "> 1b2c3d4 Add the experiment"]
    ```
    """

    seconds = 300

    @override
    def command(
        self,
        directory: str,
        fetched: Sequence[tuple[str, str]],
        old: str,
        new: str,
        token_variables: Mapping[str, str] | None = None,
    ) -> StringCommand:
        variables = token_variables or {}
        fetch = [
            git(directory, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=",
                "--no-prune", "--no-recurse-submodules", "--no-auto-gc",
                remote, f"refs/heads/{branch}",
                remote=remote, token_variable=variables.get(remote, ""))
            for remote, branch in fetched
        ]  # fmt: skip
        log = git(
            directory,
            "log",
            "--no-show-signature",
            "--left-right",
            "--format=%m %h %s",
            f"{old}...{new}",
        )
        end = StringCommand("echo", QuoteString("."))
        return StringCommand(*fetch, log, end, _separator=" && ")

    @override
    def parse(self, output: Iterable[str]) -> list[str]:
        """Read all lines but the last, which tells that the output is whole."""
        lines = list(output)
        if not lines or lines[-1] != ".":
            raise WrongForm("git log was cut off")
        return lines[:-1]
