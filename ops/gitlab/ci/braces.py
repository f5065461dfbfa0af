"""A glob as Ruby reads its characters: what is escaped, and which texts the braces stand for.

Ruby expands braces into texts before it matches, so twenty pairs are a million texts. Here they
become the branches of a graph, which grows with the length of the glob.
https://github.com/ruby/ruby/blob/master/dir.c (ruby_brace_expand)
"""

import functools
import re
from dataclasses import dataclass

# A character, one that is escaped, or a last backslash, which escapes nothing.
_UNIT = re.compile(r"\\.|.", re.DOTALL)
BRANCH = ""
END = "end"


@dataclass(frozen=True)
class Graph:
    """The texts of a glob: each way from the first node to the last one spells one of them.

    + units: what stands at each node: a character, one with its backslash, BRANCH or END
    + following: the nodes after each node
    """

    units: tuple[str, ...]
    following: tuple[tuple[int, ...], ...]


@functools.lru_cache(maxsize=512)
def graph(glob: str) -> Graph | None:
    """Return the texts of a glob, or None where it stands for none: a brace is not closed."""
    return _Builder().graph(glob)


class _Builder:
    def __init__(self) -> None:
        self.units = [BRANCH]
        self.following: list[list[int]] = [[]]
        self.last = 0
        self.groups: list[tuple[int, list[int]]] = []  # Where each begins, and its ends so far.

    def graph(self, glob: str) -> Graph | None:
        for unit in _UNIT.findall(glob):
            if unit == "{":
                self._add(BRANCH)
                self.groups.append((self.last, []))
            elif unit == "," and self.groups:
                self._end_alternative()
            elif unit == "}" and self.groups:
                self._close()
            else:
                self._add(unit)
        if self.groups:
            return None
        self._add(END)
        return Graph(tuple(self.units), tuple(map(tuple, self.following)))

    def _add(self, unit: str) -> None:
        self.units.append(unit)
        self.following.append([])
        self.following[self.last].append(len(self.units) - 1)
        self.last = len(self.units) - 1

    def _end_alternative(self) -> None:
        beginning, ends = self.groups[-1]
        ends.append(self.last)
        self.last = beginning

    def _close(self) -> None:
        self._end_alternative()
        _, ends = self.groups.pop()
        self.last = ends.pop()
        self._add(BRANCH)
        for end in ends:
            self.following[end].append(self.last)
