"""Maintenance windows for the practice site, and a clock that a test sets."""

import json
from typing import Any

from lab_process import Pyinfra

ZONE = {"zone": "Europe/Berlin"}
SUNDAY = {"name": "sunday", "effect": "allow", "weekly": "SUN 02:00", "duration": "2h", **ZONE}
BACKUP = {
    "name": "backup", "effect": "deny", "cron": "0 3 * * *", "duration": "20m", **ZONE,
    "reason": "the toolbox is busy",
}  # fmt: skip
# The Sunday of that window, in its zone.
WITHIN, AFTER = "2026-11-29T02:30+01:00", "2026-11-29T04:00+01:00"
SATURDAY = "2026-11-28T12:00+01:00"
OPENS = "opens Sun 2026-11-29 02:00+01:00 Europe/Berlin (2026-11-29 01:00 UTC)"


def set_clock(pyinfra: Pyinfra, time: str) -> None:
    """Have runs that go on, and those to come, see a time."""
    file = pyinfra.directory / "clock"
    new = file.with_suffix(".new")
    new.write_text(time)
    new.replace(file)  # Nobody reads half of it.
    pyinfra.environment["SITE_CLOCK"] = str(file)


def windows(*rules: dict[str, Any], **settings: Any) -> list[str]:
    """Return the options with which a run has these windows, and other settings."""
    given = {"windows": list(rules), "site_zone": "Europe/Berlin", **settings}
    texts = {n: v if isinstance(v, str) else json.dumps(v) for n, v in given.items()}
    return [word for n, text in texts.items() for word in ("--data", f"{n}={text}")]
