"""What needs attention, for people and for programs."""

from typing import Self


class Need(str):
    """What needs attention, as a person reads it, with its parts beside it for programs.

    `what` it is, the `job` that brings it about, and the `area` of the site.
    """

    what: str
    job: str
    area: str

    @classmethod
    def of(cls, text: str, area: str) -> Self:
        """Return a need.

        + text: what it is, and the job behind the last colon where one brings it about
        + area: the part of the site
        """
        need = cls(text)
        need.what, _, need.job = text.rpartition(": ")
        need.area = area
        return need
