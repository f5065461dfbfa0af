"""The globs of `rules:changes` and `rules:exists`, as GitLab matches them with Ruby.

That is File.fnmatch with FNM_PATHNAME, FNM_DOTMATCH and FNM_EXTGLOB, whose rules are in Ruby's
dir.c (fnmatch, fnmatch_helper, bracket); Python's libraries have those of shells. No text of a glob
is an error, and none takes more time than its length times that of the path.
https://docs.gitlab.com/ci/yaml/#ruleschanges, https://docs.ruby-lang.org/en/master/File.html
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ops.gitlab.ci.braces import BRANCH, END, Graph, graph

# GitLab stops comparing here and takes it that a file has changed
# (lib/gitlab/ci/build/rules/rule/clause/changes.rb).
MOST_COMPARISONS = 50_000


class _State(NamedTuple):
    """What is being read at a place of the glob.

    + what: one of the words below
    + negated, found: of brackets: whether they begin with `!`, and whether they hold the character
    + first: of brackets: how the beginning of a possible range compares with the character
    """

    what: str
    negated: bool = False
    found: bool = False
    first: int = 0


_INSIDE = _State("inside a name")
_BEGINNING = _State("beginning of a name")
_STAR, _STARS = _State("* at the beginning"), _State("** at the beginning")
_OPEN = _State("[")
_ITEM, _FIRST, _DASH = "item", "first", "dash"  # What comes next in brackets.

_Place = tuple[int, int, _State]


def matches(path: str, glob: str) -> bool:
    """Return whether a path matches a glob.

    `**/` stands for any number of directories, but `**` at the end only for one name, as `*` does:
    `k8s/**` is what is in k8s itself, and `k8s/**/*` also what is below it.
    """
    texts = graph(glob)
    return texts is not None and _Search(path, texts).is_found()


def any_matches(paths: Sequence[str], globs: Sequence[str]) -> bool:
    """Return whether GitLab sees a match of some globs with the paths of changed files."""
    different = list(dict.fromkeys(globs))
    if len(paths) * len(different) > MOST_COMPARISONS:
        return True
    return any(matches(path, glob) for path in paths for glob in different)


class _Search:
    def __init__(self, path: str, texts: Graph) -> None:
        self.path = path
        self.texts = texts
        self.beginnings = [0, *(n + 1 for n, character in enumerate(path) if character == "/")]

    def is_found(self) -> bool:
        todo: list[_Place] = [(0, 0, _BEGINNING)]
        seen = set(todo)
        while todo:
            node, at, state = todo.pop()
            unit = self.texts.units[node]
            if unit == END and at == len(self.path) and state in (_BEGINNING, _INSIDE):
                return True
            if unit == BRANCH:
                new = [(after, at, state) for after in self.texts.following[node]]
            else:
                new = list(self._steps(node, unit, at, state))
            todo += (place for place in new if place not in seen)
            seen.update(new)
        return False

    def _steps(self, node: int, unit: str, at: int, state: _State) -> Iterator[_Place]:
        """Yield where the search goes on; a `*` goes on in several places."""
        if unit == END:
            return
        following = self.texts.following[node]
        for after in following:
            if state == _BEGINNING:
                yield (node, at, _INSIDE)
                if unit == "*":
                    yield (after, at, _STAR)
            elif state == _STAR and unit == "*":
                yield (after, at, _STARS)
            elif state == _STARS and unit == "/":
                yield from ((after, n, _BEGINNING) for n in self.beginnings if n >= at)
            elif state == _INSIDE:
                yield from self._in_name(node, unit, at, after)
            elif state not in (_STAR, _STARS):
                yield from self._in_brackets(node, unit, at, after, state)

    def _in_name(self, node: int, unit: str, at: int, after: int) -> Iterator[_Place]:
        character = self.path[at] if at < len(self.path) else ""
        is_over = character in ("", "/")
        if unit in ("/", "\\/"):
            if character == "/":
                yield (after, at + 1, _BEGINNING)
        elif unit == "\\":  # The last character, which escapes nothing.
            yield (after, at, _INSIDE)
        elif unit == "*":
            yield (after, at, _INSIDE)
            if not is_over:
                yield (node, at + 1, _INSIDE)
        elif unit == "[":
            if not is_over:
                yield (after, at, _OPEN)
        elif not is_over and unit in ("?", character, f"\\{character}"):
            yield (after, at + 1, _INSIDE)

    def _in_brackets(
        self, node: int, unit: str, at: int, after: int, state: _State
    ) -> Iterator[_Place]:
        character = self.path[at]
        what, negated, found, first = state
        if state == _OPEN:
            negated = unit in ("!", "^")
            yield (after if negated else node, at, _State(_ITEM, negated))
        elif what == _FIRST and unit == "-":
            yield (after, at, _State(_DASH, negated, found, first))
        elif what == _FIRST:
            yield (node, at, _State(_ITEM, negated, found or first == 0))
        elif unit == "]":
            # After a dash, neither is part of a range. `[]` has no items: nothing is in it.
            has = found or (what == _DASH and (first == 0 or character == "-"))
            if has is not negated:
                yield (after, at + 1, _INSIDE)
        elif unit == "\\":
            return
        elif what == _ITEM:
            yield (after, at, _State(_FIRST, negated, found, _compared(unit[-1], character)))
        else:
            # The ends of a range are in it even where it runs backwards.
            last = _compared(unit[-1], character)
            has = found or 0 in (first, last) or (first < 0 < last)
            yield (after, at, _State(_ITEM, negated, has))


def _compared(one: str, other: str) -> int:
    return (one > other) - (one < other)
