"""What needs attention, for people and for programs."""

from dataclasses import dataclass
from datetime import date
from typing import Self


class Need(str):
    """What needs attention, as a person reads it, with its parts beside it for programs.

    `what` it is, the `job` that brings it about, the `area` of the site, and the name of its `host`
    or an empty text.
    """

    what: str
    job: str
    area: str
    host: str

    @classmethod
    def of(cls, text: str, area: str, host: str = "") -> Self:
        """Return a need.

        + text: what it is, and the job behind the last colon where one brings it about
        + area: the part of the site
        + host: the name of the host whose state it is; empty: of several, or of none
        """
        need = cls(text)
        need.what, _, need.job = text.rpartition(": ")
        need.area, need.host = area, host
        return need


@dataclass(frozen=True)
class Known:
    """What needs no attention although it is not as wanted.

    + need: what it would be otherwise
    + reason: why it is so
    + until: the last day on which that holds
    """

    need: Need
    reason: str
    until: date

    def __str__(self) -> str:
        return f"{self.need}; known: {self.reason}, until {self.until}"
