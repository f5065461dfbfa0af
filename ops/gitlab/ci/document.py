"""The YAML of a .gitlab-ci.yml as GitLab's Ruby reads it, where each part knows its lines.

That is YAML 1.1, read by the same library (libyaml) as Ruby's Psych does, with Psych's own ways: of
a key that stands twice the last one is taken, and a merge key (`<<`) overrides what stands before
it in the mapping. lib/gitlab/config/loader/yaml.rb and multi_doc_yaml.rb in
https://gitlab.com/gitlab-org/gitlab, https://github.com/ruby/psych (visitors/to_ruby.rb)
"""

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.composer import Composer

from ops.api.unchangeable import Unchangeable

DEEPEST = 100  # GitLab takes no more levels (MAX_YAML_DEPTH).
_TOO_DEEP = f"it has more than {DEEPEST} levels, or a part that is in itself"
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")}
_MERGE = "<<"


class _Loader(Composer, _PARSER):  # type: ignore[misc]
    """Read events as fast as libyaml does; an anchor may stand twice, and the last one counts."""

    def __init__(self, text: str) -> None:
        _PARSER.__init__(self, text)
        Composer.__init__(self)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        self.depth += 1
        if self.depth > DEEPEST + 1:
            raise Unchangeable(_TOO_DEEP)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class Entries(dict[Any, Any]):
    """A mapping; `line` is where it begins."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.has_inputs = False  # Whether a header `spec:` declares some; of a document alone.


class Items(list[Any]):
    """A list; `nodes` are its items in the text, `is_flow` is one in brackets."""

    def __init__(self, node: yaml.SequenceNode) -> None:
        super().__init__()
        self.line = node.start_mark.line + 1
        self.nodes: list[yaml.Node] = node.value
        self.is_flow = bool(node.flow_style)


class Reference(Items):
    """A `!reference`: the way to another part of the document."""


def read(text: str) -> Entries:
    """Return the document with the jobs, without the header `spec:`; raise Unchangeable.

    The values of its inputs are not put in: `$[[ inputs.x ]]` stays as it is written.
    """
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=_Loader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise Unchangeable(f"it is no YAML{f' in line {mark.line + 1}' if mark else ''}") from None
    except (yaml.YAMLError, ValueError):  # Characters that no YAML has.
        raise Unchangeable("it is no YAML: it has characters that are not allowed") from None
    documents = [_Reader().value(node) for node in nodes[:2]]
    header: Any = None
    if len(documents) > 1 and isinstance(documents[0], Entries) and "spec" in documents[0]:
        header, *documents = documents
    if not documents or not isinstance(documents[0], Entries):
        raise Unchangeable("it is no mapping of jobs")
    spec = header["spec"] if header else None
    documents[0].has_inputs = isinstance(spec, Entries) and bool(spec.get("inputs"))
    return documents[0]


class _Reader:
    def __init__(self) -> None:
        self.known: dict[int, Any] = {}  # What stands behind an anchor is one part, used twice.
        self.constructor = yaml.SafeLoader("")

    def value(self, node: yaml.Node, depth: int = 0) -> Any:
        if depth > DEEPEST:
            raise Unchangeable(_TOO_DEEP)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) not in self.known:
            part = (
                self._entries(node, depth)
                if isinstance(node, yaml.MappingNode)
                else self._items(node, depth)
            )
            self.known[id(node)] = part
        return self.known[id(node)]

    def _items(self, node: yaml.Node, depth: int) -> Items:
        assert isinstance(node, yaml.SequenceNode)
        items = Reference(node) if node.tag == "!reference" else Items(node)
        items += [self.value(item, depth + 1) for item in node.value]
        return items

    def _entries(self, node: yaml.MappingNode, depth: int) -> Entries:
        entries = Entries(node.start_mark.line + 1)
        for key_node, value_node in node.value:
            key = self.value(key_node, depth + 1)
            value = self.value(value_node, depth + 1)
            merged = list(_merged(value)) if key == _MERGE else []
            if merged:
                for other in merged:
                    entries.update(other)
            elif isinstance(key, str | int | float | None):
                entries[key] = value
        return entries

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag not in _PLAIN:
            return node.value
        try:
            return self.constructor.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return node.value


def _merged(value: Any) -> Iterator[Entries]:
    """Yield the mappings of a merge key, those last that come first: they override the others."""
    values = [value] if isinstance(value, Entries) else value
    if isinstance(values, list) and all(isinstance(part, Entries) for part in values):
        yield from reversed(values)
