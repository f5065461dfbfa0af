"""Reads the case files below tests/cases: a folder for a fact or operation, a file for a case."""

import importlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml
from pyinfra import context
from pyinfra.api.host import HostData

from ops.api.operation import UNREADABLE
from ops.api.secret import Secret
from ops.experiment_config import Settings
from ops.facts.resource import ResourceFact

CASES = Path(__file__).parent / "cases"
NAME = "@example/host"


class Loader(yaml.SafeLoader):
    """YAML with types that arguments have: `!secret TEXT` and `!settings {values: …, …}`."""


Loader.add_constructor("!secret", lambda loader, node: Secret(str(loader.construct_scalar(node))))
Loader.add_constructor(
    "!settings", lambda loader, node: Settings(**loader.construct_mapping(node, deep=True))
)


def cases(kind: str) -> list[tuple[str, str]]:
    """Return the name of the fact or operation and the sentence of each case."""
    return sorted((p.parent.name, p.stem) for p in (CASES / kind).glob("*/*.yaml"))


def load(kind: str, name: str, sentence: str) -> dict[str, Any]:
    text = (CASES / kind / name / f"{sentence}.yaml").read_text()
    document: dict[str, Any] = yaml.load(text, Loader)
    return document


def find(package: str, name: str) -> Any:
    """Return what a folder is named after: `gitlab.Runner` in `ops.facts` or `ops`."""
    module, _, attribute = name.partition(".")
    return getattr(importlib.import_module(f"{package}.{module}"), attribute)


class CaseHost:
    """A host whose facts are those of a case.

    A fact that is asked with several arguments has a key for each: `repository.RepositoryFile a b`.
    """

    def __init__(self, case: dict[str, Any]) -> None:
        self.name = NAME
        self.data = HostData(self, case.get("data") or {})
        self.groups: list[str] = []
        self.noop_reason: str | None = None
        self._facts = case.get("facts") or {}

    def get_fact(self, fact: type[Any], _timeout: int = 0, **arguments: Any) -> Any:
        name = fact.name.removeprefix("ops.facts.")
        with_arguments = " ".join([name, *map(str, arguments.values())])
        value = self._facts[with_arguments if with_arguments in self._facts else name]
        if value == "unreadable":
            return UNREADABLE
        is_request = issubclass(fact, ResourceFact)
        return fact().process([json.dumps(value)] if is_request else value["output"])

    def noop(self, reason: str) -> None:
        self.noop_reason = reason


class CaseInventory:
    """An inventory of one host."""

    def __init__(self, host: CaseHost) -> None:
        self.host = host

    def get_host(self, name: str) -> CaseHost:
        assert name == NAME
        return self.host


@contextmanager
def on(host: CaseHost) -> Iterator[None]:
    """Make a host the current one of pyinfra."""
    with ExitStack() as stack:
        stack.enter_context(context.ctx_host.use(host))
        stack.enter_context(context.ctx_inventory.use(CaseInventory(host)))
        yield
