"""exec as the API speaks it: raw frames over a WebSocket, for the contract of its witnesses.

https://kubernetes.io/docs/reference/using-api/api-concepts/ and the subprotocols of channel.k8s.io
"""

import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import websocket
from kubernetes_api import Api
from limits import LIMIT

STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255
V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"
CHUNK = 32768


@dataclass
class Executed:
    """What came of a command, or of the attempt: status and body are the API's refusal."""

    status: int = 101
    protocol: str | None = None
    channels: dict[int, bytes] = field(default_factory=dict)
    refusal: Any = None

    @property
    def stdout(self) -> bytes:
        return self.channels.get(STDOUT, b"")

    @property
    def stderr(self) -> bytes:
        return self.channels.get(STDERR, b"")

    @property
    def said(self) -> dict[str, Any]:
        """The Status on the error channel; empty where none came."""
        text = self.channels.get(ERROR)
        return dict(json.loads(text)) if text else {}

    @property
    def code(self) -> int | None:
        """The exit code; None where the Status has none."""
        if self.said.get("status") == "Success":
            return 0
        causes = (self.said.get("details") or {}).get("causes") or []
        codes = (int(c["message"]) for c in causes if c.get("reason") == "ExitCode")
        return next(codes, None)


@dataclass
class Pod:
    """A pod, and commands in it.

    + label: that no other pod has as its `app`
    """

    api: Api
    namespace: str
    name: str
    label: str = ""

    @property
    def host(self) -> str:
        """Its name in pyinfra."""
        return f"@pod/{self.namespace}/app={self.label}"

    @property
    def path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods/{self.name}"

    def open(
        self,
        *command: str,
        stdin: bool = False,
        protocols: Sequence[str] = (V5,),
        outputs: Sequence[str] = ("stdout", "stderr"),
        **query: str,
    ) -> websocket.WebSocket:
        """Open the stream of a command."""
        asked = [(name, "true") for name in outputs] + [("command", part) for part in command]
        asked += [("stdin", "true")] if stdin else []
        url = f"{self.api.server}{self.path}/exec?{urlencode([*asked, *query.items()])}"
        return websocket.create_connection(
            url.replace("https", "wss", 1),
            header=[f"Authorization: Bearer {self.api.token}"],
            subprotocols=list(protocols),
            sslopt={"context": ssl.create_default_context(cadata=self.api.authority)},
            timeout=LIMIT,
        )

    def execute(self, *command: str, stdin: bytes = b"", **how: Any) -> Executed:
        """Run a command to its end, with all of its input, which is closed where it can be."""
        try:
            socket = self.open(*command, stdin=bool(stdin), **how)
        except websocket.WebSocketBadStatusException as error:
            return Executed(error.status_code, refusal=_document(error.resp_body))
        done = Executed(protocol=socket.getsubprotocol())
        for start in range(0, len(stdin), CHUNK):
            socket.send_binary(bytes([STDIN]) + stdin[start : start + CHUNK])
        if stdin and done.protocol == V5:
            socket.send_binary(bytes([CLOSE, STDIN]))
        done.channels = _received(socket)
        socket.close()
        socket.shutdown()  # Where the other side has closed it, its file is still open.
        return done


def _received(socket: websocket.WebSocket) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while True:
        try:
            frame = socket.recv()
        except websocket.WebSocketConnectionClosedException:
            return found
        if not frame:
            return found
        data = frame.encode() if isinstance(frame, str) else frame
        found[data[0]] = found.get(data[0], b"") + data[1:]


def _document(body: bytes | None) -> Any:
    text = (body or b"").decode()
    return json.loads(text) if text.startswith("{") else text
