"""A process that has imported what pyinfra imports, and forks itself for each command.

Most of the CPU time of a start of pyinfra goes into importing other people's packages. A fork has
them already. The rest is done in the fork as after a start: the settings, the inventory, the deploy
and all modules of this project are read there, for nothing of this project is imported here.

    python fork_server.py SOCKET SCRIPT

SOCKET is the number of an inherited socket. For each byte that arrives there with two descriptors,
one for the output and a socket, the command that this socket says is run, and its pid and exit code
are answered. SCRIPT is the script that would have been started. The other side is forked.py.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

# As they are before pyinfra has gevent replace them: this process must have no loop of events.
fork, waitpid, Socket = os.fork, os.waitpid, socket.socket

OWN = ("config", "deploys", "group_data", "inventory", "lab", "ops")
IMPORTS = (
    "pyinfra_cli.main",
    # What it imports, or we do, as soon as there is an inventory and a deploy.
    *("pyinfra.connectors.local", "pyinfra.connectors.ssh", "pyinfra.operations.server"),
    *("gitlab", "gitlab.v4.objects", "kubernetes.client", "kubernetes.config"),
    *("kubernetes.stream.ws_client", "requests", "jsonpath_rfc9535", "tabulate", "tenacity"),
    *("websocket", "yaml"),
)
# These keep paths that they make of HOME and KUBECONFIG, so each fork executes them again. (Python
# itself keeps HOME as well, for packages of a user, which a virtual environment does not look at.)
AGAIN = ("gitlab.config", "kubernetes.config.kube_config")
READ_AGAIN = {"HOME", "KUBECONFIG"}

_read: set[str] = set()


class _Watched(type(os.environ)):  # type: ignore[misc]
    """An environment that remembers which variables were read."""

    def __getitem__(self, name: str) -> str:
        _read.add(name)
        return str(super().__getitem__(name))


def import_all() -> list[str]:
    """Import what is the same in each run; return the variables on which that has depended."""
    plain = type(os.environ)
    os.environ.__class__ = _Watched
    for name in IMPORTS:
        importlib.import_module(name)
    os.environ.__class__ = plain
    found = [name for name in sys.modules if name.partition(".")[0] in OWN]
    assert not found, f"each run imports these itself: {found}"
    return sorted(_read - READ_AGAIN)


def settle() -> None:
    """Leave no loop of events, which one of the packages has made, and nothing to collect."""
    import gevent

    gevent.get_hub().destroy(destroy_loop=True)
    gc.collect()
    gc.freeze()


def serve(channel: socket.socket, script: str) -> None:
    """Fork for each request; return in a fork that is to run pyinfra's main function."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(channel, 1, 2)
        _wait_for_children(0 if not data else os.WNOHANG)  # Their CPU time is counted with this.
        if not data:
            sys.exit()  # Whoever has started this is gone.
        if fork() == 0:
            channel.close()
            output, answer = descriptors
            _answer(Socket(fileno=answer), output, script)
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _wait_for_children(options: int) -> None:
    with suppress(ChildProcessError):  # There is none.
        while waitpid(-1, options)[0]:
            pass


def _answer(answer: socket.socket, output: int, script: str) -> None:
    """Fork again, and answer the pid and the exit code; return in the fork."""
    with answer.makefile("rw") as lines:
        command = json.loads(lines.readline())
        pid = fork()
        if pid:
            os.close(output)
            print(pid, file=lines, flush=True)
            _, status = waitpid(pid, 0)
            print(os.waitstatus_to_exitcode(status), file=lines, flush=True)
            os._exit(0)
    answer.close()
    _become(command, output, script)


def _become(command: dict[str, Any], output: int, script: str) -> None:
    """Have the arguments, the environment and the streams that a new process would have."""
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(command["environment"])
    sys.argv[:] = [script, *command["arguments"]]
    sys.path[0] = os.path.dirname(script)
    for name in AGAIN:
        importlib.reload(sys.modules[name])


if __name__ == "__main__":
    number, script = sys.argv[1:]
    with Socket(fileno=int(number)) as channel:
        # A closed terminal ends what runs, also where nohup has started the tests.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        variables = import_all()
        settle()
        channel.sendall(json.dumps(variables).encode() + b"\n")
        serve(channel, script)
    # Only a fork comes here, and ends as any script does.
    sys.exit(sys.modules["pyinfra_cli.main"].main())
