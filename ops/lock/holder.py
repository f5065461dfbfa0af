"""Who holds the lock of the site. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ops.api.visible import one_line

PREFIX = "site-operations/"  # of annotations
LONGEST = 128  # characters of a part, as somebody else may have written it


@dataclass(frozen=True)
class Holder:
    """A run that holds the lock, or has held it.

    + user, host: who, and on which machine
    + pid: of its process there
    + job: what it does, such as `fix_tags`
    + run: an id that no other run has; a pid and a name come again
    + since: when it took the lock, as its own clock said; None where that is not known
    """

    user: str
    host: str
    pid: int
    job: str
    run: str
    since: datetime | None = None

    @property
    def identity(self) -> str:
        """What the Lease has as `holderIdentity`."""
        return f"{self.user}@{self.host}/{self.run}"

    @property
    def who(self) -> str:
        """Who it is, for people; of another program what it calls itself."""
        return f"{self.user}@{self.host}" if self.host else self.user

    def notes(self) -> dict[str, str]:
        """Return the annotations of the Lease that it holds."""
        return {
            f"{PREFIX}{name}": str(getattr(self, name))
            for name in ("user", "host", "pid", "job", "run")
        }

    def document(self) -> dict[str, Any]:
        """Return what a record and the file beside the local lock have of it."""
        return {
            "user": self.user,
            "host": self.host,
            "pid": self.pid,
            "job": self.job,
            "run": self.run,
            "since": self.since.isoformat(timespec="seconds") if self.since else None,
        }


def from_notes(identity: str, notes: Mapping[str, str], since: datetime | None) -> Holder:
    """Return the holder of a Lease.

    + identity: its `holderIdentity`; somebody else's program may have put there what it likes
    + notes: its annotations, which count where they are of this holder
    + since: its `acquireTime`
    """
    told = {name.removeprefix(PREFIX): text[:LONGEST] for name, text in notes.items()}
    pid = told.get("pid", "")
    found = Holder(
        told.get("user", ""),
        told.get("host", ""),
        int(pid) if pid.isdecimal() else 0,
        told.get("job", ""),
        told.get("run", ""),
        since,
    )
    if found.identity == identity:
        return found
    user, _, host = identity[:LONGEST].partition("@")
    return Holder(user or "somebody", host, 0, "", identity[:LONGEST], since)


def from_document(document: Any) -> Holder | None:
    """Return the holder that a file tells; None where it tells none."""
    try:
        since = document["since"]
        return Holder(
            str(document["user"])[:LONGEST],
            str(document["host"])[:LONGEST],
            int(document["pid"]),
            str(document["job"])[:LONGEST],
            str(document["run"])[:LONGEST],
            datetime.fromisoformat(since) if since else None,
        )
    except (KeyError, TypeError, ValueError):
        return None


def at_work(holder: Holder) -> str:
    """Return who is at work with what since when: `anna@desk is at work with fix_tags since …`."""
    since = holder.since
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    text = f"{holder.who} is at work"
    text += f" with {holder.job}" if holder.job else ""
    text += f" since {since.astimezone():%Y-%m-%d %H:%M:%S %Z}" if since else ""
    return one_line(text + (f" (pid {holder.pid})" if holder.pid else ""))
