"""The files with the keys of SSH hosts: read as ssh does, and a line added."""

import base64
import hashlib
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from paramiko import HostKeys, PKey
from paramiko.hostkeys import HostKeyEntry

PORT = 22
REVOKED = "@revoked"


class KnownHosts:
    """The keys that some files have for one host.

    + names: by which it is looked for
    + files: those that are not there, or not to be read, have no keys
    """

    def __init__(self, names: Sequence[str], files: Sequence[Path]) -> None:
        self.names = names
        self.files = files
        self._entries = list(_entries(files))

    def keys(self, name: str, marker: str = "") -> list[PKey]:
        """Return the keys under a name; with the marker `@revoked`, those that must not be used."""
        return [key for its, hosts, key in self._entries if its == marker and _fits(name, hosts)]

    def is_revoked(self, key: PKey) -> bool:
        """Return whether a line with @revoked has the key."""
        return any(key in self.keys(name, REVOKED) for name in self.names)


def host_names(host: str, port: int, alias: str | None) -> list[str]:
    """Return the names under which the key of a host may stand, as ssh looks for them."""
    if alias:
        return [alias]
    return [host] if port == PORT else [f"[{host}]:{port}", host]


def store(name: str, key: PKey, file: Path, hashed: bool) -> None:
    """Add a line for a key; raise OSError where that is not possible.

    + hashed: write a hash for the name, as HashKnownHosts wants it
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = HostKeys.hash_host(name) if hashed else name
    line = f"{written} {key.get_name()} {key.get_base64()}\n"
    before = file.read_text(errors="replace") if file.exists() else ""
    with open(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as stream:
        stream.write(line if before.endswith("\n") or not before else f"\n{line}")


def fingerprint(key: PKey) -> str:
    """Return what `ssh-keygen -l` shows of a key, without its comment."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    kind = key.get_name().removeprefix("ssh-").split("-")[0].upper()
    return f"{key.get_bits()} SHA256:{digest} ({kind})"


def _entries(files: Sequence[Path]) -> Iterator[tuple[str, list[str], PKey]]:
    for file in files:
        try:
            lines = file.read_text(errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            first, _, rest = line.strip().partition(" ")
            marker, text = (first, rest) if first.startswith("@") else ("", line)
            if first.startswith("#"):
                continue
            try:
                entry = HostKeyEntry.from_line(text.strip())
            except Exception:  # A line that is no key is none for ssh either.
                continue
            if entry is not None and entry.key is not None:
                yield marker, entry.hostnames or [], entry.key


def _fits(name: str, patterns: Sequence[str]) -> bool:
    denied = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(_is(name, pattern) for pattern in patterns if pattern[:1] != "!") and not any(
        _is(name, pattern) for pattern in denied
    )


def _is(name: str, pattern: str) -> bool:
    if pattern.startswith("|1|"):
        return HostKeys.hash_host(name, pattern) == pattern
    # Brackets stand around the name of a host with a port, and are no pattern.
    return fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))
