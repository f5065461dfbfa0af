"""Times of a Lease, as Go reads them: with exactly six digits of a second.

https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#MicroTime
"""

import re
from datetime import UTC, datetime

LAYOUT = "2006-01-02T15:04:05.000000Z07:00"
PARTS = (
    *(("2006", r"\d{4}"), ("-", "-"), ("01", r"\d\d"), ("-", "-"), ("02", r"\d\d"), ("T", "T")),
    *(("15", r"\d\d"), (":", ":"), ("04", r"\d\d"), (":", ":"), ("05", r"\d\d")),
    *((".000000", r"[.,]\d{6}"), ("Z07:00", r"Z|[+-]\d\d:\d\d")),
)


def problem_of(text: str) -> str:
    """Return what Go says of a text that is no such time, or an empty text."""
    rest = text
    for name, pattern in PARTS:
        found = re.match(pattern, rest, re.ASCII)
        if found is None:
            return f'parsing time "{text}" as "{LAYOUT}": cannot parse "{rest}" as "{name}"'
        rest = rest[found.end() :]
    return f'parsing time "{text}": extra text: "{rest}"' if rest else ""


def in_utc(text: str) -> str:
    """Return a time as it is stored."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
