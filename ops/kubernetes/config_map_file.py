"""A text inside of a YAML file of a ConfigMap, written as a block: read, and changed in place."""

from collections.abc import Iterator, Sequence

import yaml

from ops.api.json_text import Replacement, replaced
from ops.api.unchangeable import Unchangeable


def read_key(text: str, key: str, where: str) -> str:
    """Return the text of a key of the ConfigMap in a YAML file.

    + text: the file, which may have several documents
    + key: of the ConfigMap's data
    + where: what to call the file in a message

    Raises Unchangeable in words where there is not exactly one.
    """
    return str(_node(text, key, where).value)


def with_replacements(text: str, key: str, parts: Sequence[Replacement], where: str) -> str:
    """Return the file with parts of a key's text replaced; all else stays to the last character.

    + text, key, where: as in `read_key`
    + parts: where the key's text is changed, in its order; what is new there has no line ends

    Raises Unchangeable where the key's text is no literal block (`key: |`).
    """
    if not parts:
        return text
    node = _node(text, key, where)
    if node.style != "|":
        raise Unchangeable(f"{where}: {key} is no literal block (`{key}: |`)")
    value = str(node.value)
    begin = text.index("\n", node.start_mark.index) + 1
    lines = _Lines(text[begin : node.end_mark.index], value)
    if lines.indent is None:
        raise Unchangeable(f"{where}: the block of {key} has a form that cannot be changed")
    moved = [
        Replacement(begin + lines.outside(part.start), begin + lines.outside(part.end), part.text)
        for part in parts
    ]
    new = replaced(text, moved)
    if read_key(new, key, where) != replaced(value, parts):
        raise Unchangeable(f"{where}: the block of {key} has a form that cannot be changed")
    return new


class _Lines:
    """The lines of a block, and how they stand in the file.

    `indent` is how far they are indented there, or None where that is not understood.
    """

    def __init__(self, block: str, value: str) -> None:
        self.inside = value.rstrip("\n").split("\n")
        self.file = block.split("\n")
        self.indent = self._indent()

    def _indent(self) -> int | None:
        found = [line.removesuffix("\r") for line in self.file[: len(self.inside)]]
        for line, inside in zip(found, self.inside, strict=True):
            if inside.strip():
                indent = len(line) - len(inside)
                break
        else:
            return None
        same = all(a[indent:] == b for a, b in zip(found, self.inside, strict=True))
        return indent if indent > 0 and same else None

    def outside(self, position: int) -> int:
        """Return the position in the file's block of one in the text."""
        number = "\n".join(self.inside)[:position].count("\n")
        column = position - sum(len(line) + 1 for line in self.inside[:number])
        before = sum(len(line) + 1 for line in self.file[:number])
        return before + (self.indent or 0) + column


def _node(text: str, key: str, where: str) -> yaml.ScalarNode:
    """Return the value of the key, which knows where it stands."""
    try:
        documents = [d for d in yaml.compose_all(text, Loader=yaml.SafeLoader) if d is not None]
    except (yaml.YAMLError, ValueError):
        raise Unchangeable(f"{where} is no YAML") from None
    maps = [document for document in documents if _is_config_map(document)]
    found = [node for m in maps for data in _values(m, "data") for node in _values(data, key)]
    if len(found) == 1 and isinstance(found[0], yaml.ScalarNode):
        return found[0]
    if len(found) > 1:
        lines = ", ".join(str(node.start_mark.line + 1) for node in found)
        raise Unchangeable(f"{where} has {key} {len(found)} times, in the lines {lines}")
    keys = [k for m in maps for data in _values(m, "data") for k in _keys(data)]
    text = f"{where} has no ConfigMap with a text {key}: of {len(documents)} documents"
    raise Unchangeable(f"{text}, {len(maps)} are ConfigMaps, with {', '.join(keys) or 'no keys'}")


def _is_config_map(document: yaml.Node) -> bool:
    return [node.value for node in _values(document, "kind")] in ([], ["ConfigMap"])


def _values(node: yaml.Node, name: str) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        yield from (value for key, value in node.value if key.value == name)


def _keys(node: yaml.Node) -> list[str]:
    return [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
