"""Texts of others in Markdown. Pure."""

import re

_TICKS = re.compile("`+")


def code(text: str) -> str:
    """Return a text as code in a line: nothing in it is markup, a link or the mention of somebody.

    + text: any; what breaks a line is shown as its escape
    """
    line = text.replace("\r", "\\r").replace("\n", "\\n") or " "
    fence = "`" * (max((len(found) for found in _TICKS.findall(line)), default=0) + 1)
    # One space at both ends is taken away again; a text of spaces alone keeps them.
    pad = " " if line.strip(" ") and (line[0] in "` " or line[-1] in "` ") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
