"""When a request is sent again, and for how long: a deadline holds for all attempts and pages."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
)

from ops.http.deadline import within
from ops.http.pages import Pages
from ops.http.request import Request
from ops.http.response import AnswerLost, Response

TOO_MANY_REQUESTS = 429
TRANSIENT = {500, 502, 503, 504, *range(520, 531)}
_backoff = wait_exponential(multiplier=0.2, max=20)


@dataclass(frozen=True)
class Sender:
    """Send requests to one API, each within its time.

    + once: sends a request, with the seconds for which it may wait for the next byte; raises
      OSError where no answer came
    + entries: returns the list in the body of a page (`ops.http.pages`)
    + silence: seconds without a byte after which an attempt has failed
    + deadline: seconds for all attempts, the pauses between them, and all pages with their bodies
    """

    once: Callable[[Request, float], Response]
    entries: Callable[[Any], list[Any]]
    silence: float
    deadline: float

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send a request, for a list one after the other for all pages; return the answer.

        + timeout: seconds for each attempt, or None

        Raises OSError where the last attempt had no answer, or it did not end in time.
        """
        seconds, silence = self.deadline, self.silence
        if timeout:
            seconds, silence = min(seconds, timeout * request.attempts), min(silence, timeout)
        end = time.monotonic() + seconds
        pages = Pages(request, self.entries)

        def send(page: Request) -> Response:
            return send_until(end, page, silence, self.once)

        with within(seconds, lambda: _not_in_time(request, seconds, pages)):
            return pages.read(send) if request.all_pages else send(request)


def _not_in_time(request: Request, seconds: float, pages: Pages) -> AnswerLost:
    what = f"{request.method} {request.path} -> no whole answer in {seconds:.0f} s"
    count = f", only {len(pages.asked) - 1} pages of a list" if len(pages.asked) > 1 else ""
    return AnswerLost(f"{what}{count} (run again, or give it more time)")


def send_until(
    end: float,
    request: Request,
    timeout: float,
    send: Callable[[Request, float], Response],
) -> Response:
    """Send a request, again where that is safe, and return the last answer.

    + end: when there is no more time for attempts and the pauses between them (`time.monotonic`)
    + request: a read is repeated after a lost answer and after 5xx; a write only after 429, which
      says that it was not done
    + timeout: seconds without a byte for one attempt
    + send: sends once; raises OSError where no answer came

    Raises OSError where the last attempt had no answer. A pause that the API asks for (Retry-After)
    and that would not end in time is not begun.
    """
    repeated = retry_if_result(lambda response: _is_repeated(request, response))
    attempts = Retrying(
        retry=repeated if request.mutating else repeated | retry_if_exception_type(AnswerLost),
        wait=_pause,
        stop=stop_before_delay(end - time.monotonic()) | stop_after_attempt(request.attempts),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )

    def attempt() -> Response:
        if request.asks is not None:
            request.asks()
        return send(request, timeout)

    response: Response = attempts(attempt)
    return response


def _is_repeated(request: Request, response: Response) -> bool:
    if response.status == TOO_MANY_REQUESTS:
        return True
    return response.status in TRANSIENT and not request.mutating


def _pause(state: RetryCallState) -> float:
    outcome = state.outcome
    if outcome is not None and not outcome.failed:
        asked_for: float | None = outcome.result().retry_after
        if asked_for is not None:
            return asked_for
    return _backoff(state)
