"""Faults on demand: which requests, streams or pods go wrong, how, and how often."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

REQUEST_ACTIONS = {
    *("status", "timeout", "reset", "malformed"),
    *("apply_then_hang", "apply_then_reset", "apply_then_status", "then"),
}
ACTIONS = {
    "gitlab": REQUEST_ACTIONS,
    "github": REQUEST_ACTIONS,
    "kubernetes": REQUEST_ACTIONS,
    "exec": {"cut"},
    "rbac": {"deny"},
    "pods": {"never_ready"},
}


class UnknownFault(ValueError):
    """The fault has a key or an action that the lab does not know."""


@dataclass
class Fault:
    """Make matching requests, exec streams or new pods fail.

    + system: gitlab, github, kubernetes, exec, rbac or pods
    + action: status, timeout, reset, malformed (`body` instead of the answer's own, as by an API
      that has changed), apply_then_hang, apply_then_reset, apply_then_status (as of a
      gateway that has waited for too long); of an exec: cut; of rbac: deny; of pods: never_ready
    + then: of the action of that name: what happens at once after the answer was made, as another
      entry of `POST /faults`
    + method, path, command: what must match; path and command are regular expressions
    + verb, resource: what is denied to everybody, such as `patch` and `clusterroles`
    + label: which pods, such as `app=toolbox`
    + mutating: whether only what changes something matches, such as a PATCH that is no dry run, or
      only what does not
    + after: `METHOD /path` (a regular expression) of a request that changes something; nothing
      matches before the lab was sent one
    + times: how often it happens, -1 for ever; skip: how many matches go well before
    """

    system: str
    action: str
    method: str | None = None
    path: str = ""
    command: str = ""
    verb: str = ""
    resource: str = ""
    mutating: bool | None = None
    after: str = ""
    label: str = ""
    status: int = 500
    body: Any = None
    then: dict[str, Any] | None = None
    headers: dict[str, str] | None = None
    seconds: float = 30
    after_seconds: float | None = None
    after_bytes: int | None = None
    times: int = 1
    skip: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.action not in ACTIONS.get(self.system, ()):
            raise UnknownFault(f"no fault {self.action!r} of system {self.system!r}")
        re.compile(self.path)
        re.compile(self.command)
        re.compile(self.after)

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
        # What lets something happen: the control of the site sets it.
        self.happen: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    def add(self, description: dict[str, Any]) -> None:
        """Add a fault; raise UnknownFault where it is not understood."""
        try:
            self.faults.append(Fault(**description))
        except (TypeError, re.error) as error:
            raise UnknownFault(str(error)) from None

    def for_request(self, system: str, method: str, path: str, mutating: bool) -> Fault | None:
        """Return the fault that a request runs into, or None."""
        found = None
        for fault in self.faults:
            if fault.after:
                if mutating and re.search(fault.after, f"{method} {path}"):
                    fault.after = ""
                continue
            matches = (
                fault.system == system
                and fault.method in (None, method)
                and fault.mutating in (None, mutating)
                and re.search(fault.path, path)
            )
            if found is None and matches and fault.take():
                found = fault
        return found

    def for_exec(self, command: str) -> Fault | None:
        """Return the fault that the stream of a command runs into, or None."""
        for fault in self.faults:
            if fault.system == "exec" and re.search(fault.command, command) and fault.take():
                return fault
        return None

    def denies(self, verb: str, resource: str) -> bool:
        """Return whether a verb on a resource (`pods/exec`) is denied, whoever asks."""
        wanted = ("rbac", verb, resource)
        found = (f for f in self.faults if (f.system, f.verb, f.resource) == wanted)
        return any(fault.take() for fault in found)

    def keeps_unready(self, labels: Mapping[str, str]) -> bool:
        """Return whether a new pod with these labels never becomes ready."""
        texts = {f"{name}={value}" for name, value in labels.items()}
        found = (f for f in self.faults if f.system == "pods" and f.label in texts)
        return any(fault.take() for fault in found)

    def show(self) -> list[dict[str, Any]]:
        """Return all faults with how often they happened."""
        return [asdict(fault) for fault in self.faults]

    def clear(self) -> None:
        """Forget all faults."""
        self.faults.clear()
