"""A write: guards are asked, and the record of the run has it before it is sent and afterwards."""

import json
from collections.abc import Callable
from typing import Protocol

from pyinfra.api.host import Host

from ops.api import guards
from ops.api.journal import DONE, REFUSED, journal
from ops.http.request import Request
from ops.http.request_failed import RequestFailed
from ops.http.response import Output


class NotDone(OSError):
    """A write without an answer, which reading again shows not to be done."""


class Connector(Protocol):
    """What sends requests for a host."""

    host: Host

    def endpoint(self) -> str | None: ...


def noted(connector: Connector, request: Request, answer: Callable[[], Output]) -> Output:
    """Return the answer to a request; for one that changes something guards are asked.

    + connector: that sends it
    + request: it
    + answer: sends it
    """
    if not request.mutating:
        return answer()
    request.asks = lambda: guards.check(connector.host)
    number = journal.begin(connector.host, request, connector.endpoint())
    try:
        output = answer()
    except (RequestFailed, NotDone, guards.NotNow):
        journal.end(number, REFUSED)
        raise
    if output[0]:
        makes = request.reverse is not None and request.reverse.makes
        journal.end(number, DONE, _uid(output) if makes else None)
    return output


def _uid(output: Output) -> str | None:
    metadata = (json.loads(output[1].stdout) or {}).get("metadata") or {}
    return str(metadata["uid"]) if metadata.get("uid") else None
