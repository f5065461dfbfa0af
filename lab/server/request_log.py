"""Every request that the lab received."""

import time
from typing import Any

LONGEST_TEXT = 20000


class RequestLog:
    """Remember requests in order; credentials are never kept."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def add(self, system: str, method: str, path: str, **details: Any) -> dict[str, Any]:
        """Append a request and return its entry, so that the status can be filled in later."""
        entry: dict[str, Any] = {
            "number": len(self.entries) + 1,
            "time": time.time(),
            "system": system,
            "method": method,
            "path": path,
            "query": {},
            "body": None,
            "status": None,
            "mutating": False,
        }
        entry.update(details)
        if isinstance(entry["body"], str):
            entry["body"] = entry["body"][:LONGEST_TEXT]
        self.entries.append(entry)
        return entry

    def select(self, system: str | None, mutating: bool | None, since: int) -> list[dict[str, Any]]:
        """Return the requests after number `since`, of one system, mutating or not."""
        return [
            entry
            for entry in self.entries
            if entry["number"] > since
            and (system is None or entry["system"] == system)
            and (mutating is None or entry["mutating"] is mutating)
        ]

    def clear(self) -> None:
        """Forget all requests."""
        self.entries.clear()
