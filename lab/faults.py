"""Faults on demand: which requests or streams go wrong, how, and how often."""

import re
from dataclasses import asdict, dataclass
from typing import Any

SYSTEMS = ("gitlab", "github", "kubernetes", "exec")
REQUEST_ACTIONS = {"status", "timeout", "reset", "apply_then_hang", "apply_then_reset"}


class UnknownFault(ValueError):
    """The fault has a key or an action that the lab does not know."""


@dataclass
class Fault:
    """Make matching requests or exec streams fail.

    + system: gitlab, github, kubernetes or exec
    + action: status, timeout, reset, apply_then_hang, apply_then_reset; of an exec: cut
    + method, path, command: what must match; path and command are regular expressions
    + times: how often it happens, -1 for ever; skip: how many matches go well before
    """

    system: str
    action: str
    method: str | None = None
    path: str = ""
    command: str = ""
    status: int = 500
    body: Any = None
    headers: dict[str, str] | None = None
    seconds: float = 30
    after_seconds: float | None = None
    after_bytes: int | None = None
    times: int = 1
    skip: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        allowed = {"cut"} if self.system == "exec" else REQUEST_ACTIONS
        if self.system not in SYSTEMS or self.action not in allowed:
            raise UnknownFault(f"no fault {self.action!r} of system {self.system!r}")
        re.compile(self.path)
        re.compile(self.command)

    def take(self) -> bool:
        """Count a match, and return whether it is one that goes wrong."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times == 0:
            return False
        self.times -= 1 if self.times > 0 else 0
        self.fired += 1
        return True


class Faults:
    """All faults that were asked for."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, description: dict[str, Any]) -> None:
        """Add a fault; raise UnknownFault where it is not understood."""
        try:
            self.faults.append(Fault(**description))
        except (TypeError, re.error) as error:
            raise UnknownFault(str(error)) from None

    def for_request(self, system: str, method: str, path: str) -> Fault | None:
        """Return the fault that a request runs into, or None."""
        for fault in self.faults:
            matches = (
                fault.system == system
                and fault.method in (None, method)
                and re.search(fault.path, path)
            )
            if matches and fault.take():
                return fault
        return None

    def for_exec(self, command: str) -> Fault | None:
        """Return the fault that the stream of a command runs into, or None."""
        for fault in self.faults:
            if fault.system == "exec" and re.search(fault.command, command) and fault.take():
                return fault
        return None

    def show(self) -> list[dict[str, Any]]:
        """Return all faults with how often they happened."""
        return [asdict(fault) for fault in self.faults]

    def clear(self) -> None:
        """Forget all faults."""
        self.faults.clear()
