"""What a fact tells, as pyinfra can print it: `pyinfra HOST fact NAME` writes JSON."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def printable(value: Any) -> Any:
    """Return a value with which `json.dumps` of pyinfra 3.10 can go on.

    + value: of a fact, or a mapping of them

    What has `to_json`, such as a secret, says itself how it is printed. The key `("KEY", "scope")`
    becomes `KEY (scope)`.
    """
    if hasattr(value, "to_json"):
        return value
    if isinstance(value, Mapping):
        return {_key(key): printable(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: printable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, set | frozenset):
        return sorted((printable(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    if isinstance(value, bytes):  # Of a log, cut where a character has several bytes.
        return value.decode(errors="replace")
    return value


def _key(key: Any) -> Any:
    if not isinstance(key, tuple):
        return key
    first, *rest = map(str, key)
    return f"{first} ({', '.join(rest)})" if rest else first
