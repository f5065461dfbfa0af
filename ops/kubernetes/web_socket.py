"""The WebSocket of exec, which follows no redirect: it would send the token with it.

Nor does it look for a proxy: which one there is has been decided (ops/kubernetes/proxies.py).
"""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from websocket import WebSocket, WebSocketException

from ops.http.redirect import STATUSES, explain


class Redirected(WebSocketException):
    """The API, or what stands before it, answered with a redirect."""


class SocketWithoutRedirects(WebSocket):
    """A WebSocket whose `connect` raises Redirected where others would go to another address."""

    def connect(self, url: str, **options: Any) -> None:
        """Open the stream at this URL and at no other one."""
        try:
            super().connect(url, **{**options, **_proxy(options), "redirect_limit": 0})  # type: ignore[no-untyped-call]
        except WebSocketException:
            answer = self.handshake_response
            if answer is None or answer.status not in STATUSES:
                raise
            address = url.replace("ws", "http", 1)
            raise Redirected(
                explain(answer.status, address, answer.headers.get("location"))
            ) from None


def _proxy(options: Mapping[str, Any]) -> dict[str, Any]:
    # Without a host of a proxy it takes that of the environment, by rules of its own; with one and
    # no exceptions it takes those of NO_PROXY.
    named = options.get("http_proxy_host")
    return {"http_proxy_host": named or "none", "http_no_proxy": ["-" if named else "*"]}


def through_proxy(options: dict[str, Any], configuration: Any, *others: Any) -> dict[str, Any]:
    """Return the options of a stream with the proxy of a configuration.

    In the place of the client's own function, which cuts a password at its first colon.
    """
    proxy = urlsplit(str(configuration.proxy))
    found: dict[str, Any] = {
        **options,
        "http_proxy_host": proxy.hostname,
        "http_proxy_port": proxy.port,
    }
    said = (configuration.proxy_headers or {}).get("proxy-authorization")
    if said:
        user, _, password = b64decode(said.split()[1]).decode("latin-1").partition(":")
        found["http_proxy_auth"] = (user, password)
    return found
