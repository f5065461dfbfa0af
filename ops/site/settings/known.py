"""What somebody has brought about on purpose, so that it needs no attention until a date."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import msgspec

from ops.api.settings.kinds import Kind

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class KnownException(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A known exception: all that it names must be so of what it is about.

    + reason: why it is so
    + until: the last day on which it needs no attention
    + host: what it is about, such as `@gitlab/runners/10`
    + area: the part of the site
    + what: a part of its text
    """

    reason: _Text
    until: date
    host: _Text | None = None
    area: _Text | None = None
    what: _Text | None = None


def exceptions(values: Sequence[Mapping[str, Any]]) -> Iterator[KnownException]:
    """Return the exceptions of a setting; raise ValueError with a reason where one is none."""
    for number, value in enumerate(values, 1):
        try:
            found = msgspec.convert(value, KnownException)
        except msgspec.ValidationError as error:
            raise ValueError(f"entry {number}: {str(error).replace('`', '')}") from None
        if found.host is None and found.what is None:
            raise ValueError(f"entry {number} has neither host nor what, and would hide too much")
        yield found


def check_exceptions(values: list[dict[str, Any]]) -> None:
    """Raise ValueError with a reason where an entry is no known exception."""
    for _ in exceptions(values):
        pass


KnownExceptions = Annotated[
    list[dict[str, Any]],
    Kind("a list of known exceptions, as JSON", check=check_exceptions, commas=True),
]
