"""What pictures are made of, and a picture with its table."""

from collections.abc import Sequence
from dataclasses import dataclass

GOOD, BAD, WARN, PLAIN, QUIET = "good", "bad", "warn", "plain", "quiet"


@dataclass(frozen=True)
class Span:
    """A time, and what it is: its tone, and words that stand on it where there is room."""

    start: float
    end: float
    tone: str
    text: str = ""


@dataclass(frozen=True)
class Lane:
    """A line of a picture.

    + label: what it is
    + note: what came of it
    + heading: what begins with this lane
    """

    label: str
    note: str = ""
    spans: Sequence[Span] = ()
    heading: str = ""


@dataclass(frozen=True)
class Link:
    """A link of a chain, whether it holds (None: it does not apply), and what was seen."""

    name: str
    ok: bool | None
    seen: str


@dataclass(frozen=True)
class Picture:
    """A picture and its table.

    + name: of its elements in the page
    + title: what it is
    + text: what there is to be seen, in words
    + legend: tones and their meaning
    + lanes, seconds: what is drawn as lanes, and how long they are
    + links: what is drawn as a chain
    + is_proof: whether it shows what was watched, and not what was done
    """

    name: str
    title: str
    text: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    legend: Sequence[tuple[str, str]] = ()
    lanes: Sequence[Lane] = ()
    seconds: float = 0
    links: Sequence[Link] = ()
    is_proof: bool = True
