"""exec in a pod over a WebSocket, protocols v4 and v5 of channel.k8s.io."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from lab.kubernetes.state import Kubernetes
from lab.kubernetes.status import ApiError
from lab.kubernetes.workloads.exec_status import (
    NOT_FOUND,
    NOTHING_ASKED,
    V4,
    V5,
    failure,
    not_started,
    refused_by_node,
    success,
    unreachable,
)
from lab.kubernetes.workloads.pods import Pods
from lab.kubernetes.workloads.processes import kill_session
from lab.server.faults import Fault, Faults

STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255
CHUNK = 32768
TRUE = ("true", "1")


class Exec:
    """Run commands in pods as real processes, and cut their streams where a fault says so."""

    def __init__(self, kubernetes: Kubernetes, pods: Pods, faults: Faults) -> None:
        self.kubernetes = kubernetes
        self.pods = pods
        self.faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Check the pod, upgrade the connection and run the command."""
        name = request.match_info["name"]
        pod = self.kubernetes.get("pods", request.match_info["namespace"], name)
        names = [container["name"] for container in pod["spec"]["containers"]]
        if len(names) > 1 and "container" not in request.query:
            text = (
                f"a container name must be specified for pod {name}, choose one of:"
                f" [{' '.join(names)}]"
            )
            raise ApiError(400, "BadRequest", text)
        if request.query.get("container", names[0]) not in names:
            text = f"container {request.query['container']} is not valid for pod {name}"
            raise ApiError(400, "BadRequest", text)
        protocol = _protocol(request)
        if protocol is None:
            return web.Response(status=403)
        request["entry"]["method"] = "EXEC"
        if protocol == V5 and name in self.pods.lost:
            socket = await _opened(request, protocol)
            await _end(socket, unreachable(request.path_qs))
            return socket
        machine = self.pods.machine(name)
        asked = {part for part in ("stdin", "stdout", "stderr") if request.query.get(part) in TRUE}
        if not asked:
            return await _refused(request, protocol, NOTHING_ASKED, 400)
        if pod["status"]["phase"] != "Running":
            text = NOT_FOUND.format(request.query.get("container", names[0]))
            return await _refused(request, protocol, text, 500)
        socket = await _opened(request, protocol)
        command = request.query.getall("command", [])
        try:
            process = await machine.start(command, asked)
        except OSError:
            await _end(socket, not_started(protocol, command[0]))
            return socket
        await _Stream(socket, process, request, self.faults).run(command, protocol)
        return socket


def _protocol(request: web.Request) -> str | None:
    """Return the newest protocol that the client offers and there is here."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise ApiError(400, "BadRequest", "Upgrade request required")
    offered = request.headers.get("Sec-WebSocket-Protocol", "").replace(" ", "").split(",")
    return next((one for one in (V5, V4) if one in offered), None)


async def _refused(
    request: web.Request, protocol: str, text: str, status: int
) -> web.StreamResponse:
    """Answer what a node says: the API server has opened the stream already, or passes it on."""
    if protocol == V4:
        return web.Response(status=status, text=f"{text}\n")
    socket = await _opened(request, protocol)
    await _end(socket, refused_by_node(text))
    return socket


async def _opened(request: web.Request, protocol: str) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(protocols=[protocol], max_msg_size=0)
    await socket.prepare(request)
    return socket


async def _end(socket: web.WebSocketResponse, status: dict[str, Any]) -> None:
    with suppress(ConnectionError):
        await socket.send_bytes(bytes([ERROR]) + json.dumps(status).encode())
        await socket.close()


class _Stream:
    def __init__(
        self,
        socket: web.WebSocketResponse,
        process: asyncio.subprocess.Process,
        request: web.Request,
        faults: Faults,
    ) -> None:
        self.socket = socket
        self.process = process
        self.request = request
        self.faults = faults
        self.sent = 0
        self.cut_after: int | None = None

    async def run(self, command: list[str], protocol: str) -> None:
        self._arm(self.faults.for_exec(" ".join(command)))
        reader = asyncio.create_task(self._read())
        try:
            work = asyncio.create_task(self._pump_both())
            await asyncio.wait([work, reader], return_when=asyncio.FIRST_COMPLETED)
            if not work.done():  # The client is gone or the stream was cut.
                work.cancel()
                return
            code = await self.process.wait()
            said = failure(protocol, command, code) if code else success(protocol)
            await _end(self.socket, said)
        finally:
            reader.cancel()
            kill_session(self.process)

    def _arm(self, fault: Fault | None) -> None:
        if fault is None:
            return
        self.request["entry"]["fault"] = "cut"
        if fault.after_bytes is not None:
            self.cut_after = fault.after_bytes
        else:
            asyncio.get_running_loop().call_later(fault.after_seconds or 0, self._cut)

    def _cut(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()
        kill_session(self.process)

    async def _read(self) -> None:
        first = True
        async for message in self.socket:
            if message.type is not WSMsgType.BINARY and message.type is not WSMsgType.TEXT:
                break
            data: Any = message.data
            data = data.encode() if isinstance(data, str) else data
            if first and data[:1] == bytes([STDIN]):
                # A long command comes on stdin, so faults look for their pattern there, too.
                self._arm(self.faults.for_exec(data[1:].decode(errors="replace")))
                first = False
            await self._feed(data)

    async def _feed(self, data: bytes) -> None:
        stdin = self.process.stdin
        if stdin is None or not data:
            return
        with suppress(ConnectionError):
            if data[0] == STDIN:
                stdin.write(data[1:])
                await stdin.drain()
            elif data[0] == CLOSE and data[1:2] == bytes([STDIN]):
                stdin.close()

    async def _pump_both(self) -> None:
        await asyncio.gather(
            self._pump(STDOUT, self.process.stdout), self._pump(STDERR, self.process.stderr)
        )

    async def _pump(self, channel: int, source: asyncio.StreamReader | None) -> None:
        with suppress(ConnectionError):
            while source is not None and (data := await source.read(CHUNK)):
                self.sent += len(data)
                if self.cut_after is not None and self.sent >= self.cut_after:
                    self._cut()
                    return
                await self.socket.send_bytes(bytes([channel]) + data)
