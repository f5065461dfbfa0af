"""The record that a run is to undo: which one is meant, and whether it is what it was."""

import os
from collections.abc import Mapping
from typing import Any

import msgspec
from pyinfra.api.exceptions import InventoryError
from pyinfra.api.inventory import Inventory

from ops.api.once import once
from ops.records.chain import problem_of
from ops.records.directory import Records
from ops.records.names import at_path, named
from ops.site.run_record import records_of
from ops.site.undo.net import Never, Target, targets

LAST = "last"
WHICH = "name the record to undo: --data record=NUMBER, of `runs list`, or a part of its name"
_TOUCHED = ("changed", "failed in part", "broken off")
_APIS = ("@gitlab", "@kubernetes")  # Their hosts are changed by requests alone.


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is to be undone.

    + name: of its record
    + file: of its record
    + steps: what can be taken back, by operation, the last one first
    + never: what cannot
    + was_killed: whether it has come to no end
    """

    name: str
    file: str
    steps: dict[str, list[Target]]
    never: list[Never]
    was_killed: bool


def run(inventory: Inventory) -> Run:
    """Return the run to undo, which is read once; raise InventoryError in words.

    + inventory: of this run
    """
    return once("the record to undo", lambda: _run(inventory))


def _run(inventory: Inventory) -> Run:
    wanted = str(next(iter(inventory)).data.get("record") or "")
    if not wanted or wanted == LAST:  # After an undo that would be the undo itself.
        raise InventoryError(WHICH)
    try:
        records, name = at_path(wanted) or _named(inventory, wanted)
        record = _read(records, name)
        return _made(record, str(records.file(name)))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InventoryError(f"record {wanted}: {reason}: nothing is undone") from None


def _named(inventory: Inventory, wanted: str) -> tuple[Records, str]:
    if not next(iter(inventory)).data.get("record_directory"):  # Path("") is where we are.
        raise ValueError("record_directory is empty, so there are no records: name its path")
    records = records_of(inventory)
    return records, named(records, wanted)


def _read(records: Records, name: str) -> dict[str, Any]:
    """Return a record that is what it was when its run ended, or what a killed one has left."""
    record = records.read(name)
    if record["sequence"] is None:
        descriptor = records.hold(name)
        if descriptor is None:
            raise ValueError("its run still goes on")
        os.close(descriptor)
        record = records.with_notes(name, record)
    else:
        with records.lock(shared=True):
            found = {one: records.found(one) for one in records.names()}
            if problem := problem_of(records.chain(), name, found):
                raise ValueError(f"it {problem} (`runs verify`)")
    if "changes" not in record:
        raise ValueError("it is of an earlier version, which kept nothing that takes a change back")
    return record


def _made(record: Mapping[str, Any], file: str) -> Run:
    try:
        found, never = targets(record["changes"])
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise ValueError(f"its changes have another form than is known ({error})") from None
    steps: dict[str, list[Target]] = {}
    for target in found:
        steps.setdefault(target.operation, []).append(target)
    return Run(
        name=record["id"],
        file=file,
        steps=steps,
        never=[*never, *_no_requests(record)],
        was_killed=record["status"] != "done",
    )


def _no_requests(record: Mapping[str, Any]) -> list[Never]:
    """Return what has changed something of the site without a request to an API."""
    sent = {change["operation"] for change in record["changes"]}
    planned = {
        (step["operation"], entry["host"])
        for step in record["run"]["plan"]
        for entry in step["entries"]
        if entry["fields"] or entry["remarks"] or any("command" in c for c in entry["commands"])
    }
    touched = [
        (result["operation"], result["host"])
        for result in record["run"]["results"]
        if result["outcome"] in _TOUCHED
        and result["operation"] not in sent
        and not result["host"].startswith(_APIS)
    ]
    return [
        Never(host, operation, _by_hand(record["run"]["job"], operation))
        for operation, host in touched
        if (operation, host) in planned
    ]


def _by_hand(job: str, operation: str) -> str:
    if " | " in operation and job == "site":  # It names the job before each operation.
        job = operation.partition(" | ")[0]
    return f"what a command or a push has done stays: docs/{job}.md says what undoes it by hand"
