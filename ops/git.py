"""Operations on branches of git remotes, run in the operator's clone (https://git-scm.com/docs)."""

from collections.abc import Iterator, Sequence

from pyinfra import host
from pyinfra.api import StringCommand
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State
from typing_extensions import override

from ops.api.action import Action
from ops.api.console import report
from ops.api.git import git
from ops.api.operation import operation, read
from ops.facts.git import CommitsBetween, RemoteBranches
from ops.watch import READ_ERRORS, ask

MOST_COMMITS = 20

# What the preview has shown: the run pushes this commit and not a newer one.
_previewed: dict[tuple[str, str], str] = {}


@operation
def branch_forwarded(
    directory: str, remotes: Sequence[str], source: str, target: str
) -> Iterator[PyinfraCommand]:
    """
    Fast-forward a branch to another one's commit, on several remotes; never a forced push.

    + directory: a clone that knows the remotes
    + remotes: their names; the commit comes from the first one
    + source: name of the branch whose commit is wanted
    + target: name of the branch that is moved

    Each remote is pushed to on its own: what one refuses is reported with its words, and the others
    are done all the same (with `_continue_on_error=True`). A branch that has diverged fails.

    **Example:**

    ```python
    git.branch_forwarded(
        name="Fast-forward master to development",
        directory="clone",
        remotes=["gitlab", "github"],
        source="development",
        target="master",
        _continue_on_error=True,
    )
    ```
    """
    branches = {r: read(host, RemoteBranches, directory=directory, remote=r) for r in remotes}
    wanted = branches[remotes[0]].get(source)
    if wanted is None:
        yield Action(f"fail: {remotes[0]} has no branch {source}", _fail)
        return
    wanted = _previewed.setdefault((host.name, source), wanted)
    behind = [remote for remote in remotes if branches[remote].get(target) != wanted]
    if not behind:
        host.noop(f"{target} is at {wanted[:8]} on {' and '.join(remotes)}")
        return
    for remote in behind:
        old = branches[remote].get(target)
        if old is None:
            yield Action(f"fail: {remote} has no branch {target}", _fail)
            continue
        commits = read(
            host, CommitsBetween, directory=directory, old=old, new=wanted,
            fetched=[(remotes[0], source), (remote, target)],
        )  # fmt: skip
        diverged = [line for line in commits if line.startswith("<")]
        if diverged:
            text = f"{target} of {remote} has {len(diverged)} commits that {source} has not"
            yield Action(f"fail: {text}: no fast-forward", _fail, changes=diverged[:MOST_COMMITS])
            continue
        yield Push(directory, remote, target, old, wanted, commits)
        yield Action(f"see that {remote} has it", _see, directory, remote, target, wanted)


class Push(StringCommand):
    """Push one commit to one branch of one remote; only a fast-forward is accepted."""

    def __init__(
        self,
        directory: str,
        remote: str,
        branch: str,
        old: str,
        new: str,
        commits: Sequence[str],
    ) -> None:
        more = [f"… and {len(commits) - MOST_COMMITS} more"] if len(commits) > MOST_COMMITS else []
        self.changes = [
            f"{branch} of {remote}: {old[:8]} -> {new[:8]}",
            *(line.replace("> ", "+ ", 1) for line in commits[:MOST_COMMITS]),
            *more,
        ]
        self.summary = f"git push {remote} {new[:8]}:refs/heads/{branch}"
        command = git(
            directory, remote, "push", "--porcelain", remote, f"{new}:refs/heads/{branch}"
        )
        super().__init__(command)

    @override
    def __str__(self) -> str:
        return self.summary


def _see(state: State, host: Host, directory: str, remote: str, branch: str, commit: str) -> bool:
    try:
        there = ask(host, RemoteBranches, directory=directory, remote=remote).get(branch)
    except READ_ERRORS as error:
        report(host, [f"{remote} could not be asked whether it has the commit: {error}"])
        return False
    if there != commit:
        report(host, [f"{branch} of {remote} is at {str(there)[:8]}, and not at {commit[:8]}"])
        return False
    report(host, [f"{branch} of {remote} is at {commit[:8]}"])
    return True


def _fail(state: State, host: Host) -> bool:
    return False
