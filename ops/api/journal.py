"""What a run has sent that changes something: noted before it is sent, and when it is answered."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import msgspec
from pyinfra import context
from pyinfra.api.host import Host

from ops.api.reverse import Reverse
from ops.api.shown import shown

SENT, DONE, REFUSED = "sent", "done", "refused"
NO_REVERSE = "there is no reverse of this request"
AT_THE_END = "put back at the end of the run"
Note = Mapping[str, Any]


class Sent(Protocol):
    """A request that changes something."""

    @property
    def method(self) -> str: ...

    @property
    def target(self) -> str: ...

    @property
    def reverse(self) -> Reverse | None: ...


class Journal:
    """The changes of a run, each with its state and with what takes it back.

    + keep: is given each note as it comes; None as long as the run has no record
    """

    def __init__(self) -> None:
        self.keep: Callable[[Note], None] | None = None
        self._numbers = itertools.count(1)

    def begin(self, host: Host, request: Sent, endpoint: str | None) -> int:
        """Note that a request is about to be sent, and return its number.

        + host: to which it is sent
        + request: it
        + endpoint: URL of the API, where that tells one site from another
        """
        number = next(self._numbers)
        if self.keep is not None:
            reverse = request.reverse or Reverse(never=NO_REVERSE)
            change = {
                "operation": _operation(host),
                "request": {"method": request.method, "path": shown(request.target)},
                "endpoint": endpoint,
                "state": SENT,
                **msgspec.to_builtins(reverse),
                "host": reverse.host or host.name,
                "never": shown(reverse.never) or None,
            }
            self.keep({"number": number, "change": change})
        return number

    def end(self, number: int, state: str, uid: str | None = None) -> None:
        """Note what was answered.

        + number: of the request
        + state: DONE or REFUSED; without this it is unknown whether it was done
        + uid: of the object that it has made, or None
        """
        if self.keep is not None:
            self.keep({"number": number, "state": state, **({"uid": uid} if uid else {})})


journal = Journal()


def changes(notes: Iterator[Note]) -> list[dict[str, Any]]:
    """Return the changes that notes tell, in their order; what was refused is none."""
    found: dict[int, dict[str, Any]] = {}
    for note in notes:
        number = note["number"]
        if "change" in note:
            found[number] = dict(note["change"])
        elif note["state"] == REFUSED:
            found.pop(number, None)
        elif number in found:
            found[number] |= {name: note[name] for name in ("state", "uid") if name in note}
    return list(found.values())


def _operation(host: Host) -> str:
    # An operation may send something to another host than its own.
    hosts = [host, *([context.host] if context.ctx_host.isset() else [])]
    op_hash = next((found for one in hosts if (found := one.executing_op_hash)), None)
    if op_hash is None:
        return AT_THE_END
    return shown(", ".join(sorted(context.state.get_op_meta(op_hash).names)))
