"""The end of a run: its exit code, and the verdict as the last lines of its output."""

import atexit
import functools
import os
import re
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from pyinfra import context
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api import command_line, stop
from ops.api.console import columns, print_line, write
from ops.api.executed import did_change, did_change_in_part
from ops.api.hooks import replace
from ops.api.json_output import document_of, print_document
from ops.api.plan_view import show_plan
from ops.api.run import Run
from ops.api.shown import shown
from ops.api.verdict import lines, outcome, verdict
from ops.api.visible import one_line

MOVED = 4  # no other program has a code for it
BLOCKED = 3
PENDING = 2  # as of `tofu plan -detailed-exitcode`
_NOT_AGAIN = ("--dry", "-y", "--yes")
_FAILED = re.compile(r"^Over \d+% of hosts failed.*")
# Keeps the document of a run that has ended; returns where, or an empty text.
Keep = Callable[[Mapping[str, Any]], str]

_errors: list[str] = []
_began = time.monotonic()
_code: int | None = None  # the exit code; None where the run was broken off


def install(tells_pending: Callable[[], bool], overview: str, keep: Keep) -> None:
    """Have each run of deploy files end with its verdict; called while config.py is loaded.

    + tells_pending: returns whether a preview that has changes ends with exit code 2
    + overview: name of the deploy that shows the whole site
    + keep: keeps the document of a run
    """
    from pyinfra_cli import cli, exceptions  # type: ignore[import-untyped]

    replace(cli, "_exit", lambda original: functools.partial(_exit, tells_pending))
    # Otherwise an error names the file and the line of this program where it was raised.
    replace(exceptions, "get_frame_line_from_tb", lambda original: lambda traceback: None)
    for kind in (exceptions.CliError, exceptions.WrappedError, exceptions.UnexpectedInternalError):
        replace(kind, "show", _remembered)
    atexit.register(_conclude, overview, keep)


def document_so_far() -> dict[str, Any]:
    """Return the document of a run that goes on."""
    run = _run(context.state, "")
    run.goes_on, run.error = True, ""
    return document_of(run, context.state, None)


def _exit(tells_pending: Callable[[], bool]) -> None:
    """End with 1 where a host has failed, 2 where a preview that is asked for it has changes."""
    global _code
    state = context.state if context.ctx_state.isset() else None
    began = state is not None and _has_begun(state)
    if state is not None and state.failed_hosts:
        _code = 1
    else:
        _code = PENDING if not began and verdict.pending() and tells_pending() else 0
    sys.exit(_code)


def _remembered(show: Callable[..., None]) -> Callable[..., None]:
    def told(error: Any, file: Any = None) -> None:
        text = str(getattr(error, "message", "an unexpected error"))
        text = _FAILED.sub("the run ends, because hosts have failed", text)
        if hasattr(error, "message"):
            error.message = text
        _errors.append(text)
        show(error, file)

    return told


def _conclude(overview: str, keep: Keep) -> None:
    if command_line.deploy_files():
        _print(overview, keep)
    # A signal that came when nothing could be broken off any more would leave Python's own 0, and a
    # host that has failed pyinfra's 1.
    code = stop.exit_code() or _own_code()
    if code:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _print(overview: str, keep: Keep) -> None:
    state = context.state if context.ctx_state.isset() else None
    if state is not None and state.initialised:
        show_plan()
        for host in state.failed_hosts:
            _note_errors(state, host)
    run = _run(state, overview)
    code = 1 if _code is None else _code
    document = document_of(run, state, stop.exit_code() or _own_code() or code)
    run.record = keep(document)
    found = lines(run, verdict, columns())
    write("")
    if run.record and not any(line.startswith(("record:", "report:")) for line in found):
        print_line(f"The {Path(run.record).stem} is {run.record}", err=True)
    for number, line in enumerate(found):
        text = one_line(shown(line))
        write(click.style(text, bold=True) if number == 0 else text)
    print_document(document)


def _own_code() -> int:
    """Return the exit code for what pyinfra knows nothing of, or 0."""
    if verdict.moved:
        return MOVED
    return BLOCKED if verdict.blocked else 0


def _run(state: State | None, overview: str) -> Run:
    files = command_line.deploy_files()
    commands = {file.stem: _command(file) for file in files[0].parent.glob("*.py")}
    run = Run(
        job=", ".join(file.stem for file in files),
        again=shlex.join(
            ["pyinfra", *(text for text in command_line.words() if text not in _NOT_AGAIN)]
        ),
        seconds=time.monotonic() - _began,
        overview=commands.get(overview, ""),
        jobs=commands,
        when=f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}",
        is_preview=command_line.is_dry_run(),
        signal=stop.signal_name(),
        error=_error(),
    )
    if state is None or not state.initialised:
        return run
    run.began = _has_begun(state)
    run.failed = sorted(host.name for host in state.failed_hosts)
    if run.began:
        changed = _counted(state, did_change)
        run.changed = list(changed.items())
        run.partly = list(_counted(state, did_change_in_part).items())
        if outcome(run, verdict) in ("Failed", "Interrupted", "Moved", "Blocked"):
            run.missed = [name for name, hosts in verdict.pending() if changed[name] < hosts]
    return run


def _error() -> str:
    if _errors:
        return " ".join(_errors[-1].split())
    # As by `sys.exit` in a deploy: nobody has looked at what it came to.
    return "" if _code is not None else "the run was broken off"


def _command(file: Path) -> str:
    return f"pyinfra {command_line.inventory()} {file} --dry"


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


def _counted(state: State, is_so: Callable[[State, Host, str], bool]) -> Counter[str]:
    """Return on how many hosts something is so of each operation of which it is at all."""
    counts: Counter[str] = Counter()
    for op_hash in state.get_op_order():
        name = ", ".join(sorted(state.get_op_meta(op_hash).names))
        counts[name] += sum(is_so(state, host, op_hash) for host in state.ops)
    return +counts
