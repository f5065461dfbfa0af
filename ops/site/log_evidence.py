"""Evidence in the logs of CI jobs: lines that must be there, and ones that must not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ops.api.visible import cut

# What GitLab's runner adds to a log: colours, and the marks of foldable sections.
_MARKS = re.compile(r"section_(?:start|end):\d+:[\w.\[\]=-]*\r|\x1b\[[\d;]*[A-Za-z]|\r")


@dataclass(frozen=True)
class Evidence:
    """A line of a log that proves something.

    + line: its number, from 1
    + text: the line, without colours
    + consumed: the line of a consumer that has got messages; empty where there is none
    """

    line: int
    text: str
    consumed: str = ""


@dataclass(frozen=True)
class Rules:
    """What a log must have, and what not: regular expressions.

    + wanted: the line that proves it
    + producer: lines in which a forbidden text counts: another one may wait for another port
    + forbidden: of which none may match in those
    + failures: of a client, in any line
    + consumer: a consumer's line, whose first group is how many messages it has got; where there is
      one, that is more than none. Empty: no job has a consumer
    """

    wanted: str
    producer: str
    forbidden: Sequence[str]
    failures: Sequence[str]
    consumer: str = ""


class NoEvidence(Exception):
    """The log does not prove it; the message says why."""


class Refuted(NoEvidence):
    """The log shows the opposite."""


def prove(log: str, rules: Rules) -> Evidence:
    """Return the first line that matches, in a log which nothing refutes.

    + log: as GitLab's API gives it

    Raises NoEvidence in words, and Refuted where a line shows the opposite.
    """
    lines = [_MARKS.sub("", line) for line in log.split("\n")]
    for number, line in enumerate(lines, 1):
        what = _refutation(line, rules)
        if what:
            raise Refuted(f"line {number} has {what!r}: {cut(line.strip(), 120)}")
    for number, line in enumerate(lines, 1):
        if re.search(rules.wanted, line):
            return Evidence(number, line.strip(), _consumed(lines, rules.consumer))
    raise NoEvidence(f"no line matches {rules.wanted!r}")


def _consumed(lines: Sequence[str], consumer: str) -> str:
    """Return the first line of a consumer that has got something; empty where there is none."""
    if not consumer:
        return ""
    found = [(n, line, re.search(consumer, line)) for n, line in enumerate(lines, 1)]
    of_consumer = [(n, line.strip(), match[1]) for n, line, match in found if match]
    for _, line, number in of_consumer:
        if int(number):
            return line
    if of_consumer:
        number, line, _ = of_consumer[0]
        raise Refuted(f"line {number}, of a consumer that has got nothing: {cut(line, 120)}")
    return ""


def _refutation(line: str, rules: Rules) -> str:
    for pattern in rules.failures:
        match = re.search(pattern, line)
        if match is not None:
            return cut(match[0], 60)
    if re.search(rules.producer, line):
        found = (re.search(pattern, line) for pattern in rules.forbidden)
        return next((match[0] for match in found if match), "")
    return ""
