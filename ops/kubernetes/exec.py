"""A command in a container through the exec of the Kubernetes API, with its real exit code.

The end of the stream is never taken for success: only the Status on the error channel is
(https://kubernetes.io/docs/reference/using-api/api-concepts/, kubernetes issue 73056).
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pyinfra.connectors.util import CommandOutput, OutputLine

from ops.http.body import LARGEST
from ops.http.deadline import within
from ops.http.response import shorten
from ops.kubernetes.cluster import Cluster

STDOUT, STDERR, ERROR = 1, 2, 3
CHUNK = 32768
LONGEST_ARGUMENT = 4096
OPEN_SECONDS, CLOSE_SECONDS = 20, 5
FORBIDDEN = 403
# The API's own refusal says of neither verb that it is the one that is lacking.
# With v5 the API server opens the stream, and then says that it could not reach the node, or that
# the node has refused (apiserver, pkg/util/proxy/streamtranslator.go).
_REFUSED = re.compile("unable to upgrade connection: |error sending request: ")
_ADDRESS = re.compile(r"\?[^\"\s]*")  # the query of a node's address, which has the command
RIGHTS = "Over a WebSocket it needs get on pods/exec, and since Kubernetes 1.35 create as well"


class NotStarted(OSError):
    """The API or the kubelet refused, so nothing was started: the pod may be gone or completed."""


@dataclass(frozen=True)
class Result:
    """What a command left behind: exit code and both outputs as bytes."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def run_in_pod(
    cluster: Cluster,
    path: str,
    container: str | None,
    script: str,
    stdin: bytes = b"",
    timeout: float | None = None,
    shell: str = "sh",
) -> Result:
    """Run a shell script in a container and wait for its exit code.

    + cluster: where the pod runs
    + path: API path of the pod
    + container: name of the container, or None for the pod's default
    + script: shell script; its length is limited by the shell only
    + stdin: bytes that the script may read
    + timeout: seconds for the whole command; after it the command may still run
    + shell: the shell in the container

    Raises NotStarted where exec was refused, TimeoutError, and OSError where the stream ended
    without an exit code: then nobody knows whether the command was done.
    """
    command, data = _framed(shell, script, stdin)
    with _limited(timeout):
        socket = _open(cluster, _url(cluster, path, container, command, bool(data)))
        try:
            for start in range(0, len(data), CHUNK):
                socket.write_channel(0, data[start : start + CHUNK])
            received = _received(socket)
        finally:
            # It waits for the other side to say goodbye, which may come a byte at a time.
            with suppress(OSError), within(CLOSE_SECONDS, OSError):
                socket.close()
    exit_code = _exit_code(bytes(received[ERROR]), path)
    return Result(exit_code, bytes(received[STDOUT]), bytes(received[STDERR]))


def _limited(timeout: float | None) -> AbstractContextManager[None]:
    if not timeout:
        return nullcontext()
    text = f"exec -> not finished in {timeout} s; the command may still run"
    return within(timeout, lambda: TimeoutError(text))


def _framed(shell: str, script: str, stdin: bytes) -> tuple[list[str], bytes]:
    """Return the container's command and what goes to its stdin.

    A short script without input is an argument. Otherwise script and input travel on stdin with
    their lengths: an argument is limited to 128 KiB, and stdin cannot be half closed before v5 of
    the protocol, so an end of file is never seen. `dd bs=1` reads not one byte too many.
    """
    if not stdin and len(script) <= LONGEST_ARGUMENT:
        return [shell, "-c", script], b""
    text = script.encode()
    reader = f"script=$(dd bs=1 count={len(text)} 2>/dev/null; echo .); script=${{script%.}}"
    # Without input eval gets an empty one; with input exactly its bytes.
    rest = f"head -c {len(stdin)} |" if stdin else "</dev/null"
    runner = f'{rest} eval "$script"' if stdin else f'eval "$script" {rest}'
    return [shell, "-c", f"{reader}; {runner}"], text + stdin


