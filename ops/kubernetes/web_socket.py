"""The WebSocket of exec, which follows no redirect: it would send the token with it."""

from typing import Any

from websocket import WebSocket, WebSocketException

from ops.http.redirect import STATUSES, explain


class Redirected(WebSocketException):
    """The API, or what stands before it, answered with a redirect."""


class SocketWithoutRedirects(WebSocket):
    """A WebSocket whose `connect` raises Redirected where others would go to another address."""

    def connect(self, url: str, **options: Any) -> None:
        """Open the stream at this URL and at no other one."""
        try:
            super().connect(url, **{**options, "redirect_limit": 0})  # type: ignore[no-untyped-call]
        except WebSocketException:
            answer = self.handshake_response
            if answer is None or answer.status not in STATUSES:
                raise
            address = url.replace("ws", "http", 1)
            raise Redirected(
                explain(answer.status, address, answer.headers.get("location"))
            ) from None
