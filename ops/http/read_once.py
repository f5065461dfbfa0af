"""Reads that several hosts and jobs ask for while a run is prepared: each is sent once.

Nothing of ours is changed before the execution, so all of them look at the same state. From its
first request on, the execution reads anew.
"""

import json
import threading
from collections.abc import Callable, Hashable

from ops.http.request import Request
from ops.http.response import Response

Send = Callable[[], Response]

_answers: dict[Hashable, Response] = {}
_locks: dict[Hashable, threading.Lock] = {}


def read_once(api: object, request: Request, send: Send) -> Response:
    """Return the answer to a read: that which it had before, or that of `send`.

    Who asks while the same read is on its way waits for it. An error, and an answer that is none
    (429, 500), are nobody else's: the next one asks again.

    + api: the connection, which its hosts share
    + request: one that changes nothing
    """
    key = _key(api, request)
    with _locks.setdefault(key, threading.Lock()):
        if key not in _answers:
            response = send()
            if not (response.ok or response.status == 404):
                return response
            _answers[key] = response
        return _answers[key]


def forget() -> None:
    """Have everything read anew: what comes now may change it."""
    _answers.clear()
    _locks.clear()


def _key(api: object, request: Request) -> Hashable:
    # A secret is told from another one by its value; the key is shown to nobody.
    body = json.dumps(request.payload, sort_keys=True)
    kind = (request.content_type, request.all_pages, request.most)
    return (api, request.method, request.target, body, kind)