def _url(
    cluster: Cluster, path: str, container: str | None, command: Sequence[str], stdin: bool
) -> str:
    query = [("stdout", "true"), ("stderr", "true"), ("stdin", "true" if stdin else "false")]
    query += [("container", container)] if container else []
    query += [("command", part) for part in command]
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query)
    host = cluster.configuration.host.replace("http", "ws", 1)
    return f"{host}{path}/exec?{text}"


def _open(cluster: Cluster, url: str) -> Any:
    import websocket
    from kubernetes.stream import ws_client
    from websocket import WebSocketBadStatusException, WebSocketException

    from ops.kubernetes.web_socket import Redirected, SocketWithoutRedirects, through_proxy

    # The client has no settings for them.
    ws_client.WebSocket = SocketWithoutRedirects  # type: ignore[attr-defined]
    ws_client.websocket_proxycare = through_proxy
    # The client hands no time-out on; without one, a server that accepts and says nothing would be
    # waited for without end. Reading is done with polls, so this holds for opening and writing.
    websocket.setdefaulttimeout(OPEN_SECONDS)
    text = f"no whole answer in {OPEN_SECONDS} s"
    try:
        with within(OPEN_SECONDS, lambda: OSError(text)):
            client = ws_client.WSClient(
                cluster.configuration, url, cluster.headers(), capture_all=False, binary=True
            )
    except Redirected as error:
        raise NotStarted(f"exec -> {error}") from None
    except WebSocketBadStatusException as error:
        message = _status_message(error.resp_body)
        hint = f". {RIGHTS}" if error.status_code == FORBIDDEN else ""
        raise NotStarted(f"exec -> {error.status_code}. {message}{hint}") from None
    except (WebSocketException, OSError) as error:
        raise OSError(f"exec -> the stream could not be opened ({shorten(str(error))})") from None
    # Where output comes faster than it is read, the client would go on reading for ever, and copy
    # all of it for each new frame.
    client._frames_immediately_available = lambda: False  # type: ignore[method-assign]
    return client


def _received(socket: Any) -> dict[int, bytearray]:
    """Return what came on each channel until the exit code, or the end of the stream."""
    received: dict[int, bytearray] = {STDOUT: bytearray(), STDERR: bytearray(), ERROR: bytearray()}
    for channel, chunk in _receive(socket):
        received[channel] += chunk
        if sum(map(len, received.values())) > LARGEST:
            raise OSError(
                f"exec -> more than {LARGEST // 2**20} MiB of output: the rest was not read, and"
                " the command may still run"
            )
    return received


def _receive(socket: Any) -> Iterator[tuple[int, bytes]]:
    from websocket import WebSocketException

    while socket.is_open():
        try:
            socket.update(timeout=1)
        except (WebSocketException, OSError) as error:
            raise OSError(
                "exec -> the stream broke before the exit code came, so it is unknown whether the"
                f" command was done ({shorten(str(error))})"
            ) from None
        for channel in (STDOUT, STDERR, ERROR):
            chunk = socket.read_channel(channel) if channel in socket._channels else b""
            if chunk:
                yield channel, chunk
            # The status is the last message; there is no need to wait for the stream to close.
            if chunk and channel == ERROR:
                return


def _exit_code(error_channel: bytes, path: str) -> int:
    if not error_channel:
        raise OSError(
            "exec -> the stream ended without an exit code, so it is unknown whether the command"
            " was done"
        )
    status = json.loads(error_channel)
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    text = _ADDRESS.sub("", str(status.get("message")))
    said = f"exec in {path} -> {shorten(text)}"
    raise NotStarted(said) if _REFUSED.search(text) else OSError(said)


def _status_message(body: bytes | None) -> str:
    """Return what a refusal says: the API's Status, or the text of a node, which it passes on."""
    text = (body or b"").decode(errors="replace").strip()
    with suppress(TypeError, ValueError, KeyError):
        text = str(json.loads(text)["message"])
    return shorten(text)


def as_output(result: Result) -> CommandOutput:
    """Return what a command has printed, in the terms of pyinfra."""
    return CommandOutput(
        [
            OutputLine(name, line)
            for name, data in (("stdout", result.stdout), ("stderr", result.stderr))
            for line in data.decode(errors="replace").splitlines()
        ]
    )
