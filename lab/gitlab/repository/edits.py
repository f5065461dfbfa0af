"""Commits that the API makes: their actions, and the reasons for which GitLab refuses them.

After lib/api/files.rb, lib/api/commits.rb and app/services/files/.
"""

import base64
import binascii
from typing import Any

from lab.git.process import GitFailed
from lab.git.repository import Repository
from lab.server.refused import Refused

NO_BRANCH = "You can only create or edit files when you are on a branch"
NOT_ALLOWED = "You are not allowed to push into this branch"
STALE_FILE = "You are attempting to update a file that has changed since you started editing it."
ROOT = ("root", "admin@gitlab.comdare.de")
ACTIONS = ("create", "update", "delete")


async def update_file(repository: Repository, path: str, given: dict[str, Any]) -> tuple[str, str]:
    """Change one file as PUT /repository/files/:path does; return the old and the new SHA."""
    for name in ("branch", "commit_message", "content"):
        if given.get(name) is None:
            raise Refused(400, f"{name} is missing", "error")
    old = _head(repository, given)
    await _require(repository, old, path, "update")
    if given.get("last_commit_id") not in (None, await repository.last_commit(old, path)):
        raise Refused(400, STALE_FILE)
    return old, await _write(repository, given, old, {path: _content(given)})


async def commit(repository: Repository, given: dict[str, Any]) -> tuple[str, str]:
    """Make a commit of actions as POST /repository/commits does; return the old and the new SHA."""
    for name in ("branch", "commit_message", "actions"):
        if not given.get(name):
            raise Refused(400, f"{name} is missing", "error")
    old = _head(repository, given)
    files: dict[str, bytes | None] = {}
    for action in given["actions"]:
        path, kind = action.get("file_path", ""), action.get("action")
        if kind in ("move", "chmod"):
            raise Refused(501, f"the lab does not simulate the action {kind}")
        if kind not in ACTIONS:
            raise Refused(400, "actions[0][action] does not have a valid value", "error")
        if not path:
            raise Refused(400, "actions[0][file_path] is missing", "error")
        await _require(repository, old, path, kind)
        last = action.get("last_commit_id")
        if kind != "create" and last not in (None, await repository.last_commit(old, path)):
            text = f"The file has changed since you started editing it: {path}"
            raise Refused(400, text)
        files[path] = None if kind == "delete" else _content(action)
    return old, await _write(repository, given, old, files)


def _head(repository: Repository, given: dict[str, Any]) -> str:
    branch = given["branch"]
    for name in ("start_branch", "start_sha", "force"):
        if given.get(name) not in (None, False, branch):
            raise Refused(501, f"the lab does not simulate {name}")
    heads = repository.heads()
    if branch not in heads:
        raise Refused(400, NO_BRANCH)
    if branch in repository.refused():
        raise Refused(400, NOT_ALLOWED)
    return heads[branch]


async def _require(repository: Repository, ref: str, path: str, kind: str) -> None:
    exists = await repository.file(ref, path) is not None
    if kind == "create" and exists:
        raise Refused(400, "A file with this name already exists")
    if kind != "create" and not exists:
        raise Refused(400, "A file with this name doesn't exist")


def _content(given: dict[str, Any]) -> bytes:
    text = str(given.get("content") or "")
    if given.get("encoding", "text") != "base64":
        return text.encode()
    try:
        return base64.b64decode(text)
    except binascii.Error:
        raise Refused(400, "content is invalid", "error") from None


async def _write(
    repository: Repository, given: dict[str, Any], old: str, files: dict[str, bytes | None]
) -> str:
    author = (given.get("author_name") or ROOT[0], given.get("author_email") or ROOT[1])
    try:
        return await repository.write(given["branch"], given["commit_message"], files, author, old)
    except GitFailed:
        text = "Could not update the branch: it was moved meanwhile. Please try again."
        raise Refused(400, text) from None
