"""How the verdict says numbers, times and lists; pure."""

import textwrap
from collections.abc import Sequence

LABEL = 10  # columns of "changed:", "proven:", …


def duration(seconds: float) -> str:
    """Return a time in the units that a person would say it in."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def some(texts: Sequence[str], limit: int) -> str:
    """Return as many texts as there is room for, and how many more there are."""
    found = ""
    for number, text in enumerate(texts):
        more = len(texts) - number
        longer = f"{found}; {text}" if found else text
        room = limit - (len(f"; and {more - 1} more") if more > 1 else 0)
        if len(longer) > room:
            if found:
                return f"{found}; and {more} more"
            longer = longer[: room - 1].rpartition(" ")[0] + "…"
        found = longer
    return found


def wrapped(label: str, text: str, width: int) -> list[str]:
    """Return the lines of a text after its label; a width of 0 wraps nothing."""
    if not label:
        return textwrap.wrap(text, width, break_long_words=False) if width else [text]
    first = f"{label:<{LABEL}}"
    if not width:
        return [first + text]
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=" " * LABEL, break_long_words=False
    )


def counted(name: str, hosts: int) -> str:
    """Return a name with the number of its hosts, where those are several."""
    return name if hosts == 1 else f"{name} ({hosts} hosts)"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number of things, with the word for one or for many."""
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"
