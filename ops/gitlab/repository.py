"""Operations on the files of a project's repository, through GitLab.

https://docs.gitlab.com/api/commits/, https://docs.gitlab.com/api/lint/
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pyinfra import context, host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError

from ops.api.difference import difference
from ops.api.operation import operation, read
from ops.api.reverse import Reverse
from ops.api.secret import Secret
from ops.api.unchangeable import Unchangeable
from ops.gitlab import own_commits
from ops.gitlab.facts.repository import BranchHead, CiLint, File, RepositoryFile
from ops.gitlab.merged import errors
from ops.http.request import Request, get


@operation
def commit(
    branch: str,
    message: str,
    edits: Mapping[str, Callable[[str], str]],
    lint: str | None = None,
    changes: Sequence[str] | None = None,
) -> Iterator[PyinfraCommand]:
    """
    Edit files of a branch, in one commit.

    + branch: name of the branch
    + message: of the commit
    + edits: for each path a function from the file's text to the wanted text; it is called with the
      text as it is when the commit is made, so that nobody's change in between is lost
    + lint: path of the file that is a CI configuration, which GitLab checks before the commit
    + changes: what the preview shows in the place of the texts, where those hold a secret

    GitLab refuses the commit when one of the files was changed since it was read. Raises
    OperationValueError where a file does not exist, or where the CI configuration is not valid.

    **Example:**

    ```python
    repository.commit(
        name="Set Kafka's port",
        branch="development",
        message="Use Kafka's port with SASL",
        edits={"src/cpp/config.example.json": lambda text: text.replace("9092", "9094")},
    )
    ```
    """
    texts = {path: _read_and_edit(path, edit, branch) for path, edit in edits.items()}
    changed = {path: pair for path, pair in texts.items() if pair[0].text != pair[1]}
    if not changed:
        host.noop(f"{', '.join(edits)}: as wanted on {branch}")
        return
    if lint is not None:
        _check(read(host, CiLint, content=texts[lint][1]), lint)
    before = read(host, BranchHead, branch=branch)["id"]
    actions = [
        {
            "action": "update",
            "file_path": path,
            "content": text if changes is None else Secret(text),
            "last_commit_id": live.last_commit_id,
        }
        for path, (live, text) in changed.items()
    ]
    body = {"branch": branch, "commit_message": message, "actions": actions}
    path = f"{host.data.gitlab_path}/repository"

    def committed(listed: Any) -> Any | None:
        new = [c for c in listed if c["message"].strip() == message.strip()]
        return next((commit for commit in new if before in commit["parent_ids"]), None)

    if changes is None:
        pairs = [difference({p: live.text}, {p: text}) for p, (live, text) in changed.items()]
        changes = [line for lines in pairs for line in lines]
    own_commits.plan(context.ctx_inventory.get(), branch)
    request = Request(
        "POST",
        f"{path}/commits",
        body,
        changes=changes,
        lookup=get(f"{path}/commits", ref_name=branch, per_page=20),
        found=committed,
        done=own_commits.remember,
    )
    never = f"a commit stays on {branch}: git revert it there, and push that"
    yield request.taken_back_by(Reverse(never=never))


def _read_and_edit(path: str, edit: Callable[[str], str], branch: str) -> tuple[File, str]:
    """Return a file of a branch as it is, and the wanted text."""
    live = read(host, RepositoryFile, path=path, ref=branch)
    if live is None:
        raise OperationValueError(f"{host.name}: {branch} has no file {path}")
    try:
        return live, edit(live.text)
    except Unchangeable as error:
        raise OperationValueError(f"{host.name}: {path} of {branch}: {error}") from None


def _check(result: Mapping[str, Any], path: str) -> None:
    if not result["valid"]:
        raise OperationValueError(
            f"{host.name}: GitLab does not accept the new {path}: {errors(result)}"
        )
