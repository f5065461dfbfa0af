"""What a site hands in of its repository: where it is, and its history."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from lab.git.fast_import import NewCommit

# before commit N, in a file, what matches this, read like that
Earlier = tuple[int, str, str, str]


@dataclass(frozen=True)
class History:
    """The commits of a repository: the same ones, with the same SHAs, at each start.

    + files: folder with all files as they are in the end
    + branch: where CI runs; all commits are on it
    + archive: the branch that lags behind, at commit number `archived`
    + commits: message, and the files that it touches
    + earlier: what files read like before some of the commits
    + people: who makes the commits, by turns: name and address
    + start: when the day before the first one was
    + executable: files that are programs
    """

    files: Path
    branch: str
    archive: str
    archived: int
    commits: Sequence[tuple[str, Sequence[str]]]
    earlier: Sequence[Earlier]
    people: Sequence[tuple[str, str]]
    start: datetime
    executable: frozenset[str] = frozenset()

    def made(self) -> list[NewCommit]:
        """Return all commits, the oldest first."""
        return [self._commit(number) for number in range(1, len(self.commits) + 1)]

    def content(self, path: str, number: int) -> bytes:
        """Return a file as it is after commit `number`."""
        text = (self.files / path).read_text()
        for change, changed, pattern, earlier in self.earlier:
            if changed == path and change > number:
                text = re.sub(pattern, earlier, text, flags=re.DOTALL)
        return text.encode()

    def _commit(self, number: int) -> NewCommit:
        message, paths = self.commits[number - 1]
        return NewCommit(
            branch=self.branch,
            message=f"{message}\n",
            author=self.people[number % len(self.people)],
            time=self.start + timedelta(days=number, minutes=17 * number),
            files={path: self.content(path, number) for path in paths},
            executable=self.executable,
        )


@dataclass(frozen=True)
class Beginning:
    """The remotes, and the operator's clone.

    + paths: path of the repository by the name of the server, `gitlab` being one of them
    + clone: name of the operator's clone
    + names: what the clone calls a server, where that is not its name
    """

    history: History
    paths: Mapping[str, str]
    clone: str
    names: Mapping[str, str] = field(default_factory=dict)
