"""What a person reads: what is so and what is done on stdout, progress and errors on stderr."""

import functools
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import TextIO

import click
from pyinfra import context
from pyinfra.api.host import Host

from ops.api.command_line import is_json
from ops.api.verdict import verdict
from ops.api.visible import one_line

INDENT = "    "
LONGEST_PREFIX = 40
LONGEST_NAME = 30


def short_name(host: Host) -> str:
    """Return the name of a host as far as it tells it from others at a glance; all with `-v`."""
    name = str(host.name)
    if is_verbose() or len(name) <= LONGEST_NAME or name.count("/") < 2:
        return name
    first, *_, last = name.split("/")
    return f"{first}/…/{last}"


def report(host: Host, lines: Sequence[str]) -> None:
    """Print lines of a host to stdout, each with its name before it; a long name stands alone.

    + lines: what was found or done, wrapped to the width of a terminal if there is one
    """
    _print_of(host, lines, err=False)


def report_progress(host: Host, lines: Sequence[str]) -> None:
    """Print lines like `report`, to stderr: they say what goes on, and count for nothing later."""
    _print_of(host, lines, err=True)


def report_problem(host: Host, lines: Sequence[str]) -> None:
    """Print lines like `report_progress`, and have the verdict of the run name the first one.

    + lines: why something is not done, what to do about it
    """
    if lines:
        verdict.undone(host.name, lines[0].rstrip(":"))
    _print_of(host, lines, err=True)


def report_proof(host: Host, text: str) -> None:
    """Print a line like `report`, and have the verdict of the run name it as what was proven.

    + text: what was observed after the last change
    """
    verdict.proven(text)
    _print_of(host, [text], err=False)


def print_line(text: str, *, err: bool = False) -> None:
    """Print a line; on a terminal it is wrapped with an indent.

    + err: whether it goes to stderr
    """
    width = columns(err=err)
    style = _colour(text.lstrip())
    indent = " " * (len(text) - len(text.lstrip()) + 4)
    parts = [text]
    plain = click.unstyle(text)  # A style has no width, and would be counted.
    if width and len(plain) > width:
        parts = textwrap.wrap(
            plain, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    margin = INDENT if err or is_json() else ""  # pyinfra indents what it prints there.
    for part in parts:
        write(f"{margin}{style(part)}" if part else "", err=err)


def write(text: str, *, err: bool = False) -> None:
    """Write a line as it is; with `--json` stdout belongs to the document."""
    click.echo(text, err=err or is_json())


def columns(*, err: bool = False) -> int:
    """Return how many columns a line of `print_line` may have, or 0 where there is no terminal."""
    to_stderr = err or is_json()
    stream: TextIO = sys.stderr if to_stderr else sys.stdout
    margin = len(INDENT) if to_stderr else 0
    return shutil.get_terminal_size().columns - margin if stream.isatty() else 0


def table_columns() -> int:
    """Return how many columns a table of a host may have, or 0 where there is no terminal."""
    # Those about trouble go to stderr, which has a margin.
    return max(columns(err=True) - len(INDENT), 0)


def is_verbose() -> bool:
    """Return whether all is to be shown (`-v`)."""
    return context.ctx_state.isset() and bool(getattr(context.state, "print_noop_info", False))


def _print_of(host: Host, lines: Sequence[str], *, err: bool) -> None:
    prefix = f"[{short_name(host)}] "
    # A table has runs of spaces; it gets the whole width.
    is_table = any("  " in line.strip() for line in lines)
    if lines and (len(prefix) > LONGEST_PREFIX or is_table):
        print_line(prefix.rstrip(), err=err)
        prefix = INDENT
    for line in lines:
        print_line(f"{prefix}{one_line(line)}", err=err)


def _colour(text: str) -> Callable[[str], str]:
    """Return what colours the lines of a text difference; only a terminal is given colours."""
    if text.startswith(("+", "-")):
        return functools.partial(click.style, fg="green" if text.startswith("+") else "red")
    return str
