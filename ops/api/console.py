"""What a person reads: lines of a host, fitted to the terminal, and pyinfra's own made short."""

import functools
import logging
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import click
from pyinfra import context, logger
from pyinfra.api import output
from pyinfra.api.host import Host
from typing_extensions import override

from ops.api.plan import plan
from ops.api.shown import shown
from ops.api.visible import visible

INDENT = "    "
# What pyinfra 3.10 prints where the plan stands; the second one with `-y`.
DETECTED, SKIPPED = "--> Detected changes:", "--> Skipping change detection"
LONGEST_PREFIX = 40
COLUMN = 26
_PADDED_HOST = re.compile(r"^(\S*\[\S+\]\S*) {2,}(?=\S)")
_CONNECTED = re.compile(r"^\[(\S+)\] +Connected$")
_NOISE = re.compile(r"^\[\S+\] +(Skipped|Ready: .*)$")


def report(host: Host, lines: Sequence[str]) -> None:
    """Print lines of a host, each with its name before it; a long name gets a line of its own.

    + lines: what to print, wrapped to the width of a terminal if there is one
    """
    prefix = f"[{host.name}] "
    # A table has runs of spaces; it gets the whole width.
    is_table = any("  " in line.strip() for line in lines)
    if lines and (len(prefix) > LONGEST_PREFIX or is_table):
        print_line(prefix.rstrip())
        prefix = INDENT
    for line in lines:
        print_line(f"{prefix}{visible(line)}")


def print_line(text: str) -> None:
    """Print a line to stderr, as pyinfra does; on a terminal it is wrapped with an indent."""
    width = columns()
    style = _colour(text.lstrip())
    if len(text) <= width or not width:
        logger.info(style(text))
        return
    indent = " " * (len(text) - len(text.lstrip()) + 4)
    for part in textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ):
        logger.info(style(part))


def columns() -> int:
    """Return how many columns a line may have, or 0 where there is no terminal."""
    # pyinfra's log indents each line by four characters.
    return shutil.get_terminal_size().columns - 4 if sys.stderr.isatty() else 0


def table_columns() -> int:
    """Return how many columns a table of a host may have, or 0 where there is no terminal."""
    return max(columns() - len(INDENT), 0)


class Console(logging.Filter):
    """Shorten what pyinfra 3.10 prints, and show the plan in the order of the deploy.

    * With -v nothing is left out. Without it the lines `Skipped` (each operation prints one for
      every host that has no part in it) and `Ready` are, and `Connected` of hosts that are asked
      only when a job needs them.
    * Names of hosts are not padded to the longest one, which here would fill the line.
    * The table of detected changes gives way to the plan, which names every field.
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_detected_changes = False

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        text = shown(record.getMessage())
        plain = click.unstyle(text)
        if plain.startswith("--> "):
            self._in_detected_changes = plain in (DETECTED, SKIPPED)
            if not plan.is_empty and not plain.startswith("--> Preparing"):
                self._show_plan()
                return not self._in_detected_changes
            if plain == SKIPPED:
                return False
        elif self._in_detected_changes or (_is_noise(plain) and not _is_verbose()):
            return False
        record.msg, record.args = _PADDED_HOST.sub(_pad, text), None
        return True

    def _show_plan(self) -> None:
        steps = plan.take(context.state)
        inside, self._in_detected_changes = self._in_detected_changes, False
        logger.info(DETECTED)
        self._in_detected_changes = False
        for step in steps:
            print_line(click.style(step.name, bold=True))
            for entry in step.entries:
                report(entry.host, entry.lines)
        logger.info("--> Summary of changes:")
        for line in plan.summary(steps, columns()):
            logger.info(line)
        self._in_detected_changes = inside


def _colour(text: str) -> Callable[[str], str]:
    """Return what colours the lines of a text difference; only a terminal is given colours."""
    if text.startswith(("+", "-")):
        return functools.partial(click.style, fg="green" if text.startswith("+") else "red")
    return str


def install() -> None:
    """Have all that pyinfra prints go through `shown`, once, and its log through `Console`."""
    if not any(isinstance(known, Console) for known in logger.filters):
        logger.addFilter(Console())
        # Also where it does not use its log: inventories, facts, tracebacks.
        click.echo = functools.partial(_echo, click.echo)
        output.set_echo(click.echo)


def _echo(echo: Callable[..., None], message: Any = None, *more: Any, **options: Any) -> None:
    echo(shown(message) if isinstance(message, str) else message, *more, **options)


def _pad(match: re.Match[str]) -> str:
    name = match[1]
    return name + " " * max(1, COLUMN - len(click.unstyle(name)))


def _is_noise(text: str) -> bool:
    return bool(_NOISE.match(text)) or _is_not_connected(text)


def _is_not_connected(text: str) -> bool:
    """Return whether pyinfra calls a host connected that is asked only when it is needed."""
    match = _CONNECTED.match(text)
    if match is None:
        return False
    return bool(context.inventory.get_host(match[1]).data.get("connect_when_needed"))


def _is_verbose() -> bool:
    return context.ctx_state.isset() and bool(context.state.print_noop_info)
