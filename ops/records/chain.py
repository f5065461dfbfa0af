"""The chain of sealed records: each one carries the digest of the one before it.

Pure: `ops.records.directory` reads and writes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

TIME = "%Y%m%dT%H%M%SZ"  # how the name of a record begins
NOTHING = "0" * 64  # the digest before the first record


class Link(msgspec.Struct, frozen=True):
    """A sealed record: its place, its name, and the SHA-256 of its file."""

    sequence: int
    id: str
    digest: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """All sealed records that are kept.

    + before: the last one that was not kept; with the sequence 0 there was none
    + records: in their order
    """

    format: Literal[1] = 1
    before: Link = Link(0, "", NOTHING)
    records: tuple[Link, ...] = ()

    @property
    def head(self) -> Link:
        """The last record."""
        return self.records[-1] if self.records else self.before

    def followed_by(self, name: str, digest: str) -> "Chain":
        """Return the chain with another record at its end."""
        link = Link(self.head.sequence + 1, name, digest)
        return msgspec.structs.replace(self, records=(*self.records, link))

    def without(self, count: int) -> "Chain":
        """Return the chain without its first records."""
        before = self.records[count - 1] if count else self.before
        return msgspec.structs.replace(self, before=before, records=self.records[count:])


@dataclass(frozen=True)
class Found:
    """What a record's file says of its place in the chain.

    + digest: of the file
    + sequence, previous: None where the record is not sealed
    """

    digest: str
    sequence: int | None
    previous: str | None


def to_text(chain: Chain) -> str:
    """Return the text of chain.json."""
    return msgspec.json.format(msgspec.json.encode(chain), indent=2).decode() + "\n"


def from_text(text: bytes) -> Chain:
    """Return the chain of a file's text; raises ValueError with a reason where it is none."""
    return msgspec.json.decode(text, type=Chain)  # Its errors are ValueErrors.


def follows(chain: Chain, found: Found) -> bool:
    """Return whether a sealed record is the next one: a run was killed before it was entered."""
    return (found.sequence, found.previous) == (chain.head.sequence + 1, chain.head.digest)


def problems(chain: Chain, found: Mapping[str, Found | None]) -> Iterator[str]:
    """Yield a line for each record that is not what and where it was when its run ended.

    + found: each record that is there, by its name; None where its file cannot be read
    """
    by_digest = {link.digest: link for link in chain.records}
    before = chain.before
    for link in chain.records:
        if reason := _problem(link, before, found, by_digest):
            yield f"record {link.sequence} ({link.id}) {reason}"
        before = link
    known = {link.id for link in chain.records}
    for name, record in found.items():
        if name not in known and record is None:
            yield f"{name} has no record.json that can be read"
        elif name not in known and record and _is_stray(chain, record):
            yield f"{name} is sealed as record {record.sequence}, and chain.json does not have it"


def problem_of(chain: Chain, name: str, found: Mapping[str, Found | None]) -> str:
    """Return why one sealed record is not what it was when its run ended, or an empty text.

    + name: of the record
    + found: as of `problems`
    """
    by_digest = {link.digest: link for link in chain.records}
    for before, link in zip([chain.before, *chain.records], chain.records, strict=False):
        if link.id == name:
            return _problem(link, before, found, by_digest)
    record = found.get(name)
    # A run that was killed at its very end has not entered it.
    is_next = record is not None and follows(chain, record)
    return "" if is_next else "is sealed, and chain.json does not have it"


def surplus(chain: Chain, count: int, days: float, now: datetime) -> int:
    """Return how many of the first records need not be kept; the last one always is.

    + count: how many are kept
    + days: how long
    """
    oldest = (now - timedelta(days=days)).astimezone(UTC).strftime(TIME)
    number = max(len(chain.records) - count, 0)
    while number < len(chain.records) and chain.records[number].id[: len(oldest)] < oldest:
        number += 1
    return max(min(number, len(chain.records) - 1), 0)


def _problem(
    link: Link, before: Link, found: Mapping[str, Found | None], by_digest: Mapping[str, Link]
) -> str:
    if link.id not in found:
        return "is missing"
    record = found[link.id]
    if record is None:
        return "cannot be read: it was edited"
    if record.digest != link.digest:
        other = by_digest.get(record.digest)
        return f"is what record {other.sequence} was: reordered" if other else "was edited"
    if (record.sequence, record.previous) != (before.sequence + 1, before.digest):
        return f"does not follow record {before.sequence}: reordered, or one was taken out"
    return ""


def _is_stray(chain: Chain, record: Found) -> bool:
    # What is no longer kept may not be removed yet, and the next run enters what follows.
    if record.sequence is None or record.sequence <= chain.before.sequence:
        return False
    return not follows(chain, record)
