"""A change of super users that one run makes, told from what anybody else does to the resource."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ops.kafka.rights import removal

Patch = list[dict[str, Any]]
GENERATION = "/metadata/generation"


@dataclass(frozen=True)
class Change:
    """Fields of a Kafka resource as they were and as this change has made them.

    + generation: the one that the change makes: the API counts, and the patch names the one before
    + before, after: values by JSON pointer; None means absent
    """

    generation: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def patch(self) -> Patch:
        """Return the JSON patch that makes it, and is refused where anything was changed since."""
        return [_test(GENERATION, self.generation - 1), *_steps(self.before, self.after)]

    def patch_back(self) -> Patch:
        """Return the JSON patch that takes it back, and is refused where anything was changed."""
        return [_test(GENERATION, self.generation), *_steps(self.after, self.before)]

    def note(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return asdict(self)

    def is_the_last(self, live: Mapping[str, Any]) -> bool:
        """Return whether the resource is as this change has left it."""
        is_same = live["metadata"].get("generation") == self.generation
        return is_same and all(_at(live, path) == value for path, value in self.after.items())


def change(live: Mapping[str, Any], users: Any) -> Change | None:
    """Return the change that takes the rights of super users away; None where there is none.

    + live: the Kafka resource
    + users: such as "User:ANONYMOUS"
    """
    fields = removal(live, users)
    if not fields:
        return None
    before = {path: old for path, (old, _) in fields.items()}
    after = {path: new for path, (_, new) in fields.items()}
    return Change(live["metadata"]["generation"] + 1, before, after)


def from_note(note: Any) -> Change | None:
    """Return the change that a note is about, or None where it is none of this form."""
    try:
        return Change(int(note["generation"]), dict(note["before"]), dict(note["after"]))
    except (KeyError, TypeError, ValueError):
        return None


def _steps(old: Mapping[str, Any], new: Mapping[str, Any]) -> Patch:
    steps: Patch = []
    for path, value in new.items():
        if old[path] is None:
            steps.append({"op": "add", "path": path, "value": value})
            continue
        steps.append(_test(path, old[path]))
        step = {"op": "remove"} if value is None else {"op": "replace", "value": value}
        steps.append({**step, "path": path})
    return steps


def _test(path: str, value: Any) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


def _at(document: Any, pointer: str) -> Any:
    for key in pointer.split("/")[1:]:
        document = (document or {}).get(key)
    return document
