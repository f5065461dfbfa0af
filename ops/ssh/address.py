"""Where an SSH host is, as people write it: `user@host:port`."""

import re
from dataclasses import dataclass

_FORM = re.compile(
    r"(?:ssh://)?(?:(?P<user>[^@\s]+)@)?"
    r"(?:\[(?P<bracketed>[^\]\s]+)\](?::(?P<port>\d+))?"
    r"|(?P<name>[^:@\s/]+)(?::(?P<its_port>\d+))?"
    r"|(?P<bare>[0-9a-fA-F:.]+))/?"
)


@dataclass(frozen=True)
class Address:
    """A host, and what is said with it.

    + host: its name or address
    + user: to log in as, or empty
    + port: or None
    """

    host: str
    user: str = ""
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Return the address; raise ValueError where a text is none."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not user@host:port")
        port = found["port"] or found["its_port"]
        host = found["bracketed"] or found["name"] or found["bare"]
        return cls(host, found["user"] or "", int(port) if port else None)

    def settings(self) -> dict[str, str | int]:
        """Return the settings of a client that are said."""
        said = {"username": self.user, "port": self.port}
        return {name: value for name, value in said.items() if value}
