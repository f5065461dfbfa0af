"""A part of the site as the overview saw it."""

from dataclasses import dataclass, field


@dataclass
class Area:
    """A part of the site as it was seen.

    + name: what it is
    + lines: what was seen
    + problems: what needs attention, each with the job that brings it about
    """

    name: str
    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
