"""Sealing: a record of a run that has ended gets its place in the chain, and old ones go."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from ops.records.chain import Chain, follows, surplus
from ops.records.directory import Records

RUNNING, DONE, BROKEN_OFF = "running", "done", "broken off"


def seal(records: Records, own: str, count: int, days: float) -> None:
    """Enter a record into the chain, and before it those that killed runs have left.

    + own: name of the record, whose run has ended
    + count, days: how many records are kept, and how long

    Raises OSError or ValueError in words where that cannot be; the next run does it then.
    """
    with records.lock():
        chain = _entered(records, records.chain())
        for name in _left(records, chain):
            with suppress(OSError, ValueError):
                chain = _sealed(records, chain, name)
        chain = _sealed(records, chain, own)
        _trim(records, chain, surplus(chain, count, days, datetime.now(UTC)))


def _entered(records: Records, chain: Chain) -> Chain:
    """Enter what is sealed already: the run that did it was killed before it could."""
    known = {link.id for link in chain.records}
    found = {name: records.found(name) for name in records.names() if name not in known}
    in_order = sorted(
        ((name, record) for name, record in found.items() if record and record.sequence),
        key=lambda pair: pair[1].sequence or 0,
    )
    for name, record in in_order:
        if follows(chain, record):
            chain = chain.followed_by(name, record.digest)
            records.write_chain(chain)
        elif (record.sequence or 0) <= chain.before.sequence:
            records.remove(name)
    return chain


def _left(records: Records, chain: Chain) -> list[str]:
    """Return the names of records that no run writes any more, and that are not sealed."""
    known = {link.id for link in chain.records}
    return [name for name in records.names() if name not in known and _is_left(records, name)]


def _is_left(records: Records, name: str) -> bool:
    try:
        descriptor = records.hold(name)
    except OSError:  # Of somebody else, or no directory.
        return False
    if descriptor is None:
        return False
    os.close(descriptor)
    try:
        return records.read(name).get("sequence") is None
    except FileNotFoundError:  # Killed before it had begun.
        records.remove(name)
    except (OSError, ValueError):
        pass
    return False


def _sealed(records: Records, chain: Chain, name: str) -> Chain:
    record: dict[str, Any] = records.read(name)
    if record["status"] == RUNNING:
        record = records.with_notes(name, {**record, "status": BROKEN_OFF})
    record["sequence"] = chain.head.sequence + 1
    record["previous"] = chain.head.digest
    chain = chain.followed_by(name, records.write(name, record))
    records.write_chain(chain)
    records.forget_notes(name)
    return chain


def _trim(records: Records, chain: Chain, count: int) -> None:
    if count:
        records.write_chain(chain.without(count))
        for link in chain.records[:count]:
            records.remove(link.id)
