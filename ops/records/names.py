"""Which record is meant: by its number, its name or a part of that, or the path of its file."""

from pathlib import Path

from ops.records.directory import FILE, Records


def named(records: Records, wanted: str) -> str:
    """Return the name of a record; raise ValueError in words where there is not exactly one.

    + records: those in which to look
    + wanted: its number, its name, or a part of that which no other one has
    """
    if not wanted:  # It is a part of every name.
        raise ValueError(f"name a record of {records.path}: runs list")
    names = records.names()
    if wanted.isdecimal() and len(wanted) < 6:
        found = [link.id for link in records.chain().records if link.sequence == int(wanted)]
    else:
        found = [wanted] if wanted in names else [name for name in names if wanted in name]
    if len(found) == 1:
        return found[0]
    many = f"{len(found)} records are called" if found else "there is no record"
    raise ValueError(f"{many} {wanted} in {records.path}: runs list")


def at_path(wanted: str) -> tuple[Records, str] | None:
    """Return the records and the name of one whose file or directory a path is, or None."""
    path = Path(wanted).expanduser()
    if path.name != FILE:
        path /= FILE
    if "/" not in wanted or not path.exists():
        return None
    path = path.resolve()
    return Records(path.parent.parent), path.parent.name
