"""Operations on branches of git remotes, run in the operator's clone (https://git-scm.com/docs)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api import guards
from ops.api.action import Action, failure
from ops.api.console import report, report_problem, report_progress, report_proof
from ops.api.line import change
from ops.api.operation import operation, read
from ops.git.commands import git
from ops.git.facts import CommitsBetween, RemoteBranches, RepositoryProblem
from ops.gitlab import own_commits
from ops.http.watch import READ_ERRORS, ask

MOST_COMMITS = 20
# Nothing but its branch is pushed, whatever the configuration of the clone adds.
ALONE = ("--no-follow-tags", "--no-signed", "--recurse-submodules=no")


@dataclass(frozen=True)
class Clone:
    """A clone, and the variables with the tokens of its remotes."""

    directory: str
    token_variables: Mapping[str, str]

    def token_variable(self, remote: str) -> str:
        """Return the variable with the token of a remote, or an empty text."""
        return self.token_variables.get(remote, "")

    def at(self, remote: str) -> dict[str, Any]:
        """Return the arguments of a fact about one remote."""
        variable = self.token_variable(remote)
        where = {"directory": self.directory, "remote": remote}
        return {**where, "token_variable": variable} if variable else where

    def both(self) -> dict[str, Any]:
        """Return the arguments of a fact about several remotes."""
        variables = self.token_variables
        where: dict[str, Any] = {"directory": self.directory}
        return {**where, "token_variables": variables} if variables else where


# What the preview has shown: the run pushes this commit, and not a newer one of somebody else's.
_previewed: dict[tuple[str, str], str] = {}


@operation
def fast_forward(
    directory: str,
    remotes: Sequence[str],
    source: str,
    targets: Sequence[str],
    token_variables: Mapping[str, str] | None = None,
) -> Iterator[PyinfraCommand]:
    """
    Fast-forward branches to another one's commit, on several remotes; never a forced push.

    + directory: a clone, or a bare repository, that knows the remotes
    + remotes: their names; the commit comes from the first one
    + source: name of the branch whose commit is wanted
    + targets: names of the branches that are moved
    + token_variables: variable with the token of a remote; without one, and where it is not set,
      git's own configuration serves

    Each branch of each remote is pushed to on its own, and looked at afterwards. What one refuses
    is reported with its words, and the others are done all the same (`_continue_on_error=True`).
    One that somebody has forwarded further since the preview has the commit, and is left as it is.
    A branch that has diverged fails, and so does a remote that cannot be read, unless it is the
    first one: then nothing is known, and OperationError is raised, as where there is no directory.

    **Example:**

    ```python
    branches.fast_forward(
        name="Fast-forward master to development",
        directory="clone",
        remotes=["gitlab", "github"],
        source="development",
        targets=["master"],
        _continue_on_error=True,
    )
    ```
    """
    if problem := read(host, RepositoryProblem, directory=directory):
        raise OperationError(
            f"{host.name}: {directory} {problem}, so nothing is pushed. Set OPERATOR_CLONE to a"
            f" repository with the remotes {', '.join(remotes)}; docs/sync_master.md makes one"
        )
    clone = Clone(directory, token_variables or {})
    branches, unreadable = _read(clone, remotes)
    newest = branches[remotes[0]].get(source)
    if newest is None:
        raise OperationError(f"{host.name}: {remotes[0]} has no branch {source}")
    wanted = own_commits.newest(_previewed.setdefault((host.name, source), newest))
    behind = [(r, t) for r in branches for t in targets if branches[r].get(t) != wanted]
    # Somebody may have pushed since the preview: the source itself is never moved back to it.
    behind = [place for place in behind if place != (remotes[0], source)]
    names, places = " and ".join(targets), " and ".join(remotes)
    if _comes_after_own_commits(source):
        yield _later(source, " and ".join(target for target in targets if target != source))
    if not behind and not unreadable:
        host.noop(f"{names} are at {wanted[:8]} on {places}")
        return
    steps = [
        step
        for remote, target in behind
        for step in _forward(clone, remotes[0], source, remote, target, branches, wanted)
    ]
    steps += [
        failure(host, f"{remote} cannot be read, and is left as it is") for remote in unreadable
    ]
    if not steps:
        host.noop(f"{names} are at {wanted[:8]} or ahead on {places}")
    yield from steps


def _comes_after_own_commits(source: str) -> bool:
    run = context.ctx_inventory.get()
    return not context.state.is_executing and own_commits.is_planned(run, source)


def _later(source: str, targets: str) -> Action:
    text = f"the commits that this run makes on {source} go to {targets}, too: unknown until run"
    action = Action("see which those are", lambda state, host: True, changes=[text])
    action.unknown_until_run = True
    return action


def _read(clone: Clone, remotes: Sequence[str]) -> tuple[dict[str, Mapping[str, str]], list[str]]:
    """Return the branches of the remotes, and the names of those that could not be read."""
    branches, unreadable = {}, []
    for remote in remotes:
        try:
            branches[remote] = read(host, RemoteBranches, **clone.at(remote))
        except OperationError:
            if remote == remotes[0]:
                raise
            unreadable.append(remote)
    return branches, unreadable


def _forward(
    clone: Clone,
    origin: str,
    source: str,
    remote: str,
    target: str,
    branches: Mapping[str, Mapping[str, str]],
    wanted: str,
) -> Iterator[Action]:
    old = branches[remote].get(target)
    if old is None:
        yield failure(host, f"{remote} has no branch {target}")
        return
    fetched = [(origin, source), (remote, target)]
    where = {**clone.both(), "fetched": fetched, "old": old}
    between = read(host, CommitsBetween, **where, new=wanted)
    diverged = _foreign(between)
    if diverged == between:  # It has the commit, and others: of the source, or foreign ones.
        newest = branches[origin][source]
        diverged = _foreign(
            read(host, CommitsBetween, **where, new=newest) if old != newest else []
        )
        if not diverged:
            report(host, [f"{target} of {remote} is ahead, at {old[:8]}"])
            return
    if diverged:
        number = f"{len(diverged)} commit{'s' if len(diverged) > 1 else ''}"
        text = f"{target} of {remote} has {number} that {source} has not: no fast-forward"
        yield failure(host, text, diverged[:MOST_COMMITS])
        return
    more = [f"… and {len(between) - MOST_COMMITS} more"] if len(between) > MOST_COMMITS else []
    yield Action(
        f"git push {remote} {wanted[:8]}:refs/heads/{target}, and see that it is there",
        _push,
        clone,
        remote,
        target,
        wanted,
        changes=[
            change(f"{target} of {remote}", old, wanted, f"{old[:8]} -> {wanted[:8]}"),
            *(line.replace("> ", "+ ", 1) for line in between[:MOST_COMMITS]),
            *more,
        ],
    )


def _foreign(between: Sequence[str]) -> list[str]:
    return [line for line in between if line.startswith("<")]


def _push(state: State, host: Host, clone: Clone, remote: str, branch: str, commit: str) -> bool:
    """Push a commit to a branch, which accepts a fast-forward only; what is there then, counts."""
    if reason := guards.refusal(host):
        report_problem(host, [reason])
        return False
    place = f"{commit}:refs/heads/{branch}"
    push = ("push", "--porcelain", *ALONE, remote, place)
    token = clone.token_variable(remote)
    done, output = host.run_shell_command(
        git(clone.directory, *push, remote=remote, token_variable=token)
    )
    if not done:
        report_progress(host, [*output.stdout_lines, *output.stderr_lines])
    try:
        there = ask(host, RemoteBranches, **clone.at(remote)).get(branch)
    except READ_ERRORS as error:
        report_problem(host, [f"{remote} could not be asked whether it has the commit: {error}"])
        return False
    if there != commit:
        report_problem(
            host, [f"{branch} of {remote} is at {str(there)[:8]}, and not at {commit[:8]}"]
        )
        return False
    report_proof(host, f"{branch} of {remote} is at {commit[:8]}")
    return True
