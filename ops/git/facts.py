"""Facts of git repositories, on a host with a shell: what remotes have, how commits relate."""

from collections.abc import Iterable, Mapping, Sequence

from pyinfra.api import QuoteString, StringCommand
from pyinfra.api.exceptions import FactProcessError
from typing_extensions import override

from ops.api.strict_fact import CommandFact
from ops.git.commands import git, path


class IsDirectory(CommandFact):
    """Return whether there is a directory.

    + directory: its path
    """

    @override
    def command(self, directory: str) -> StringCommand:
        return StringCommand("test -d", path(directory), "&& echo true || echo false")

    @override
    def process(self, output: Iterable[str]) -> bool:
        return list(output) == ["true"]


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
        return git(directory, token_variable, "ls-remote", "--heads", remote)

    @override
    def process(self, output: Iterable[str]) -> dict[str, str]:
        """Read lines of the form `commit<TAB>refs/heads/branch`."""
        try:
            pairs = [line.split("\t") for line in output if line.strip()]
            return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}
        except ValueError:
            raise FactProcessError("git ls-remote printed something else") from None


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
            git(directory, variables.get(remote, ""), "fetch", "--quiet", "--no-tags",
                "--no-write-fetch-head", "--refmap=", remote, f"refs/heads/{branch}")
            for remote, branch in fetched
        ]  # fmt: skip
        log = git(directory, "", "log", "--left-right", "--format=%m %h %s", f"{old}...{new}")
        end = StringCommand("echo", QuoteString("."))
        return StringCommand(*fetch, log, end, _separator=" && ")

    @override
    def process(self, output: Iterable[str]) -> list[str]:
        """Read all lines but the last, which tells that the output is whole."""
        lines = list(output)
        if not lines or lines[-1] != ".":
            raise FactProcessError("git log printed something else")
        return lines[:-1]
