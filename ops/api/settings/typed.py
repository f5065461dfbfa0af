"""Reading a value as its type: from Python, from the environment, from `--data`."""

import json
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from ops.api.settings.kinds import Kind

TRUE, FALSE = ("true", "yes"), ("false", "no")
LONGEST_VALUE = 60
HIDDEN = "what is given (not shown)"
_WORDS = {
    bool: "true or false", int: "a whole number", float: "a number", str: "text",
    list: "a list", dict: "a mapping of values, as JSON",
}  # fmt: skip


class Wrong(ValueError):
    """A value is not of its type; the message goes on after "NAME is"."""


def kind_of(annotation: Any) -> Kind:
    """Return what a type allows; the kind that stands last in it counts."""
    kinds = [part for part in get_args(annotation) if isinstance(part, Kind)]
    if get_origin(annotation) is Annotated:
        return kinds[-1] if kinds else kind_of(get_args(annotation)[0])
    inner = _without_none(annotation)
    if inner is not annotation:
        return kind_of(inner)
    base = _base(annotation)
    if get_origin(base) is Literal:
        return Kind(_choice(get_args(base)))
    origin = get_origin(base) or base
    return Kind(_WORDS.get(origin, f"a {getattr(origin, '__name__', origin)}"))


def typed(annotation: Any, value: Any, *, is_text: bool = False) -> Any:
    """Return a value as its type has it.

    + annotation: the type, such as `Seconds`
    + value: what was given; text is read as a number or as true or false where one is wanted
    + is_text: it comes from the command line, so that text is read as a list, too

    Raises Wrong in words. Text is never taken for true because it is not empty, nor for a list of
    its letters.
    """
    kind, base = kind_of(annotation), _base(annotation)
    given = value
    if isinstance(value, str):
        value = _read(base, kind, value, is_text)
    elif isinstance(value, bool) is not (base is bool) and base is not Any and value is not None:
        raise Wrong(_not(kind, value))  # True is 1 in Python, and 1 true in msgspec.
    try:
        found = msgspec.convert(value, annotation, strict=False)
    except msgspec.ValidationError:
        raise Wrong(_not(kind, given)) from None
    except TypeError:  # A type of pyinfra's connectors that msgspec does not know.
        return value
    return _checked(kind, found)


def show(value: Any, kind: Kind) -> str:
    """Return a value for a message: short, and not at all where it may be a secret."""
    if kind.hidden:
        return HIDDEN
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _checked(kind: Kind, value: Any) -> Any:
    if kind.check is not None and value is not None:
        try:
            kind.check(value)
        except ValueError as error:
            raise Wrong(f"{_not(kind, value)}: {error}") from None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _read(base: Any, kind: Kind, text: str, is_text: bool) -> Any:
    origin = get_origin(base) or base
    if origin is bool:
        word = text.strip().lower()
        if word not in TRUE + FALSE:
            raise Wrong(_not(kind, text))
        return word in TRUE
    if origin is list and is_text:
        return _listed(kind, text.strip())
    if origin is dict and is_text:
        return _json(text)
    return text if origin in (str, Literal) else text.strip()


def _listed(kind: Kind, text: str) -> Any:
    found = _json(text)
    if isinstance(found, list):
        return found
    if kind.commas and "," in text:
        raise Wrong(f'{_not(kind, text)}: with a comma, write it as JSON, ["a", "b"]')
    parts = [text] if kind.commas else text.split(",")
    return [part.strip() for part in parts if part.strip()]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _not(kind: Kind, value: Any) -> str:
    return f"{kind.words}, not {show(value, kind)}"


def _choice(values: tuple[Any, ...]) -> str:
    *most, last = [str(value) or "empty" for value in values]
    return f"{', '.join(most)} or {last}" if most else last


def _base(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    inner = _without_none(annotation)
    return annotation if inner is annotation else _base(inner)


def _without_none(annotation: Any) -> Any:
    """Return X of `X | None`, and any other type as it is."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    rest = [part for part in get_args(annotation) if part is not NoneType]
    return rest[0] if len(rest) == 1 else annotation
