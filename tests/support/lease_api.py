"""What the lock sends, through the raw client of the contract; a test says what is lost."""

from collections.abc import Callable
from typing import Any

from kubernetes_api import Api

from ops.http.request import Request
from ops.http.response import AnswerLost, Response


class LeaseApi:
    """The connection of one run to a witness of the contract.

    + user: who is impersonated
    + lose: whether the answer to a request is lost on the way
    + drop: whether the request is
    """

    def __init__(self, api: Api, user: str = "") -> None:
        self._api, self._user = api, user
        self.lose: Callable[[Request], bool] = lambda request: False
        self.drop: Callable[[Request], bool] = lambda request: False
        self.sent: list[str] = []

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send a request."""
        self.sent.append(request.method)
        if self.drop(request):
            raise AnswerLost("nobody answers")
        answer = self._api.send(
            request.method, request.path, request.payload, user=self._user, **request.query
        )
        if self.lose(request):
            raise AnswerLost("the answer is lost")
        return Response(answer.status, answer.reason, answer.body)

    def explain(self, response: Response) -> str:
        """Return the message of a refusal."""
        body: Any = response.body
        return str(body.get("message", "")) if isinstance(body, dict) else ""
