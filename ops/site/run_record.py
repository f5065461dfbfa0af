"""The record of a run (`ops.records`), where pyinfra executes: which run has one, and where."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta
from pyinfra import context
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

import ops
from ops.api import command_line, ending, hooks
from ops.api.console import print_line
from ops.api.journal import journal
from ops.api.plan_view import show_plan
from ops.api.settings.kinds import Count, Kind, PathOrEmpty
from ops.api.settings.typed import Wrong, typed
from ops.api.shown import shown
from ops.api.verdict import verdict
from ops.api.visible import one_line
from ops.records.directory import BELOW_STATE, CHAIN, Records
from ops.records.keeper import Keeper
from ops.records.origin import origin
from ops.shell.local_file import unwritable

SEEN_SECONDS = 10  # between two writings of what goes on to be watched
REPOSITORY = Path(ops.__file__).resolve().parent.parent

Days = Annotated[
    int, Meta(gt=0, le=36_500), Kind("a whole number greater than 0, of 36500 at most", unit="days")
]
# What a site that says nothing of it has.
DIRECTORY, KEEP_COUNT, KEEP_DAYS = f"~/.local/state/{BELOW_STATE}", 200, 400
SETTINGS = {
    "record_directory": (PathOrEmpty, DIRECTORY),
    "record_keep_count": (Count, KEEP_COUNT),
    "record_keep_days": (Days, KEEP_DAYS),
}

_keeper: Keeper | None = None
_each_host = False  # whether hosts do not wait for each other between operations
_told: set[tuple[str, str]] = set()
_seen_at = float("-inf")


def install() -> None:
    """Have runs of deploy files leave a record; called while config.py is loaded."""
    from pyinfra.api import operations

    hooks.around_the_execution(_recorded)
    hooks.replace(operations, "_run_host_op", _noted)
    verdict.on_seen = _seen


def problems(inventory: Inventory) -> list[str]:
    """Return why no record could be written, before anything is connected.

    + inventory: of the run, which may lack other settings
    """
    if command_line.is_dry_run() or not command_line.deploy_files():
        return []
    try:
        name = _setting(inventory, "record_directory")
    except Wrong:  # It is named with what else is wrong.
        return []
    reason = unwritable(Path(name).expanduser() / CHAIN) if name else ""
    return [f"record_directory={name}: {reason}; empty: no records"] if reason else []


def records_of(inventory: Inventory) -> Records:
    """Return where this run's records are."""
    return Records(Path(_setting(inventory, "record_directory")).expanduser())


def finish(document: Mapping[str, Any]) -> str:
    """Keep what a run has come to; return the path of its report or record, or an empty text.

    + document: of the run, as docs/run.schema.json says

    A run that has found nothing to change, and has proven nothing, leaves none.
    """
    if _keeper is None:
        return ""
    found = document["verdict"]
    if found["word"] == "No changes" and not (found["proven"] or verdict.reports):
        _keeper.discard()
        return ""
    _keeper.finish(document)
    return str(_keeper.path)


def _setting(inventory: Inventory, name: str) -> Any:
    """Return a setting, which every host has; hosts of the command line may have a text there."""
    annotation, default = SETTINGS[name]
    host = next(iter(inventory), None)
    return typed(annotation, host.data.get(name, default) if host else default, is_text=True)


def _recorded(run_ops: Callable[..., None]) -> Callable[..., None]:
    def run(state: State, serial: bool = False, no_wait: bool = False) -> None:
        global _keeper, _each_host
        _each_host = serial or no_wait
        if command_line.deploy_files() and (verdict.reports or _is_something_to_do(state)):
            _keeper = _begun()
        run_ops(state, serial=serial, no_wait=no_wait)

    return run


def _is_something_to_do(state: State) -> bool:
    return any(
        data.operation_meta._maybe_is_change
        for operations in state.ops.values()
        for data in operations.values()
    )


def _begun() -> Keeper | None:
    try:
        directory, count, days = (_setting(context.inventory, name) for name in SETTINGS)
    except Wrong as error:
        raise _error(f"a setting of the records is {error}") from None
    if not directory:
        return None
    show_plan()
    job = "-".join(file.stem for file in command_line.deploy_files())
    told = {**origin(REPOSITORY), "arguments": [shown(word) for word in command_line.words()]}
    keeper = Keeper(Path(directory).expanduser(), count, days, _warn)
    try:
        keeper.begin(job, told, ending.document_so_far())
        journal.keep = keeper.note
    except OSError as error:
        reason = one_line(error.strerror or str(error))
        raise _error(
            f"no record can be written to {directory}, so nothing is executed: {reason}"
        ) from None
    return keeper


def _noted(run: Callable[..., bool]) -> Callable[..., bool]:
    def noted(state: State, host: Host, op_hash: str) -> bool:
        if _keeper is not None:
            # A run that is killed has been at it: that is written before anything is sent.
            key = (op_hash, host.name if _each_host else "")
            if key not in _told:
                _told.add(key)
                name = ", ".join(sorted(state.get_op_meta(op_hash).names))
                _keeper.go_on(shown(name), ending.document_so_far())
        return run(state, host, op_hash)

    return noted


def _seen() -> None:
    """Keep what is watched now and then: a proof takes minutes, and may be killed in them."""
    global _seen_at
    if _keeper is not None and time.monotonic() - _seen_at >= SEEN_SECONDS:
        _seen_at = time.monotonic()
        _keeper.keep(ending.document_so_far())


def _warn(what: str, reason: str) -> None:
    print_line(f"The {what} cannot be written, and the run goes on: {one_line(reason)}", err=True)


def _error(text: str) -> Exception:
    from pyinfra_cli.exceptions import CliError  # type: ignore[import-untyped]

    error: Exception = CliError(text)
    return error
