"""Values of variables in a .gitlab-ci.yml, replaced exactly where they stand.

In `variables` of the file, of jobs and of rules, and in lines `export NAME=...` of scripts.
https://docs.gitlab.com/ci/yaml/#variables
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from ops.api.line import Line, change
from ops.api.unchangeable import Unchangeable

SCRIPTS = ("script", "before_script", "after_script")
EXPORT = r"""\bexport[ \t]+(\w+)=("[^"\n]*"|'[^'\n]*'|[^\s;&|"']*)"""


@dataclass(frozen=True)
class Assignment:
    """A place where a variable gets its value.

    + name: of the variable
    + start, end: where the value stands in the text, with its quotes
    + line: its number, from 1 on
    + raw: the value with its quotes
    """

    name: str
    start: int
    end: int
    line: int
    raw: str

    @property
    def quote(self) -> str:
        """Return the quote around the value, or nothing."""
        return self.raw[:1] if self.raw[:1] in ('"', "'") else ""

    @property
    def value(self) -> str:
        """Return the value without its quotes."""
        return self.raw[1:-1] if self.quote else self.raw

    @property
    def is_expression(self) -> bool:
        """Return whether it takes its value from another variable."""
        return "$" in self.raw or "`" in self.raw


def with_assignments(text: str, wanted: Mapping[str, str], where: str) -> str:
    """Return the configuration with other values of variables, in all places that set them.

    + text: the configuration
    + wanted: for each name its value
    + where: path of the file, for messages

    An expression stays. Raises Unchangeable where nothing sets one of the names, or where the value
    is written in a form that cannot be replaced.
    """
    new = text
    for place in reversed(assignments(text, wanted, where)):
        if not place.is_expression:
            quote = place.quote or ("" if wanted[place.name] else '"')
            value = f"{quote}{wanted[place.name]}{quote}"
            new = new[: place.start] + value + new[place.end :]
    if lines := differences(new, wanted, where):
        raise Unchangeable(f"{where} cannot be changed: {lines[0]}")
    return new


def differences(text: str, wanted: Mapping[str, str], where: str) -> list[Line]:
    """Return a line for each place that has another value; an expression is none."""
    return [
        change(
            f"{where}: line {place.line}: {place.name}", place.value, wanted[place.name],
            f"{place.value} -> {wanted[place.name]}",
        )
        for place in assignments(text, wanted, where)
        if not place.is_expression and place.value != wanted[place.name]
    ]  # fmt: skip


def expressions(text: str, wanted: Mapping[str, str], where: str) -> list[str]:
    """Return a line for each place that takes its value from another variable."""
    return [
        f"{where}: line {place.line}: {place.name} is the expression {place.raw}, and stays"
        for place in assignments(text, wanted, where)
        if place.is_expression
    ]


def assignments(text: str, names: Mapping[str, str], where: str) -> list[Assignment]:
    """Return the places that set some variables, in the order of the file."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Unchangeable(f"{where} is no YAML: {' '.join(str(error).split())}") from None
    places = {place.start: place for place in _places(text, root, set(), where, names)}
    found = {place.name for place in places.values()}
    for name in names:
        if name not in found:
            raise Unchangeable(f"{where} does not set {name}: {_seen(root, found)}")
    return [places[start] for start in sorted(places) if places[start].name in names]


def _seen(root: yaml.Node | None, found: set[str]) -> str:
    names = f"it sets {', '.join(sorted(found)) or 'no variable'}"
    keys = [key.value for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
    included = ", and it includes other files, where it may be" if "include" in keys else ""
    return names + included


def _places(
    text: str, node: yaml.Node | None, visited: set[int], where: str, names: Mapping[str, str]
) -> Iterator[Assignment]:
    """Return the places below a node, each once: an anchor is there as often as it is used."""
    if node is None or id(node) in visited or isinstance(node, yaml.ScalarNode):
        return
    visited.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _places(text, item, visited, where, names)
        return
    for key, value in node.value:
        if key.value == "variables":
            yield from _variables(text, value, where, names)
        elif key.value in SCRIPTS:
            yield from _exports(text, value, where, names)
        else:
            yield from _places(text, value, visited, where, names)


def _variables(
    text: str, node: yaml.Node, where: str, names: Mapping[str, str]
) -> Iterator[Assignment]:
    if isinstance(node, yaml.SequenceNode):  # Several mappings to merge.
        for item in node.value:
            yield from _variables(text, item, where, names)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.value == "<<":
            yield from _variables(text, value, where, names)
            continue
        long = isinstance(value, yaml.MappingNode)
        inner = [v for k, v in value.value if k.value == "value"] if long else [value]
        for scalar in inner:
            if isinstance(scalar, yaml.ScalarNode):
                start, end = scalar.start_mark.index, scalar.end_mark.index
                place = Assignment(
                    key.value, start, end, scalar.start_mark.line + 1, text[start:end]
                )
                if key.value in names:
                    _check(place, key.start_mark.index, where)
                yield place


def _check(place: Assignment, key: int, where: str) -> None:
    """Raise Unchangeable where a value is an anchor, an alias, a block or has a tag."""
    if place.start < key or place.raw[:1] in ("&", "!", "|", ">") or "\n" in place.raw:
        raise Unchangeable(
            f"{where}: {place.name} in line {place.line} is no value on its own line, but an"
            " anchor, an alias, a tag or a block: write it as it is meant"
        )


def _exports(
    text: str, node: yaml.Node, where: str, names: Mapping[str, str]
) -> Iterator[Assignment]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _exports(text, item, where, names)
    if not isinstance(node, yaml.ScalarNode):
        return
    for match in re.compile(EXPORT).finditer(text, node.start_mark.index, node.end_mark.index):
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not re.search(r"(?:^|\s)#", before):
            line = text.count("\n", 0, match.start()) + 1
            # A word of several quoted parts is not one value, and an escaped quote is none.
            goes_on = text[match.end() : match.end() + 1] in ('"', "'", "\\")
            in_parts = goes_on and match.end() + 1 < node.end_mark.index
            if match[1] in names and (in_parts or "\\" in match[2]):
                raise Unchangeable(f"{where}: line {line}: the value of {match[1]} is in parts")
            yield Assignment(match[1], match.start(2), match.end(2), line, match[2])
