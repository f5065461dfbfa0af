"""Reads the case files below tests/cases: a folder for a fact or operation, a file for a case."""

import dataclasses
import functools
import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import yaml
from pyinfra import context
from pyinfra.api.host import HostData

from ops.api.operation import UNREADABLE
from ops.api.secret import Secret
from ops.http.fact import ResourceFact

TESTS = Path(__file__).parent.parent
CASES = TESTS / "cases"
OPS = TESTS.parent / "ops"
NAME = "@example/host"


class Loader(yaml.SafeLoader):
    """YAML in which an argument can be a secret: `!secret TEXT`."""


Loader.add_constructor("!secret", lambda loader, node: Secret(str(loader.construct_scalar(node))))


def cases(kind: str) -> list[tuple[str, str]]:
    """Return the name of the fact or operation and the sentence of each case."""
    return sorted((p.parent.name, p.stem) for p in (CASES / kind).glob("*/*.yaml"))


def load(kind: str, name: str, sentence: str) -> dict[str, Any]:
    text = (CASES / kind / name / f"{sentence}.yaml").read_text()
    document: dict[str, Any] = yaml.load(text, Loader)
    return document


def label(module: str) -> str:
    """Return what a module is called in the names of cases.

    That is its last part, or its folder's name where it is that folder's `facts` or `operations`.
    """
    parts = [part for part in module.split(".") if part not in ("facts", "operations")]
    return parts[-1]


@functools.cache
def modules() -> Mapping[str, Sequence[str]]:
    """Return the modules of `ops` by what they are called; a module of facts has facts only."""
    found: dict[str, list[str]] = {}
    for path in sorted(OPS.rglob("*.py")):
        if path.stem != "__init__":
            name = ".".join(path.relative_to(OPS.parent).with_suffix("").parts)
            found.setdefault(label(name), []).append(name)
    return found


def find(name: str) -> Any:
    """Return what a folder is named after: a fact (`runners.Runner`) or an operation."""
    called, _, attribute = name.partition(".")
    for module in modules()[called]:
        value = vars(importlib.import_module(module)).get(attribute)
        if value is not None:
            return value
    raise LookupError(name)


def typed(function: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a case, with a mapping made the dataclass that is wanted.

    Where a function is wanted, it is one that returns the value.
    """
    kinds = get_type_hints(function)
    return {name: _typed(kinds.get(name), value) for name, value in arguments.items()}


def _typed(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        return kind(**typed(kind, value))
    origins = {
        get_origin(one) for one in (get_args(kind) if isinstance(kind, UnionType) else (kind,))
    }
    return (lambda *_: value) if Callable in origins else value


# What every answer has, and only a case that is about it says.
OBJECT = {"kind": "Example"}
LEFT_OUT: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("Object", "PatchedObject", "JsonPatchedObject", "AppliedObject"), OBJECT),
    **{key: {"sha": "0000000", "status": "success"} for key in ("Pipelines", "Pipeline")},
    **{key: {"name": "job", "status": "success"} for key in ("PipelineJobs", "RunningJobs")},
    "Runner": {
        **{"access_level": "not_protected", "tag_list": [], "paused": False},
        **{"run_untagged": False, "locked": False},
    },
    "Runners": {
        **{"accessLevel": "NOT_PROTECTED", "status": "ONLINE", "tagList": [], "paused": False},
        **{"runUntagged": False, "locked": False},
    },
}


# GitLab takes a configuration where a case says nothing else.
TAKEN = {"repository.MergedConfiguration": {"valid": True, "errors": [], "merged_yaml": ""}}


def _whole(value: Any, left_out: Mapping[str, Any]) -> Any:
    """Return an answer with what its case leaves out."""
    if isinstance(value, list):
        return [_whole(entry, left_out) for entry in value]
    if not isinstance(value, dict):
        return value
    if "data" in value and "runners" in (value["data"] or {}):
        nodes = _whole(value["data"]["runners"]["nodes"], left_out)
        return {"data": {"runners": {**value["data"]["runners"], "nodes": nodes}}}
    return {**value, **{name: left_out[name] for name in left_out.keys() - value.keys()}}


class CaseHost:
    """A host whose facts are those of a case; `hosts` of the case are the further ones.

    A fact that is asked with several arguments has a key for each: `repository.RepositoryFile a b`.
    """

    def __init__(self, case: dict[str, Any], name: str = NAME) -> None:
        self.name = name
        self.others = {other: CaseHost(c, other) for other, c in case.get("hosts", {}).items()}
        self.data = HostData(self, case.get("data") or {})
        self.groups: list[str] = []
        self.connector = None
        self.noop_reason: str | None = None
        self.is_executing = bool(case.get("executing"))
        self._facts = case.get("facts") or {}

    def get_fact(
        self,
        fact: type[Any],
        _timeout: int = 0,
        _ignore_errors: bool = False,
        **arguments: Any,
    ) -> Any:
        name = f"{label(fact.__module__)}.{fact.__name__}"
        with_arguments = " ".join([name, *map(str, arguments.values())])
        facts = {**TAKEN, **self._facts}
        value = facts[with_arguments if with_arguments in facts else name]
        if value == "unreadable":
            return UNREADABLE
        is_request = issubclass(fact, ResourceFact)
        if not is_request:
            return fact().process(value["output"])
        return fact().process([json.dumps(_whole(value, LEFT_OUT.get(fact.__name__, {})))])

    def noop(self, reason: str) -> None:
        self.noop_reason = reason


class CaseInventory:
    """An inventory of one host, and the further ones of the case."""

    def __init__(self, host: CaseHost) -> None:
        self.host = host

    def get_host(self, name: str) -> CaseHost:
        return {NAME: self.host, **self.host.others}[name]


@contextmanager
def on(host: CaseHost) -> Iterator[None]:
    """Make a host the current one of pyinfra."""
    with ExitStack() as stack:
        stack.enter_context(context.ctx_host.use(host))
        stack.enter_context(context.ctx_inventory.use(CaseInventory(host)))
        state = SimpleNamespace(failed_hosts=set(), is_executing=host.is_executing)
        stack.enter_context(context.ctx_state.use(state))
        yield
