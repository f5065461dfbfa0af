"""Where the clients of Kafka connect, and the settings that are templates of it.

One setting says it. Others name its parts as `{host}`, `{port}` and `{user}`, so that no port
stands twice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

PARTS = ("host", "port", "user")
KNOWN = ", ".join(f"{{{part}}}" for part in PARTS)
_PART = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True)
class Endpoint:
    """A listener of Kafka as its clients see it.

    + host: name of the bootstrap service
    + port: of the listener
    + user: as whom clients log in there; empty where they do not
    """

    host: str
    port: int
    user: str

    @property
    def address(self) -> str:
        """Return `HOST:PORT`."""
        return f"{self.host}:{self.port}"


def is_template(value: Any) -> bool:
    """Return whether a value, or one inside of it, names a part of the endpoint."""
    return bool(_named(value))


def check_parts(value: Any) -> None:
    """Raise ValueError in words where a value names a part that an endpoint does not have."""
    unknown = sorted(_named(value) - {*PARTS})
    if unknown:
        raise ValueError(f"there is no {{{unknown[0]}}}; the endpoint has {KNOWN}")


def check_hidden_parts(value: Any) -> None:
    """Raise ValueError as `check_parts` does, with nothing of the value in its text."""
    if _named(value) - {*PARTS}:
        raise ValueError(f"it names a part that the endpoint does not have; those are {KNOWN}")


def filled(value: Any, endpoint: Endpoint) -> Any:
    """Return a value with the parts of an endpoint in it; `"{port}"` alone becomes a number."""
    if isinstance(value, Mapping):
        return {name: filled(inner, endpoint) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, endpoint) for inner in value]
    if value == "{port}":
        return endpoint.port
    return _replaced(value, endpoint, str) if isinstance(value, str) else value


def filled_pattern(pattern: str, endpoint: Endpoint) -> str:
    """Return a regular expression with the parts of an endpoint in it, which mean themselves."""
    return _replaced(pattern, endpoint, re.escape)


def _replaced(text: str, endpoint: Endpoint, show: Callable[[str], str]) -> str:
    parts = asdict(endpoint)
    return _PART.sub(lambda found: show(str(parts[found[1]])), text)


def _named(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return {name for inner in value.values() for name in _named(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in _named(inner)}
    return set(_PART.findall(value)) if isinstance(value, str) else set()
