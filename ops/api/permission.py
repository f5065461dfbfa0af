"""Whether a run may change something by its maintenance windows, as its verdict and record say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Permission:
    """What the windows of a site say of a run.

    + is_open: whether it may change something
    + because: the rule that allows or denies it; empty where nothing restricts it
    + until: when that is over, where it is open and that is known
    + opens: when it may, where it is closed and that is known
    + said: all of it in a line, with the times on the clocks of the site
    + outside: why it may all the same, or an empty text
    """

    is_open: bool
    because: str
    until: datetime | None
    opens: datetime | None
    said: str
    outside: str = ""

    @property
    def line(self) -> str:
        """Return it as the verdict has it."""
        return f"{self.said}; all the same: {self.outside}" if self.outside else self.said


def described(permission: Permission | None) -> dict[str, Any] | None:
    """Return it as the document of a run has it; None where there are no windows."""
    if permission is None:
        return None
    return {
        "is_open": permission.is_open,
        "because": permission.because or None,
        "until": _time(permission.until),
        "opens": _time(permission.opens),
        "outside": permission.outside or None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
