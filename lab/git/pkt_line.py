"""Git's pkt-line format, as far as the lab reads and writes it (gitprotocol-pack)."""

from collections.abc import Iterator
from typing import Any

FLUSH = b"0000"
REPORT = 1  # the band of a side-band stream that has the report of a push
LARGEST = 65000


def packet(data: bytes) -> bytes:
    """Return data as one packet."""
    return f"{len(data) + 4:04x}".encode() + data


def packets(data: bytes) -> Iterator[bytes]:
    """Return the packets up to the first flush."""
    place = 0
    while place + 4 <= len(data):
        size = int(data[place : place + 4], 16)
        if size < 4:
            return
        yield data[place + 4 : place + size]
        place += size


def updates(body: bytes) -> list[dict[str, str]]:
    """Return what a git-receive-pack request wants to do with which refs."""
    found = []
    for line in packets(body):
        old, _, rest = line.split(b"\0")[0].decode(errors="replace").strip().partition(" ")
        new, _, ref = rest.partition(" ")
        if ref:
            found.append({"ref": ref, "old": old, "new": new})
    return found


def logged(content_type: str, body: bytes) -> Any:
    """Return what the request log keeps of git's requests: the refs of a push, never a pack."""
    if content_type != "application/x-git-receive-pack-request":
        return None
    try:
        return {"updates": updates(body)}
    except ValueError:
        return None


def reword(answer: bytes, old: bytes, new: bytes) -> bytes:
    """Replace words in the report of a push; what is said on other bands stays."""
    if old not in answer:
        return answer
    parts, report = [], b""
    for data in packets(answer):
        if data[0] == REPORT:
            report += data[1:]
        else:
            parts.append(packet(data))
    lines = [packet(line.replace(old, new)) for line in packets(report)]
    text = b"".join([*lines, FLUSH])
    for start in range(0, len(text), LARGEST):
        parts.append(packet(bytes([REPORT]) + text[start : start + LARGEST]))
    return b"".join([*parts, FLUSH])
