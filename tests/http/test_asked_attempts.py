"""A write is asked about at each attempt, not only at the first one."""

import time

import pytest

from ops.api.guards import NotNow
from ops.http.request import put
from ops.http.response import Response
from ops.http.retry import send_until


def test_a_write_that_is_sent_again_is_asked_about_again() -> None:
    answers, asked = [], iter(["", "closed"])

    def ask() -> None:
        if reason := next(asked):
            raise NotNow(reason)

    def send(request: object, timeout: float) -> Response:
        answers.append(Response(429, "Too Many Requests", None, 0))
        return answers[-1]

    request = put("/runners/6", {"paused": True}, [])
    request.asks = ask
    with pytest.raises(NotNow, match="closed"):
        send_until(time.monotonic() + 3600, request, 1, send)
    assert len(answers) == 1
