"""The jobs of a .gitlab-ci.yml with what they inherit, and the lines where their rules stand.

`!reference` is looked up in the file as it stands, and then `extends` merges: mappings key by key,
lists as a whole. lib/gitlab/ci/config/ (yaml/tags, extendable, entry/rules.rb) in
https://gitlab.com/gitlab-org/gitlab, https://docs.gitlab.com/ci/yaml/#extends
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.document import Entries, Items, Reference, read

# Keys of the document that are no jobs.
GLOBAL = frozenset({
    "default", "include", "before_script", "image", "services", "after_script", "variables",
    "stages", "types", "cache", "workflow", "spec",
})  # fmt: skip
# Nested more deeply, GitLab refuses `extends`, `!reference` and the lists of rules.
_DEEPEST = 10
_MOST_PARTS = 10_000  # of a list of rules


@dataclass(frozen=True)
class Rule:
    """A rule of a job or of the workflow.

    + number: its place in the list, from 1
    + content: its keywords
    + line: where it stands in the file; 0 where that is not known
    """

    number: int
    content: Mapping[str, Any]
    line: int


def load(text: str) -> "Configuration":
    """Return the configuration; raise Unchangeable in words."""
    return Configuration(read(text))


def load_merged(text: str) -> "Configuration":
    """Return the configuration that GitLab's merged view shows; its lines are those of no file."""
    return Configuration(read(text), has_lines=False)


