"""Evidence in the logs of CI jobs: lines that must be there, and ones that must not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# What GitLab's runner adds to a log: colours, and the marks of foldable sections.
_MARKS = re.compile(r"section_(?:start|end):\d+:[\w.\[\]=-]*\r|\x1b\[[\d;]*[A-Za-z]|\r")


@dataclass(frozen=True)
class Evidence:
    """A line of a log that proves something.

    + line: its number, from 1
    + text: the line, without colours
    """

    line: int
    text: str


class NoEvidence(Exception):
    """The log does not prove it; the message says why."""


class Refuted(NoEvidence):
    """The log shows the opposite: a forbidden text stands in it."""


def prove(log: str, wanted: str, forbidden: Sequence[str]) -> Evidence:
    """Return the first line that matches, in a log in which no forbidden text stands.

    + log: as GitLab's API gives it
    + wanted: regular expression of the line
    + forbidden: texts of which none may be in the log

    Raises NoEvidence in words, and Refuted where a forbidden text is in the log.
    """
    lines = [_MARKS.sub("", line) for line in log.split("\n")]
    for number, line in enumerate(lines, 1):
        for text in forbidden:
            if text in line:
                raise Refuted(f"line {number} has {text!r}: {line.strip()[:120]}")
    for number, line in enumerate(lines, 1):
        if re.search(wanted, line):
            return Evidence(number, line.strip())
    raise NoEvidence(f"no line matches {wanted!r}")
