"""What the changes of a run come to: of each thing, each value before and after. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from ops.api.journal import DONE
from ops.api.reverse import Text, Value

SECRET = "{} had or has a secret, and a record has none: set it by hand"
MAYBE_MADE = "whether it was made is not known, so it is not deleted: look whether it is there"
Change = Mapping[str, Any]


class After(msgspec.Struct, frozen=True):
    """A value that a run has left; UNSET where none."""

    value: Any = UNSET


class Net(msgspec.Struct, frozen=True, kw_only=True):
    """A value as it was before a run, and as the run has left it.

    + path, json_path, before: as of `ops.api.reverse.Value`
    + left: the value after it; several where it is not known whether the last ones were done
    + texts: in their place, the changes of a text of several lines, in their order
    + is_certain: whether the last change is known to be done
    """

    path: list[str]
    json_path: str | None = None
    before: Any = UNSET
    left: list[After] = []
    texts: list[Text] = []
    is_certain: bool = True

    @property
    def name(self) -> str:
        """What it is called."""
        place = ".".join(self.path)
        return f"{place}: {self.json_path.removeprefix('$.')}" if self.json_path else place


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that a run has changed, and what takes that back.

    + host: whose state it is
    + operation: the last one that has changed it
    + endpoint, variable, uid, made: as of a change in docs/record.schema.json
    + values: what it comes to
    """

    host: str
    operation: str
    endpoint: str | None = None
    variable: list[str] | None = None
    uid: str | None = None
    made: bool = False
    values: list[Net] = []


class Never(msgspec.Struct, frozen=True):
    """A change that is not taken back.

    + host, operation: of what, and by what
    + reason: why not, and what to do
    """

    host: str
    operation: str
    reason: str


def targets(changes: Sequence[Change]) -> tuple[list[Target], list[Never]]:
    """Return what can be taken back, the last change first, and what cannot.

    + changes: of a record, in their order
    """
    groups: dict[tuple[str, tuple[str, ...]], list[Change]] = {}
    for change in changes:
        key = (change["host"], tuple(change["variable"] or ()))
        groups[key] = [*groups.pop(key, []), change]  # Where the last one of it is.
    found: list[Target] = []
    never: list[Never] = []
    for group in reversed(groups.values()):
        never += _never(group)
        target = _target(group)
        if target is not None:
            found.append(target)
    return found, list(dict.fromkeys(never))


def _never(group: Sequence[Change]) -> Iterator[Never]:
    for change in group:
        if change["never"]:
            yield Never(change["host"], change["operation"], change["never"])
    if _is_left_alone(group):
        return
    secret = {_key(value): value for value in _values(group) if value.is_secret}
    names = [Net(path=value.path, json_path=value.json_path).name for value in secret.values()]
    last = group[-1]
    if names:
        yield Never(last["host"], last["operation"], SECRET.format(", ".join(names)))
    if last["makes"] and not last["uid"]:
        yield Never(last["host"], last["operation"], MAYBE_MADE)


def _is_left_alone(group: Sequence[Change]) -> bool:
    """Return whether nothing of a thing is taken back, because a part of it cannot be."""
    return bool(group[0]["variable"]) and any(change["never"] for change in group)


def _target(group: Sequence[Change]) -> Target | None:
    last, makes = group[-1], group[0]["makes"]
    uid = next((change["uid"] for change in reversed(group) if change["uid"]), None)
    nets = [] if _is_left_alone(group) else _nets(group)
    if not nets or (makes and not uid):
        return None
    return Target(
        host=last["host"],
        operation=last["operation"],
        endpoint=last["endpoint"],
        variable=last["variable"],
        uid=uid,
        made=makes,
        values=nets,
    )


def _nets(group: Sequence[Change]) -> list[Net]:
    found: dict[tuple[str, ...], list[tuple[Value, bool]]] = {}
    for change in group:
        for value in _values([change]):
            found.setdefault(_key(value), []).append((value, change["state"] == DONE))
    nets = [_net(steps) for steps in found.values() if not any(v.is_secret for v, _ in steps)]
    return [net for net in nets if net is not None]


def _net(steps: Sequence[tuple[Value, bool]]) -> Net | None:
    first, is_certain = steps[0][0], steps[-1][1]
    texts = [value.text for value, _ in steps if value.text is not None]
    if texts:
        return Net(path=first.path, texts=texts, is_certain=is_certain)
    left: list[After] = []
    for value, is_done in steps:
        left = [After(value.after)] if is_done else [*left, After(value.after)]
    if all(one.value == first.before for one in left):
        return None
    return Net(
        path=first.path, json_path=first.json_path, before=first.before, left=left,
        is_certain=is_certain,
    )  # fmt: skip


def _values(group: Sequence[Change]) -> Iterator[Value]:
    for change in group:
        yield from msgspec.convert(change["values"], list[Value])


def _key(value: Value) -> tuple[str, ...]:
    return (*value.path, "", value.json_path or "")
