"""pyinfra's own lines made short: what it prints goes through here to stderr."""

import functools
import logging
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import click
from pyinfra import context, logger
from pyinfra.api import output
from typing_extensions import override

from ops.api.console import is_verbose
from ops.api.live import is_plain, live_line
from ops.api.shown import shown

COLUMN = 26
_PADDED_HOST = re.compile(r"^(\S*\[\S+\]\S*) {2,}(?=\S)")
_OF_A_HOST = re.compile(r"^\[(\S+)\] +(Connected|Success|No changes)$")
_NOISE = re.compile(r"^(\[\S+\] +(Skipped|Ready: .*|Connected \(to .*)|Loading: .*)$")
# Headings of what is shown otherwise: the plan, and the verdict.
_PLAN = ("--> Detected changes:", "--> Skipping change detection")
_RESULTS = "--> Results:"
_NO_NEWS = (
    "--> Loading config",
    "--> Loading inventory",
    "--> Connecting",
    "--> Beginning",
    "--> Disconnecting",
)
_DISCLAIMER = "\n    Detected changes may not include"
_ENDS = ("--> Beginning", "--> Starting", "--> Disconnecting")


class PyinfraLog(logging.Filter):
    """Shorten what pyinfra 3.10 prints; with `-v` nothing is left out.

    * The lines `Skipped` (each operation prints one for every host that has no part in it) and
      `Ready` are left out, and hosts that say the same are counted: `12 hosts: Success`.
    * Names of hosts are not padded to the longest one, which here would fill the line.
    * The tables of changes and of results give way to the plan and to the verdict.

    + before: called before the heading of what follows the preparation
    """

    def __init__(self, before: Callable[[], None]) -> None:
        super().__init__()
        self._before = before
        self._is_in_a_table = False
        self._same: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        text = shown(record.getMessage())
        record.msg, record.args = _PADDED_HOST.sub(_pad, text), None
        plain = click.unstyle(text)
        if plain.startswith("--> "):
            self._say_the_same()
            if plain.startswith((*_PLAN, _RESULTS, *_ENDS)):
                self._before()
            self._is_in_a_table = plain.startswith(_PLAN)
            if is_verbose():
                return not self._is_in_a_table
            self._is_in_a_table |= plain.startswith(_RESULTS)
            return not (self._is_in_a_table or plain.startswith(_NO_NEWS))
        if is_verbose():
            return not self._is_in_a_table
        match = _OF_A_HOST.match(plain)
        if match is None:
            return not (self._is_in_a_table or _NOISE.match(plain))
        if not _is_asked_later(match):
            self._same[match[2]] += 1
            self._first.setdefault(match[2], record.msg)
        return False

    def _say_the_same(self) -> None:
        same, self._same = self._same, Counter()
        first, self._first = self._first, {}
        for word, count in same.items():
            text = first[word] if count == 1 else f"{count} hosts: {word}"
            click.echo(f"    {text}", err=True)


def install(before: Callable[[], None]) -> None:
    """Have all that pyinfra prints go through `shown`, once, and its log through `PyinfraLog`.

    + before: called when the preparation is over, before anything else is printed
    """
    if not any(isinstance(known, PyinfraLog) for known in logger.filters):
        logger.addFilter(PyinfraLog(before))
        # Also where it does not use its log: inventories, facts, tracebacks.
        click.echo = functools.partial(_echo, click.echo)
        output.set_echo(click.echo)


def _echo(echo: Callable[..., None], message: Any = None, *more: Any, **options: Any) -> None:
    if isinstance(message, str) and message.startswith(_DISCLAIMER) and not is_verbose():
        return
    live_line.erase()
    if is_plain():
        options["color"] = False
    echo(shown(message) if isinstance(message, str) else message, *more, **options)


def _pad(match: re.Match[str]) -> str:
    name = match[1]
    return name + " " * max(1, COLUMN - len(click.unstyle(name)))


def _is_asked_later(match: re.Match[str]) -> bool:
    """Return whether pyinfra calls a host connected that is asked only when it is needed."""
    if match[2] != "Connected":
        return False
    return bool(context.inventory.get_host(match[1]).data.get("connect_when_needed"))
