"""Answers of an API, in its own terms and in the terms of pyinfra."""

import json
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from pyinfra.connectors.util import CommandOutput, OutputLine

from ops.api.visible import cut
from ops.http.request import Request

LONGEST_MESSAGE = 256

Output = tuple[bool, CommandOutput]


@dataclass(frozen=True)
class Response:
    """The answer to a request.

    + status, reason: of HTTP
    + body: the decoded JSON document, else text
    + retry_after: seconds after which the API wants to be asked again, or None
    + following: the request for the next page of a list, or None
    + is_numbered: whether the pages of the list have numbers: its entries move when it changes
    """

    status: int
    reason: str
    body: Any
    retry_after: float | None = None
    following: Request | None = None
    is_numbered: bool = False

    @property
    def ok(self) -> bool:
        """Whether the API did what was asked."""
        return 200 <= self.status < 300


class Misconfigured(OSError):
    """A setting of the operator's is missing or wrong; the message says which and what to do."""


class AnswerLost(OSError):
    """The request may have been received, but no answer came: nobody knows whether it was done."""


def retry_after(headers: Any) -> float | None:
    """Return the seconds of a Retry-After header, which may be a date; None without a valid one."""
    value = str(headers.get("Retry-After", "")).strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def shorten(text: str) -> str:
    """Return a message on one line, cut so that a log cannot leak a payload."""
    line = " ".join(text.split())
    return cut(line, LONGEST_MESSAGE)


def succeeded(body: Any) -> Output:
    """Return what pyinfra gets for an answer: its document as one line of output."""
    return True, CommandOutput([OutputLine("stdout", json.dumps(body))])


class Failure(CommandOutput):
    """One line of stderr that says why a request failed, and the API's status, 0 without any."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__([OutputLine("stderr", message)])
        self.status = status


def failed(message: str, status: int = 0) -> Output:
    """Return what pyinfra gets for a failure: one line that says why, and the API's status."""
    return False, Failure(message, status)