class Configuration:
    """A configuration as it is written in one file; its methods raise Unchangeable.

    + entries: the document
    + has_lines: whether its lines are those of the file
    """

    def __init__(self, entries: Entries, has_lines: bool = True) -> None:
        self.entries, self.has_lines = entries, has_lines
        self._referred: dict[int, Any] = {}
        self._on_the_way: set[int] = set()
        self._jobs: dict[str, Mapping[str, Any]] = {}

    def names(self) -> list[str]:
        """Return the names of the jobs that can be in a pipeline, in the order of the file."""
        return [
            name
            for name, entry in self.entries.items()
            if isinstance(name, str) and isinstance(self.resolved(entry), Entries)
            if name not in GLOBAL and not name.startswith(".")
        ]

    @property
    def is_whole(self) -> bool:
        """Whether the file says all: it includes nothing and has no inputs, else GitLab is asked.

        Its merged view (`ci/lint`) has what is included, and the values of the inputs.
        """
        return not self.includes() and not self.entries.has_inputs

    def includes(self) -> list[str]:
        """Return what is included, such as `template: a.yml` or `project: a/b, file: c.yml`."""
        included = self.entries.get("include")
        return [_words(part) for part in (included if isinstance(included, list) else [included])
                if part is not None]  # fmt: skip

    def job(self, name: str) -> Mapping[str, Any]:
        """Return the keywords of a job, or of a hidden one, with those that it inherits."""
        if name not in self.entries:
            raise Unchangeable(f"it has no job {name}{self._elsewhere()}")
        return self._extended(name, ())

    def job_rules(self, name: str) -> list[Rule] | None:
        """Return the rules of a job in their order, or None where it has none."""
        found = self.job(name).get("rules")
        return None if found is None else self._rules(found)

    def workflow_rules(self) -> list[Rule] | None:
        """Return the rules of the workflow, or None where it has none."""
        workflow = self.resolved(self.entries.get("workflow"))
        found = workflow.get("rules") if isinstance(workflow, Mapping) else None
        return None if found is None else self._rules(found)

    def on_new_commit(self) -> str:
        """Return what GitLab cancels of a pipeline when a newer one is made, as it calls it."""
        workflow = self.resolved(self.entries.get("workflow"))
        found = workflow.get("auto_cancel") if isinstance(workflow, Mapping) else None
        how = found.get("on_new_commit") if isinstance(found, Mapping) else None
        return str(how or "conservative")

    def resolved(self, value: Any) -> Any:
        """Return a value, or what it refers to."""
        if not isinstance(value, Reference):
            return value
        if id(value) not in self._referred:
            way = ", ".join(map(str, value))
            if id(value) in self._on_the_way or len(self._on_the_way) > _DEEPEST:
                raise Unchangeable(f"!reference [{way}] goes round in a circle")
            self._on_the_way.add(id(value))
            try:
                part = self._at(value)
            finally:
                self._on_the_way.remove(id(value))
            if part is None:
                raise Unchangeable(f"!reference [{way}] leads nowhere{self._elsewhere()}")
            self._referred[id(value)] = part
        return self._referred[id(value)]

    def _at(self, way: Reference) -> Any:
        part: Any = self.entries
        for key in way:
            part = self.resolved(part)
            part = part.get(key) if isinstance(part, Mapping) and isinstance(key, str) else None
        return self.resolved(part)

    def _elsewhere(self) -> str:
        included = self.includes()
        return f"; it may be in what is included: {'; '.join(included)}" if included else ""

    def _extended(self, name: str, path: Sequence[str]) -> Mapping[str, Any]:
        if name not in self._jobs:
            self._jobs[name] = self._with_bases(name, path)
        return self._jobs[name]

    def _with_bases(self, name: str, path: Sequence[str]) -> Mapping[str, Any]:
        entry = self.resolved(self.entries.get(name))
        who = f"{path[-1]} extends {name}, which" if path else name
        if entry is None:
            raise Unchangeable(f"{who} is not there{self._elsewhere()}")
        if not isinstance(entry, Mapping):
            raise Unchangeable(f"{who} is no mapping")
        if name in path or len(path) > _DEEPEST:
            raise Unchangeable(f"{name} extends itself, or more than {_DEEPEST} levels")
        own = {key: self.resolved(value) for key, value in entry.items()}
        bases = own.get("extends", [])
        merged: Mapping[str, Any] = {}
        for base in bases if isinstance(bases, list) else [bases]:
            merged = _merged(merged, self._extended(str(base), (*path, name)))
        return _merged(merged, own)

    def _rules(self, found: Any) -> list[Rule]:
        flat: list[Rule] = []
        for content in self._flat(found):
            resolved = {key: self.resolved(value) for key, value in content.items()}
            # A keyword without a value is none to GitLab, also `if:`.
            keywords = {key: value for key, value in resolved.items() if value is not None}
            line = getattr(content, "line", 0) if self.has_lines else 0
            flat.append(Rule(len(flat) + 1, keywords, line))
        return flat

    def _flat(self, found: Any) -> Iterator[Mapping[str, Any]]:
        """Yield the rules of a list, and of the lists in it."""
        waiting = [(found, 0)]
        for _ in range(_MOST_PARTS):
            if not waiting:
                return
            value, depth = waiting.pop()
            value = self.resolved(value)
            if isinstance(value, Mapping):
                yield value
            elif isinstance(value, Items) and depth <= _DEEPEST:
                waiting += [(item, depth + 1) for item in reversed(value)]
            else:
                break
        raise Unchangeable("its rules are no list of mappings")


def _merged(base: Mapping[str, Any], top: Mapping[str, Any]) -> Mapping[str, Any]:
    result = dict(base)
    for key, value in top.items():
        below = result.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            value = _merged(below, value)
        result[key] = value
    return result


def _words(part: Any) -> str:
    if isinstance(part, Mapping):
        keys = [key for key in part if key not in ("inputs", "rules")]
        return ", ".join(f"{key}: {part[key]}" for key in keys)
    return str(part)


def changes_of(content: Mapping[str, Any]) -> Any:
    """Return the globs of `rules:changes` of a rule: a list, as a rule, or None without any."""
    found = content.get("changes")
    # Newer GitLab versions also know a form with `paths`.
    return found.get("paths") if isinstance(found, Mapping) else found
