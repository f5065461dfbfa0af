"""The one line of a terminal that says what is being waited for, drawn again each second."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import gevent

from ops.api.shown import shown
from ops.api.visible import one_line

if TYPE_CHECKING:
    from rich.console import Console

EVERY = 1  # seconds
INDENT = "    "
NO_TERMINAL = ("", "dumb", "unknown")  # of TERM: what cannot take back a line


def clock() -> str:
    """Return the time of this machine with its zone, such as `03:02:29 CET`."""
    return f"{datetime.now().astimezone():%H:%M:%S %Z}"


def is_plain() -> bool:
    """Return whether nothing may have a colour: https://no-color.org, or a dumb terminal."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def is_live() -> bool:
    """Return whether a line may be drawn again: stderr is a terminal that can, and no CI's."""
    return (
        sys.stderr.isatty()
        and os.environ.get("TERM", "") not in NO_TERMINAL
        and os.environ.get("CI", "").lower() in ("", "0", "false")
        and os.environ.get("PYINFRA_PROGRESS") != "off"  # as for pyinfra's own
    )


class LiveLine:
    """What is shown in the last line of the terminal as long as something is waited for."""

    def __init__(self) -> None:
        self._waits: list[Callable[[], str]] = []
        self._background: list[Callable[[], str]] = []
        self._is_drawn = False
        self._is_drawing = False
        self._is_hidden = False

    @contextmanager
    def showing(self, text: Callable[[], str], *, is_background: bool = False) -> Iterator[None]:
        """Show what a function returns as long as this lasts; of several waits the last one.

        + text: says what is waited for; empty: nothing yet
        + is_background: whether it is shown only where there is no other one
        """
        if not is_live():
            yield
            return
        waits = self._background if is_background else self._waits
        waits.append(text)
        self.draw()
        if not self._is_drawing:
            self._is_drawing = True
            gevent.spawn(self._draw_again)
        try:
            yield
        finally:
            waits.remove(text)
            self.erase()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Show nothing as long as this lasts: somebody is asked a question."""
        self.erase()
        self._is_hidden = True
        try:
            yield
        finally:
            self._is_hidden = False

    def draw(self) -> None:
        """Show what is waited for now."""
        texts = _said(self._waits)
        more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
        texts = texts or _said(self._background)
        if not texts or self._is_hidden:
            return
        self.erase()
        line = one_line(shown(f"{INDENT}{clock()}  {texts[-1]}{more}"))
        console = _console()
        # In the last column a terminal would begin a new line.
        console.print(line, end="", overflow="ellipsis", no_wrap=True, width=console.width - 1)
        console.file.flush()
        self._is_drawn = True

    def erase(self) -> None:
        """Take the line back, before anything else is printed."""
        if self._is_drawn:
            from rich.control import Control
            from rich.segment import ControlType

            self._is_drawn = False
            erased = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
            _console().control(erased)
            _console().file.flush()

    def _draw_again(self) -> None:
        while self._waits or self._background:
            gevent.sleep(EVERY)
            self.draw()
        self._is_drawing = False


live_line = LiveLine()


def install() -> None:
    """Have the live line stand for the one that pyinfra 3.10 draws five times a second."""
    from pyinfra import progress

    progress._print_spinner = _show_progress


def _show_progress(stop: Any, progress: Any) -> None:
    if is_live():
        with live_line.showing(lambda: str(progress[-1]), is_background=True):
            stop.wait()


def _said(waits: Iterable[Callable[[], str]]) -> list[str]:
    return [text for text in (wait() for wait in waits) if text]


@cache
def _console() -> "Console":
    from rich.console import Console

    return Console(
        stderr=True, force_terminal=True, color_system=None, highlight=False, markup=False,
        emoji=False,
    )  # fmt: skip
