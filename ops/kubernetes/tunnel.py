"""A port on this machine that leads to an address behind an SSH host, re-opened when it breaks."""

import socket
import threading
from contextlib import suppress
from typing import Any

from paramiko import Channel, SSHException, Transport

from ops.http.body import LARGEST, TooLarge, whole
from ops.http.deadline import within
from ops.ssh.address import Address
from ops.ssh.client import Client
from ops.ssh.errors import words

BUFFER = 65536
CONNECT_SECONDS = 15
OPEN_ATTEMPTS = 3


class Tunnel:
    """Forward a local port to one address, as seen from an SSH host (`direct-tcpip`).

    + via: the SSH host, `user@host:port`; ~/.ssh/config, known hosts, agent and jump hosts apply
    + settings: of the client: what the data of the hosts says about SSH

    The SSH connection is shared by everything that goes through it. When it is found broken, the
    next connection opens it again; connections that ran through it end, and their owners decide.
    """

    def __init__(self, via: str, **settings: Any) -> None:
        address = Address.parse(via)
        self.via = via
        self._host = address.host
        self._settings = {**address.settings(), **settings}
        self._client: Client | None = None
        self._lock = threading.Lock()
        # Why the last connection could not be forwarded; the client only saw it closed.
        self.problem = ""

    def read_command(self, command: str, what: str, seconds: float) -> str:
        """Run a command on the SSH host and return its output; raise OSError where that fails.

        + what: the output is, for the error of one that does not end
        + seconds: for connecting and all of the output, however slowly that comes
        """
        late = f"{self.via}: {what} did not come to its end in {seconds:g} s"
        with within(seconds, lambda: TimeoutError(late)):
            channel = self._transport().open_session()
            with channel:
                channel.settimeout(CONNECT_SECONDS)
                channel.exec_command(command)
                try:
                    output = whole({}, iter(lambda: channel.recv(BUFFER), b""))
                except TooLarge:
                    large = f"{what} has more than {LARGEST // 2**20} MiB"
                    raise OSError(f"{self.via}: {large}, of which the rest was not read") from None
                if channel.recv_exit_status() != 0:
                    raise OSError(f"{self.via}: `{command}` failed")
        return output.decode()

    def open(self) -> None:
        """Connect; raise OSError where that fails: the first use would repeat it."""
        self._transport()

    def forward(self, address: tuple[str, int]) -> int:
        """Listen on a free loopback port, forward what connects there, and return the port."""
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, args=(listener, address), daemon=True).start()
        return int(listener.getsockname()[1])

    def close(self) -> None:
        """Close the SSH connection; the next use opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _serve(self, listener: socket.socket, address: tuple[str, int]) -> None:
        while True:
            connection, _ = listener.accept()
            _send_at_once(connection)
            threading.Thread(target=self._bridge, args=(connection, address), daemon=True).start()

    def _bridge(self, connection: socket.socket, address: tuple[str, int]) -> None:
        with connection:
            try:
                channel = self._open_channel(address)
                self.problem = ""
            except OSError as error:
                self.problem = str(error)
                return  # The client sees a closed connection, and its own retries apply.
            with channel:
                back = threading.Thread(target=_copy, args=(channel, connection), daemon=True)
                back.start()
                _copy(connection, channel)
                back.join()

    def _open_channel(self, address: tuple[str, int]) -> Channel:
        for attempt in range(OPEN_ATTEMPTS):
            try:
                return self._transport().open_channel(
                    "direct-tcpip", address, ("127.0.0.1", 0), timeout=CONNECT_SECONDS
                )
            except (SSHException, OSError, EOFError) as error:
                self.close()
                if attempt == OPEN_ATTEMPTS - 1:
                    target = f"{address[0]}:{address[1]}"
                    raise OSError(
                        f"{self.via} does not forward to {target}: {words(error)}"
                    ) from None
        raise AssertionError("unreachable")

    def _transport(self) -> Transport:
        with self._lock:
            transport = self._client.get_transport() if self._client else None
            if transport is None or not transport.is_active():
                transport = self._connect()
            return transport

    def _connect(self) -> Transport:
        client = Client()
        try:
            client.connect(self._host, **self._settings)
        except (SSHException, OSError, EOFError) as error:
            raise OSError(f"{self.via} cannot be reached over SSH: {words(error)}") from None
        self._client = client
        transport = client.get_transport()
        if transport is None:
            raise OSError(f"{self.via} closed the SSH connection")
        _send_at_once(transport.sock)
        return transport


def _send_at_once(connection: Any) -> None:
    # Without this, small packets wait for the acknowledgement of the one before: 40 ms each time.
    # A connection through a jump host's command is no TCP socket and cannot be told.
    with suppress(AttributeError, OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _copy(source: socket.socket | Channel, target: socket.socket | Channel) -> None:
    with suppress(OSError, EOFError):
        while data := source.recv(BUFFER):
            target.sendall(data)
    with suppress(OSError, EOFError):
        if isinstance(target, Channel):
            target.shutdown_write()
        else:
            target.shutdown(socket.SHUT_WR)
