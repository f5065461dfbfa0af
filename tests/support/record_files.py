"""Records of runs, as a test reads them: from the files, with the schema that is published."""

import hashlib
import json
from pathlib import Path
from typing import Any

from documents import SCHEMA
from jsonschema import Draft202012Validator
from lab_process import ROOT, Pyinfra
from referencing import Registry, Resource

RECORD_SCHEMA = json.loads((ROOT / "docs" / "record.schema.json").read_text())
_RUN: Resource[Any] = Resource.from_contents(SCHEMA)
RECORD_VALIDATOR = Draft202012Validator(
    RECORD_SCHEMA,
    registry=Registry().with_resource("run.schema.json", _RUN),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)

# A deploy that waits for a file: {go!r}.
WAITING = """
import time
from pathlib import Path
from ops.api.action import Action
from ops.api.operation import operation

@operation
def change():
    yield Action("change it", work, changes=["it: old -> new"])

@operation
def change_more():
    yield Action("change more", lambda state, host: True, changes=["more: old -> new"])

def work(state, host):
    while not Path({go!r}).exists():
        time.sleep(0.02)
    return True

change(name="Change it")
change_more(name="Change more")
"""


def names(directory: Path) -> list[str]:
    """Return the names of all records, the oldest one first."""
    return sorted(path.parent.name for path in directory.glob("*/record.json"))


def read(directory: Path, name: str) -> dict[str, Any]:
    """Return a record that is as the schema says."""
    record: dict[str, Any] = json.loads((directory / name / "record.json").read_text())
    errors = RECORD_VALIDATOR.iter_errors(record)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
    assert record["id"] == name
    return record


def all_of(directory: Path) -> list[dict[str, Any]]:
    """Return all records, the oldest one first."""
    return [read(directory, name) for name in names(directory)]


def observed(pyinfra: Pyinfra) -> dict[str, Any]:
    """Return what the last run has watched."""
    record = all_of(Path(pyinfra.environment["RECORD_DIRECTORY"]))[-1]
    found: dict[str, Any] = record["run"]["observed"]
    return found


def digest(directory: Path, name: str) -> str:
    """Return the SHA-256 of a record's file."""
    return hashlib.sha256((directory / name / "record.json").read_bytes()).hexdigest()


def chain(runs: Path) -> list[str]:
    """Return the names of the sealed records."""
    return [link["id"] for link in json.loads((runs / "chain.json").read_text())["records"]]
