"""The control node: SSH with commands, SFTP and port forwarding to the Kubernetes API."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from lab.kubernetes.workloads.processes import Machine, kill_all, kill_session
from lab.server.request_log import RequestLog

BUFFER = 65536

Streams = Callable[[asyncssh.SSHReader[bytes], asyncssh.SSHWriter[bytes]], Awaitable[None]]


@dataclass(frozen=True)
class Address:
    """Where the control node is, and the Kubernetes API as seen from there.

    + name: of its host
    + api: address and port
    """

    name: str
    api: tuple[str, int]


class ControlNode:
    """An SSH server for one user with one key.

    + address: its name, and the address that it forwards to
    + directory: where keys and the files of the machine are
    + log: the request log of the lab
    """

    def __init__(self, address: Address, directory: Path, log: RequestLog) -> None:
        self.address = address
        self.directory = directory
        self.log = log
        # The identity is this lab's own: another lab on this machine must not kill its processes.
        self.machine = Machine(directory / "control-node", f"control-node {directory}", {})
        self._kubeconfig = ""
        self.port = 0
        self.kubernetes_port = 0
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.refused_until = 0.0
        self._server: asyncssh.SSHAcceptor | None = None

    async def start(self, kubernetes_port: int) -> None:
        """Make keys, listen on a free loopback port and write the files of a client."""
        self.kubernetes_port = kubernetes_port
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        user_key = asyncssh.generate_private_key("ssh-ed25519")
        self._server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Server(self),
            server_host_keys=[host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(
                user_key.export_public_key().decode()
            ),
            process_factory=self._run,
            sftp_factory=self._sftp,
            encoding=None,
            line_editor=False,
        )
        self.port = self._server.get_port()
        self._write_client_files(host_key, user_key)

    async def stop(self) -> None:
        """Close the server and kill what runs on the machine."""
        if self._server is not None:
            self._server.close()
        self.drop()
        kill_all([self.machine])

    def drop(self) -> None:
        """Abort all connections."""
        for connection in list(self.connections):
            connection.abort()

    def refuse(self, seconds: float) -> None:
        """Abort all connections, also new ones for some seconds."""
        self.refused_until = time.monotonic() + seconds
        self.drop()

    def set_kubeconfig(self, text: str) -> None:
        """Let the machine have a kubeconfig where its root has it."""
        self._kubeconfig = text
        self.reset()

    def reset(self) -> None:
        """Kill what runs on the machine, and leave nothing but the kubeconfig there."""
        self.refused_until = 0.0
        kill_all([self.machine])
        self.machine.clear()
        file = self.machine.home / ".kube" / "config"
        file.parent.mkdir()
        file.touch(mode=0o600)
        file.write_text(self._kubeconfig)

    def forward(self, host: str, port: int) -> Streams:
        """Return the handler of a forwarded connection; only the Kubernetes API is reachable."""
        self.log.add("ssh", "FORWARD", f"{host}:{port}")
        if (host, port) not in (self.address.api, ("127.0.0.1", self.kubernetes_port)):
            reason = asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED
            raise asyncssh.ChannelOpenError(reason, f"{host}:{port} is not part of the lab")

        async def handle(
            reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]
        ) -> None:
            near = await asyncio.open_connection("127.0.0.1", self.kubernetes_port)
            await asyncio.gather(_copy(reader, near[1]), _copy(near[0], writer))

        return handle

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        command = process.command or "true"
        self.log.add("ssh", "EXEC", self.address.name, query={"command": [command]})
        local = await self.machine.start(["sh", "-c", command], ("stdin", "stdout", "stderr"))
        feed = asyncio.create_task(_copy(process.stdin, local.stdin))
        outputs: asyncio.Future[Any] = asyncio.gather(
            _pump(local.stdout, process.stdout), _pump(local.stderr, process.stderr)
        )
        try:
            # Ends also where the connection is gone, and with it the session.
            gone: asyncio.Future[Any] = asyncio.create_task(process.channel.wait_closed())
            await asyncio.wait([outputs, gone], return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            if outputs.done():
                code = await local.wait()
                process.exit(code if code >= 0 else 128 - code)
        finally:
            feed.cancel()
            outputs.cancel()
            kill_session(local)

    def _sftp(self, channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        self.log.add("ssh", "SFTP", self.address.name)
        return asyncssh.SFTPServer(channel)

    def _write_client_files(self, host_key: asyncssh.SSHKey, user_key: asyncssh.SSHKey) -> None:
        identity = self.directory / "identity"
        identity.touch(mode=0o600)
        identity.write_bytes(user_key.export_private_key())
        known_hosts = self.directory / "known_hosts"
        public = host_key.export_public_key().decode().strip()
        names = f"[127.0.0.1]:{self.port},{self.address.name},127.0.0.1"
        known_hosts.write_text(f"{names} {public}\n")
        (self.directory / "ssh_config").write_text(
            f"Host {self.address.name}\n"
            "    HostName 127.0.0.1\n"
            f"    Port {self.port}\n"
            "    User root\n"
            f"    IdentityFile {identity}\n"
            "    IdentitiesOnly yes\n"
            f"    UserKnownHostsFile {known_hosts}\n"
            "    StrictHostKeyChecking yes\n"
        )


class _Server(asyncssh.SSHServer):
    def __init__(self, node: ControlNode) -> None:
        self.node = node

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self.node.connections.add(conn)
        if time.monotonic() < self.node.refused_until:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.node.connections.discard(self.connection)

    def auth_completed(self) -> None:
        self.node.log.add("ssh", "CONNECT", self.node.address.name)

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Any:
        return self.node.forward(dest_host, dest_port)


async def _copy(reader: Any, writer: Any) -> None:
    await _pump(reader, writer)
    with suppress(OSError, asyncssh.Error):
        writer.close()


async def _pump(reader: Any, writer: Any) -> None:
    with suppress(OSError, asyncssh.Error):
        while data := await reader.read(BUFFER):
            writer.write(data)
            await writer.drain()
