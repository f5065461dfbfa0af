"""What the error channel of exec says in the end, and how exec is refused, by the protocol.

With v5 the API server speaks to the node itself: it makes a Status of its own, and what the node
refuses comes on the channel, when the stream is open already. With v4 it passes on what the node
says, and that is a container runtime's text (here containerd's).
"""

from typing import Any

V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"
NODE = "10.0.15.99:10250"
NOTHING_ASKED = "you must specify at least 1 of stdin, stdout, stderr"
NOT_FOUND = 'container not found ("{}")'


def success(protocol: str) -> dict[str, Any]:
    """Return the Status of a command that has ended with 0."""
    return _status(protocol, {"status": "Success"})


def failure(protocol: str, command: list[str], code: int) -> dict[str, Any]:
    """Return the Status of a command that has ended with another code; negative: by this signal."""
    number = code if code >= 0 else 128 - code
    runtime = f"error executing command [{' '.join(command)}], exit code {number}"
    text = f"command terminated with exit code {number}" if protocol == V5 else runtime
    status = {
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {text}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(number)}]},
    }
    return _status(protocol, status)


def not_started(protocol: str, program: str) -> dict[str, Any]:
    """Return the Status of a command whose program is not there."""
    text = f'exec: "{program}": executable file not found in $PATH'
    text = f"error executing command in container: failed to exec in container: {text}"
    message = f"Internal error occurred: {text}"
    if protocol == V5:
        return internal_error(message)
    return {"status": "Failure", "message": message, "reason": "InternalError", "code": 500}


def internal_error(text: str) -> dict[str, Any]:
    """Return the Status of something that the API server itself could not do."""
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {text}",
        "reason": "InternalError",
        "details": {"causes": [{"message": text}]},
        "code": 500,
    }


def refused_by_node(text: str) -> dict[str, Any]:
    """Return the Status, with v5, of what a node has refused."""
    return internal_error(f"unable to upgrade connection: {text}")


def unreachable(path: str) -> dict[str, Any]:
    """Return the Status, with v5, of a node that does not answer: it has the whole address."""
    dialled = f"dial tcp {NODE}: connect: no route to host"
    return internal_error(f'error sending request: Post "https://{NODE}{path}": {dialled}')


def _status(protocol: str, status: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {}, **status} if protocol == V5 else status
