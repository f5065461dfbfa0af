"""The end of a run: its exit code, and the verdict as the last lines of its output."""

import atexit
import functools
import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from pyinfra import context
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api import command_line, stop
from ops.api.console import columns, write
from ops.api.hooks import replace
from ops.api.plan_view import show_plan
from ops.api.shown import shown
from ops.api.verdict import Run, lines, outcome, verdict

PENDING = 2  # as of `tofu plan -detailed-exitcode`
_NOT_AGAIN = ("--dry", "-y", "--yes")
_FAILED = re.compile(r"^Over \d+% of hosts failed.*")
_errors: list[str] = []
_began = time.monotonic()


def install(tells_pending: Callable[[], bool]) -> None:
    """Have each run of deploy files end with its verdict; called while config.py is loaded.

    + tells_pending: returns whether a preview that has changes ends with exit code 2
    """
    from pyinfra_cli import cli, exceptions  # type: ignore[import-untyped]

    replace(cli, "_exit", lambda original: functools.partial(_exit, tells_pending))
    # Otherwise an error names the file and the line of this program where it was raised.
    replace(exceptions, "get_frame_line_from_tb", lambda original: lambda traceback: None)
    for kind in (exceptions.CliError, exceptions.WrappedError, exceptions.UnexpectedInternalError):
        replace(kind, "show", _remembered)
    atexit.register(_conclude)


def _exit(tells_pending: Callable[[], bool]) -> None:
    """End with 1 where a host has failed, 2 where a preview that is asked for it has changes."""
    state = context.state if context.ctx_state.isset() else None
    if state is not None and state.failed_hosts:
        sys.exit(1)
    began = state is not None and _has_begun(state)
    if not began and verdict.pending() and tells_pending():
        sys.exit(PENDING)
    sys.exit(0)


def _remembered(show: Callable[..., None]) -> Callable[..., None]:
    def told(error: Any, file: Any = None) -> None:
        text = str(getattr(error, "message", "an unexpected error"))
        text = _FAILED.sub("the run ends, because hosts have failed", text)
        if hasattr(error, "message"):
            error.message = text
        _errors.append(text)
        show(error, file)

    return told


def _conclude() -> None:
    if command_line.jobs():
        _print(command_line.jobs())
    if stop.exit_code():
        # It came when nothing could be broken off any more, and Python's own code would be 0.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(stop.exit_code())


def _print(jobs: Sequence[str]) -> None:
    state = context.state if context.ctx_state.isset() else None
    if state is not None and state.initialised:
        show_plan()
    run = _run(", ".join(jobs), state)
    width = columns()
    write("")
    for number, line in enumerate(lines(run, verdict, width)):
        write(click.style(shown(line), bold=True) if number == 0 else shown(line))


def _run(job: str, state: State | None) -> Run:
    run = Run(
        job,
        again=shlex.join(["pyinfra", *(text for text in sys.argv[1:] if text not in _NOT_AGAIN)]),
        seconds=time.monotonic() - _began,
        overview=_job("overview") if "overview" not in job else "",
        jobs={file.stem: _job(file.stem) for file in Path("deploys").glob("*.py")},
        when=f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}",
        is_preview=command_line.is_dry_run(),
        signal=stop.signal_name(),
        error=" ".join(_errors[-1].split()) if _errors else "",
    )
    if state is None or not state.initialised:
        return run
    run.began = _has_begun(state)
    run.failed = sorted(host.name for host in state.failed_hosts)
    for host in state.failed_hosts:
        _note_errors(state, host)
    if run.began:
        run.changed = _changed(state)
        if outcome(run, verdict) in ("Failed", "Interrupted"):
            run.missed = [name for name, hosts in verdict.pending() if _count(state, name) < hosts]
    return run


def _job(name: str) -> str:
    file = Path("deploys", f"{name}.py")
    return f"pyinfra {command_line.inventory()} {file} --dry" if file.exists() else ""


def _has_begun(state: State) -> bool:
    return any(
        data.operation_meta.is_complete() for hosts in state.ops.values() for data in hosts.values()
    )


def _note_errors(state: State, host: Host) -> None:
    """Have the verdict name what a host has answered, where nothing was said about it."""
    for data in state.ops[host].values():
        meta = data.operation_meta
        if host.name not in verdict.left and meta.is_complete() and not meta.did_succeed():
            for line in meta.stderr_lines[:1]:
                verdict.undone(host.name, line)


def _changed(state: State) -> list[tuple[str, int]]:
    """Return the operations that have changed something, in their order, without mere checks."""
    names = {
        ", ".join(sorted(state.get_op_meta(op_hash).names)): None
        for op_hash in state.get_op_order()
    }
    found = [(name, _count(state, name)) for name in names]
    return [(name, count) for name, count in found if count]


def _count(state: State, name: str) -> int:
    return sum(_did_change(state, host, op_hash, name) for host, op_hash in _all(state))


def _all(state: State) -> list[tuple[Host, str]]:
    return [(host, op_hash) for host, hashes in state.ops.items() for op_hash in hashes]


def _did_change(state: State, host: Host, op_hash: str, name: str) -> bool:
    meta = state.ops[host][op_hash].operation_meta
    if name != ", ".join(sorted(state.get_op_meta(op_hash).names)):
        return False
    return meta.is_complete() and meta.did_change() and (op_hash, host.name) not in verdict.checks
