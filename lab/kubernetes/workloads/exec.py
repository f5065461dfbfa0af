"""exec in a pod over a WebSocket, protocols v4 and v5 of channel.k8s.io."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from lab.kubernetes.state import Kubernetes
from lab.kubernetes.status import ApiError
from lab.kubernetes.workloads.pods import Pods
from lab.kubernetes.workloads.processes import kill_session
from lab.server.faults import Fault, Faults

STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
CHUNK = 32768
SUCCESS = {"metadata": {}, "status": "Success"}


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
        if pod["status"]["phase"] != "Running":
            raise ApiError(400, "BadRequest", f"pod {name} does not have a running container")
        machine = self.pods.machine(name)
        request["entry"]["method"] = "EXEC"
        socket = web.WebSocketResponse(protocols=PROTOCOLS, max_msg_size=0)
        await socket.prepare(request)
        command = request.query.getall("command", [])
        stdin = request.query.get("stdin") in ("true", "1")
        try:
            process = await machine.start(command, stdin)
        except OSError as error:
            await socket.send_bytes(bytes([ERROR]) + json.dumps(_not_started(error)).encode())
            await socket.close()
            return socket
        await _Stream(socket, process, request, self.faults).run(" ".join(command))
        return socket


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

    async def run(self, command: str) -> None:
        self._arm(self.faults.for_exec(command))
        reader = asyncio.create_task(self._read())
        try:
            work = asyncio.create_task(self._pump_both())
            await asyncio.wait([work, reader], return_when=asyncio.FIRST_COMPLETED)
            if not work.done():  # The client is gone or the stream was cut.
                work.cancel()
                return
            code = await self.process.wait()
            with suppress(ConnectionError):
                status = json.dumps(SUCCESS if code == 0 else _failure(code)).encode()
                await self.socket.send_bytes(bytes([ERROR]) + status)
                await self.socket.close()
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
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        await asyncio.gather(
            self._pump(STDOUT, self.process.stdout), self._pump(STDERR, self.process.stderr)
        )

    async def _pump(self, channel: int, source: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while data := await source.read(CHUNK):
                self.sent += len(data)
                if self.cut_after is not None and self.sent >= self.cut_after:
                    self._cut()
                    return
                await self.socket.send_bytes(bytes([channel]) + data)


def _failure(code: int) -> dict[str, Any]:
    number = code if code >= 0 else 128 - code
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {number}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(number)}]},
    }


def _not_started(error: OSError) -> dict[str, Any]:
    text = f"Internal error occurred: exec: {error.filename!r}: executable file not found in $PATH"
    return {"metadata": {}, "status": "Failure", "message": text, "reason": "InternalError"}
