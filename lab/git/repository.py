"""A bare git repository: what GitLab's API reads and writes, with git itself."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.git.fast_import import NewCommit, stream
from lab.git.process import GitFailed, git

FIELDS = "%H%x00%P%x00%s%x00%B%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x1e"
NAMES = (
    "id", "parents", "title", "message", "author_name", "author_email", "authored_date",
    "committer_name", "committer_email", "committed_date",
)  # fmt: skip
HEADS = "refs/heads/"

Commit = dict[str, Any]


@dataclass(frozen=True)
class File:
    """A file of a commit."""

    path: str
    mode: str
    blob: str
    content: bytes
    commit: str
    last_commit: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


class Repository:
    """Branches, commits and files of a bare repository; it knows nothing of HTTP."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._writing = asyncio.Lock()

    async def run(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git in this repository and return what it prints."""
        output = await git("--git-dir", str(self.directory), *arguments, stdin=stdin)
        return output.decode(errors="replace")

    def heads(self) -> dict[str, str]:
        """Return the SHA of each branch, without a process: `GET /state` asks often."""
        found = {}
        packed = self.directory / "packed-refs"
        for line in packed.read_text().splitlines() if packed.exists() else []:
            sha, _, ref = line.partition(" ")
            if ref.startswith(HEADS):
                found[ref.removeprefix(HEADS)] = sha
        loose = self.directory / HEADS
        for file in loose.rglob("*"):
            if file.is_file() and file.suffix != ".lock":
                found[str(file.relative_to(loose))] = file.read_text().strip()
        return dict(sorted(found.items()))

    def refused(self) -> list[str]:
        """Return the branches that nobody may push to; the hook reads the same file."""
        file = self.directory / "refused"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line.removeprefix(HEADS) for line in lines]

    def refuse(self, branches: list[str]) -> None:
        """Let nobody push to these branches."""
        text = "".join(f"{HEADS}{branch}\n" for branch in branches)
        (self.directory / "refused").write_text(text)

    async def resolve(self, ref: str) -> str | None:
        """Return the SHA of the commit that a branch or a SHA names, or None."""
        if ref.startswith("-") or not ref:
            return None
        for name in (f"{HEADS}{ref}", ref):
            try:
                answer = await self.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
                return answer.strip()
            except GitFailed:
                continue
        return None

    async def commits(self, revisions: str, *arguments: str, path: str = "") -> list[Commit]:
        """Return the commits of a range, the newest first, all or those that changed a path."""
        paths = ["--", path] if path else ["--"]
        output = await self.run("log", f"--format={FIELDS}", *arguments, revisions, *paths)
        return [_commit(record) for record in output.split("\x1e")[:-1]]

    async def commit(self, sha: str) -> Commit:
        """Return one commit."""
        [commit] = await self.commits(sha, "-1")
        return commit

    async def file(self, ref: str, path: str) -> File | None:
        """Return a file of a commit, or None where there is none."""
        entry = await self.run("ls-tree", "-z", ref, "--", path)
        meta, _, name = entry.rstrip("\0").partition("\t")
        if name != path or " blob " not in meta:
            return None
        mode, _, blob = meta.split()
        content = await git("--git-dir", str(self.directory), "cat-file", "blob", blob)
        last = await self.last_commit(ref, path)
        return File(path, mode, blob, content, ref, last)

    async def last_commit(self, ref: str, path: str) -> str:
        """Return the SHA of the last commit that changed a path, or an empty text."""
        return (await self.run("log", "-1", "--format=%H", ref, "--", path)).strip()

    async def tree(self, ref: str, path: str, recursive: bool) -> list[list[str]]:
        """Return mode, type, blob and path of what is in a directory."""
        options = ["-r", "-t"] if recursive else []
        where = ["--", f"{path.strip('/')}/"] if path.strip("/") else []
        output = await self.run("ls-tree", "-z", *options, ref, *where)
        entries = (entry.partition("\t") for entry in output.split("\0") if entry)
        return [[*meta.split(), name] for meta, _, name in entries]

    async def changed(self, old: str, new: str) -> list[str]:
        """Return the paths in which two commits differ."""
        output = await self.run("diff", "--name-only", "--no-renames", "-z", old, new, "--")
        return [path for path in output.split("\0") if path]

    async def merge_base(self, first: str, *others: str) -> str | None:
        """Return the best common ancestor, or None."""
        try:
            return (await self.run("merge-base", first, *others)).strip()
        except GitFailed:
            return None

    async def write(
        self,
        branch: str,
        message: str,
        files: Mapping[str, bytes | None],
        author: tuple[str, str],
        parent: str,
    ) -> str:
        """Put a commit on a branch and return its SHA; fail where the branch moved meanwhile."""
        executable = {path for path in files if await self._is_executable(parent, path)}
        commit = NewCommit(
            branch, message, author, datetime.now(UTC), files, parent, frozenset(executable)
        )
        async with self._writing:
            await self.run("fast-import", "--quiet", "--done", stdin=stream([commit]))
        return self.heads()[branch]

    async def _is_executable(self, ref: str, path: str) -> bool:
        return (await self.run("ls-tree", ref, "--", path)).startswith("100755")


def _commit(record: str) -> Commit:
    commit: Commit = dict(zip(NAMES, record.lstrip("\n").split("\0"), strict=True))
    commit["parents"] = commit["parents"].split()
    return commit
