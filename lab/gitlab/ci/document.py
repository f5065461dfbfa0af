"""The YAML of `.gitlab-ci.yml`, with what stands in other places put where it is meant.

That is merge keys as Ruby's Psych has them (a later one overrides what stands before it),
`!reference` and `extends`. After https://docs.gitlab.com/ci/yaml/yaml_optimization/.
"""

import copy
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

DEEPEST = 10  # levels of `extends`, of references, and of lists in lists


class Invalid(Exception):
    """The file is not valid; the arguments are the messages."""


class Reference(list[Any]):
    """A `!reference`: the way to another part of the document."""


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)  # To Psych the last one counts.
        return super().compose_node(parent, index)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key, value in node.value:
        part = loader.construct_object(value, deep=True)
        if key.tag == "tag:yaml.org,2002:merge":
            for other in reversed(part if isinstance(part, list) else [part]):
                result.update(other)
        else:
            result[loader.construct_object(key, deep=True)] = part
    return result


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _reference(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> Reference:
    return Reference(loader.construct_sequence(node, deep=True))


_Loader.add_constructor("!reference", _reference)


def resolved(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which references are what they refer to; raise Invalid."""
    return {name: _resolved(value, document, 0) for name, value in document.items()}


def parts(text: str) -> tuple[Any, Any]:
    """Return the document with the jobs as it is written, and the header with `spec` before it.

    Either is None where there is none; raise Invalid.
    """
    try:
        documents = copy.deepcopy(_parsed(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise Invalid(f"(<unknown>): {error.problem}{place}") from None
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise Invalid(f"(<unknown>): {error}") from None
    has_header = len(documents) > 1 and isinstance(documents[0], dict) and "spec" in documents[0]
    if has_header:
        return documents[1], documents[0]
    return (documents[0] if documents else None), None


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> list[Any]:
    """Parse YAML once: each reset makes six pipelines of the same file, half a second of work."""
    return [d for d in yaml.load_all(text, _Loader) if d is not None]


def _resolved(value: Any, document: dict[str, Any], depth: int) -> Any:
    if isinstance(value, Reference):
        if depth > DEEPEST:
            raise Invalid(f"!reference {list(value)!r} is part of a circular chain")
        return _resolved(_at(value, document), document, depth + 1)
    if isinstance(value, dict):
        return {key: _resolved(part, document, depth) for key, part in value.items()}
    if isinstance(value, list):
        return [_resolved(part, document, depth) for part in value]
    return value


def _at(way: Reference, document: dict[str, Any]) -> Any:
    part: Any = document
    for key in way:
        part = part.get(key) if isinstance(part, dict) else None
        if part is None:
            raise Invalid(f"!reference {list(way)!r} could not be found")
    return part


def extended(name: str, entries: dict[str, Any], seen: tuple[str, ...] = ()) -> Any:
    """Return a job with what it inherits; raise Invalid."""
    job = entries.get(name)
    if not isinstance(job, dict):
        return job
    if "extends" not in job:
        return _given(job)
    parents = job["extends"]
    result: dict[str, Any] = {}
    for parent in [parents] if isinstance(parents, str) else parents:
        if parent not in entries:
            raise Invalid(f"{name}: unknown keys in `extends` ({parent})")
        if parent in seen:
            raise Invalid(f"{name}: circular dependency detected in `extends`")
        if len(seen) > DEEPEST:
            raise Invalid(f"{name}: nesting too deep in `extends`")
        result = merged(result, extended(parent, entries, (*seen, name)))
    return _given(merged(result, {key: value for key, value in job.items() if key != "extends"}))


def _given(job: dict[str, Any]) -> dict[str, Any]:
    """Return a job without what has no value: `null` takes away what it inherits."""
    return {key: value for key, value in job.items() if value is not None}


def merged(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with another one over it, key by key."""
    result = copy.copy(base)
    for key, value in top.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def flat(values: Any) -> Sequence[Any]:
    """Return a list without the lists in it."""
    return list(_flat(values, 0)) if isinstance(values, list) else [values]


def _flat(values: list[Any], depth: int) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list) and depth < DEEPEST:
            yield from _flat(value, depth + 1)
        else:
            yield value
