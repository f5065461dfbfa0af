"""Commits as a stream for `git fast-import`: one process makes any number of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class NewCommit:
    """A commit to make.

    + files: new content by path; None removes the file
    + executable: the files among them that are programs
    """

    branch: str
    message: str
    author: tuple[str, str]
    time: datetime
    files: Mapping[str, bytes | None]
    parent: str | None = None
    executable: frozenset[str] = field(default_factory=frozenset)


def stream(commits: Sequence[NewCommit], resets: Mapping[str, int] | None = None) -> bytes:
    """Return the commits for fast-import.

    + resets: branches that are set to one of the commits, by its place in the list
    """
    parts = [_commit(number, commit) for number, commit in enumerate(commits, 1)]
    for branch, place in (resets or {}).items():
        parts.append(f"reset refs/heads/{branch}\nfrom :{place + 1}\n\n".encode())
    return b"".join([*parts, b"done\n"])


def _commit(mark: int, commit: NewCommit) -> bytes:
    name, email = commit.author
    who = f"{name} <{email}> {int(commit.time.timestamp())} +0000"
    head = f"commit refs/heads/{commit.branch}\nmark :{mark}\nauthor {who}\ncommitter {who}\n"
    parts = [head.encode(), _data(commit.message.encode())]
    if commit.parent is not None:
        parts.append(f"from {commit.parent}\n".encode())
    for path, content in commit.files.items():
        if content is None:
            parts.append(f"D {_quote(path)}\n".encode())
            continue
        mode = "100755" if path in commit.executable else "100644"
        parts += [f"M {mode} inline {_quote(path)}\n".encode(), _data(content)]
    return b"".join([*parts, b"\n"])


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _quote(path: str) -> str:
    text = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'
