"""Small servers between pyinfra and the API of the practice site: a proxy, and a longer path."""

import select
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any


class Between:
    """Take connections on a loopback port, note how each begins, and pass it on to a port there.

    + port: where the API of the practice site is
    """

    def __init__(self, port: int) -> None:
        self.api = port
        self.heads: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self._connection, args=(near,), daemon=True).start()

    def _connection(self, near: socket.socket) -> None:
        with suppress(OSError), self.near(near) as opened:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (part := opened.recv(65536)):
                    return
                head += part
            self.heads.append(head.decode(errors="replace").partition("\r\n\r\n")[0])
            self.passed_on(opened, head)

    def near(self, connection: socket.socket) -> Any:
        return connection

    def passed_on(self, near: Any, head: bytes) -> None:
        raise NotImplementedError


class Proxy(Between):
    """A proxy for CONNECT, to whatever address: all of them are the API.

    + user: `user:password` that it wants, in the form of the header
    """

    def __init__(self, port: int, wanted: str = "") -> None:
        self.wanted = wanted
        super().__init__(port)

    def passed_on(self, near: Any, head: bytes) -> None:
        if not head.startswith(b"CONNECT "):
            near.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        elif self.wanted and self.wanted.encode() not in head:
            near.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        else:
            with socket.create_connection(("127.0.0.1", self.api)) as far:
                near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                copied(near, far)


class Prefix(Between):
    """A server, such as Rancher, that has the API below a path; with TLS or without.

    + prefix: the path; without it there is nothing
    + context: its TLS
    """

    def __init__(self, port: int, prefix: str, context: ssl.SSLContext | None = None) -> None:
        self.prefix = prefix
        self.context = context
        super().__init__(port)

    def near(self, connection: socket.socket) -> Any:
        return (
            self.context.wrap_socket(connection, server_side=True) if self.context else connection
        )

    def passed_on(self, near: Any, head: bytes) -> None:
        method, path, rest = head.split(b" ", 2)
        if not path.startswith(self.prefix.encode()):
            near.sendall(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        line, rest = rest.split(b"\r\n", 1)
        # One request a connection: the next one has its path taken off as well.
        close = b"" if b"pgrade: websocket" in rest else b"Connection: close\r\n"
        theirs = ssl._create_unverified_context()
        plain = socket.create_connection(("127.0.0.1", self.api))
        with theirs.wrap_socket(plain, server_hostname="127.0.0.1") as far:
            first = b" ".join([method, path[len(self.prefix) :] or b"/", line])
            far.sendall(first + b"\r\n" + close + rest)
            copied(near, far)


def copied(one: Any, other: Any) -> None:
    """Copy in both directions until one of them ends."""
    while True:
        waiting = [s for s in (one, other) if isinstance(s, ssl.SSLSocket) and s.pending()]
        ready = waiting or select.select([one, other], [], [])[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (other if source is one else one).sendall(data)
