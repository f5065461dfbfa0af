"""Which client libraries cannot log in to which brokers, with the right password: known pairs.

What is not here is not known to fail. A version that nobody knows is no yes.
"""

import re
from dataclasses import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True)
class Pair:
    """A client library and brokers that refuse it.

    + library: its name
    + before: the first version of it that gets in
    + brokers: the first version of the brokers that refuses older ones
    + why, source: in words, and where that is known from
    """

    library: str
    before: Version
    brokers: Version
    why: str
    source: str


PAIRS = [
    Pair(
        "librdkafka",
        (2, 6, 1),
        (4, 0),
        "its SCRAM doubles a nonce, which brokers before 4.0 forgave",
        # 2.0.2, 2.4.0 and 2.5.3 were refused by 4.4.0, and let in by 3.9.1.
        "https://github.com/confluentinc/librdkafka/pull/4895",
    )
]
_NAMED = re.compile(r"(librdkafka)\S*[\s(:=v]+(\d+(?:\.\d+)+)")


def verdict(library: str, brokers: str) -> tuple[bool, str]:
    """Return whether a client library is known to get in with SCRAM, and why.

    + library: such as "librdkafka 2.6.1"; empty where nobody knows
    + brokers: the version of the brokers; empty where nobody knows
    """
    named = _NAMED.search(library) or re.fullmatch(r"(\S+) (\d+(?:\.\d+)+)", library)
    if named is None or not re.match(r"\d+\.\d+", brokers):
        known = f"library {library or 'unknown'}, brokers {brokers or 'unknown'}"
        return False, f"{known}: it is not known whether it can log in"
    name, version = named[1], named[2]
    for pair in PAIRS:
        is_old = name == pair.library and _number(version) < pair.before
        if is_old and _number(brokers) >= pair.brokers:
            first = ".".join(map(str, pair.before))
            what = f"{name} {version} cannot log in to Kafka {brokers}: {pair.why}"
            return False, f"{what}; take {first} or later ({pair.source})"
    return True, f"{name} {version} with Kafka {brokers}"


def named_in(log: str) -> str:
    """Return the library that a log names, such as "librdkafka 2.0.2"; empty where none is."""
    found = _NAMED.search(log)
    return f"{found[1]} {found[2]}" if found else ""


def _number(version: str) -> Version:
    return tuple(map(int, version.split(".")))
