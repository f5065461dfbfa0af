"""Differences between commits, as GitLab shows them (lib/api/entities/diff.rb)."""

import re
from typing import Any

from lab.git.repository import Repository

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
HEADERS = re.compile(r"\A.*?(?=^@@ |\Z)", re.DOTALL | re.MULTILINE)


async def of_commit(repository: Repository, sha: str, parents: list[str]) -> list[dict[str, Any]]:
    """Return what a commit changes, against its first parent."""
    return await between(repository, parents[0] if parents else EMPTY_TREE, sha)


async def between(repository: Repository, old: str, new: str) -> list[dict[str, Any]]:
    """Return the files in which two commits differ."""
    raw = await repository.run("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new)
    text = await repository.run("diff-tree", "-r", "-p", "--no-color", "--no-renames", old, new)
    patches = re.split(r"^diff --git .*\n", text, flags=re.MULTILINE)[1:]
    fields = raw.split("\0")[:-1]
    rows = zip(fields[::2], fields[1::2], patches, strict=True)
    return [_entry(meta, path, patch) for meta, path, patch in rows]


async def stats(repository: Repository, old: str, new: str) -> dict[str, int]:
    """Return how many lines were added and deleted."""
    output = await repository.run("diff-tree", "-r", "--numstat", "--no-renames", old, new)
    rows = [line.split("\t") for line in output.splitlines()]
    added, deleted = (sum(int(row[n]) for row in rows if row[n].isdigit()) for n in (0, 1))
    return {"additions": added, "deletions": deleted, "total": added + deleted}


def _entry(meta: str, path: str, patch: str) -> dict[str, Any]:
    old_mode, new_mode, _, _, kind = meta.removeprefix(":").split()
    return {
        "diff": HEADERS.sub("", patch, count=1),
        "collapsed": False,
        "too_large": False,
        "new_path": path,
        "old_path": path,
        "a_mode": old_mode,
        "b_mode": new_mode,
        "new_file": kind == "A",
        "renamed_file": False,
        "deleted_file": kind == "D",
        "generated_file": None,
    }
