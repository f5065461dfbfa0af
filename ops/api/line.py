"""A line of a difference with its field beside it: people and programs read the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

ABSENT = object()


@dataclass(frozen=True)
class Field:
    """A field that becomes another one.

    + name: what it is called, such as `spec.suspend`
    + old, new: its values; ABSENT where it has none
    """

    name: str
    old: Any
    new: Any


class Line(str):
    """A line of a difference for people, with what it is about beside it for programs.

    A difference of several lines has its field beside the first one; the others have None.
    """

    field: Field | None

    @classmethod
    def of(cls, text: str, field: Field | None = None) -> Self:
        """Return a line with its field."""
        line = cls(text)
        line.field = field
        return line


def change(name: str, old: Any, new: Any, text: str) -> Line:
    """Return the line of a field that is changed.

    + name, old, new: as of `Field`
    + text: how people read the two values
    """
    return Line.of(f"{name}: {text}", Field(name, old, new))


def fields(lines: Iterable[str]) -> list[Field]:
    """Return the fields that the lines of differences are about."""
    return [line.field for line in lines if isinstance(line, Line) and line.field]


def remarks(lines: Iterable[str]) -> list[str]:
    """Return the lines that are about no field."""
    return [line for line in lines if not isinstance(line, Line)]
