"""A server that takes its time, or has no end: what a test says is how it answers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Of the bytes that it sends; more is never needed, whatever the other side does.
MOST = 400 * 2**20
DRIP_SECONDS = 0.2


class Server:
    """It counts requests and bytes.

    + respond: answers a request; what it needs is `answer`, `head`, `drip` or `flood` of this class
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sent = 0
        self.respond: Callable[[BaseHTTPRequestHandler], None] = lambda handler: None
        self.stopped = threading.Event()
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                ours.asked.append(f"{self.command} {self.path} {body}".strip())
                self.close_connection = True
                with suppress(OSError):  # The other side has had enough.
                    ours.respond(self)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def send(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        handler.wfile.write(data)
        handler.wfile.flush()
        self.sent += len(data)

    def head(self, handler: BaseHTTPRequestHandler, **headers: str) -> None:
        handler.send_response(200)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    def answer(self, handler: BaseHTTPRequestHandler, text: str, **headers: str) -> None:
        self.head(handler, Content_Length=str(len(text)), **headers)
        self.send(handler, text.encode())

    def drip(self, handler: BaseHTTPRequestHandler, data: bytes = b" ") -> None:
        """Send a byte now and then, without end."""
        while not self.stopped.wait(DRIP_SECONDS):
            self.send(handler, data)

    def flood(self, handler: BaseHTTPRequestHandler, block: bytes = b"x" * 2**20) -> None:
        while self.sent < MOST and not self.stopped.is_set():
            self.send(handler, block)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.server.shutdown()
        thread.join()
        server.server.server_close()
