"""When a request is sent again, and for how long: an overall deadline holds for all attempts."""

import time
from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
)

from ops.http.request import Request
from ops.http.response import AnswerLost, Response

TOO_MANY_REQUESTS = 429
TRANSIENT = {500, 502, 503, 504, *range(520, 531)}
_backoff = wait_exponential(multiplier=0.2, max=20)


def send_until(
    deadline: float,
    request: Request,
    timeout: float,
    send: Callable[[Request, float], Response],
) -> Response:
    """Send a request, again where that is safe, and return the last answer.

    + deadline: seconds for all attempts and the pauses between them
    + request: a read is repeated after a lost answer and after 5xx; a write only after 429, which
      says that it was not done
    + timeout: seconds for one attempt
    + send: sends once; raises OSError where no answer came

    Raises OSError where the last attempt had no answer. A pause that the API asks for (Retry-After)
    and that would not end in time is not begun.
    """
    end = time.monotonic() + deadline
    repeated = retry_if_result(lambda response: _is_repeated(request, response))
    attempts = Retrying(
        retry=repeated if request.mutating else repeated | retry_if_exception_type(AnswerLost),
        wait=_pause,
        stop=stop_before_delay(deadline) | stop_after_attempt(request.attempts),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    response: Response = attempts(
        lambda: send(request, max(0.1, min(timeout, end - time.monotonic())))
    )
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
