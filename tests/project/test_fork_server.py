"""A run in a fork is what a run in a new process is; or the tests would show something else."""

import json
import os
import re
import signal
import subprocess
from typing import Any

import pytest
from forked import Forked, ForkServer
from lab_process import Lab, Pyinfra

# What a deploy finds. Who the parent is, and the place of a module in memory, are others each time.
LOOK = """
import gc, json, os, signal, socket, sys, threading
from gevent import get_hub
import gitlab.config, kubernetes.config.kube_config
kept = ("ops", "group_data", "inventory", "config", "deploys", "lab")
def disposition(number):
    handler = signal.getsignal(number)
    return getattr(handler, "__qualname__", str(handler))
print("FOUND " + json.dumps({
    "arguments": sys.argv,
    "directory": os.getcwd(),
    "environment": dict(sorted(os.environ.items())),
    "path": sys.path,
    "own modules": sorted(n for n in sys.modules if n.partition(".")[0] in kept),
    "signals": {n.name: disposition(n) for n in signal.Signals},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "open": {n: os.readlink(f"/proc/self/fd/{n}").partition(":")[0]
             for n in sorted(os.listdir("/proc/self/fd"))
             if os.path.exists(f"/proc/self/fd/{n}")},
    "terminals": [stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)],
    "streams": [(s.encoding, s.errors, s.line_buffering) for s in (sys.stdout, sys.stderr)],
    "group and session": [os.getpgid(0), os.getsid(0)],
    "threads": [thread.name for thread in threading.enumerate()],
    "loop": str(get_hub().loop.default),
    "socket": socket.socket.__module__,
    "mask": os.umask(0o22),
    "flags": str(sys.flags),
    "paths": [gitlab.config._DEFAULT_FILES,
              kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION],
}), flush=True)
"""


def found(output: str) -> dict[str, Any]:
    [line] = [line for line in output.splitlines() if line.startswith("FOUND ")]
    document: dict[str, Any] = json.loads(line.removeprefix("FOUND "))
    # A fork gets it also where these tests do not, which is so under nohup.
    document["signals"].pop("SIGHUP")
    return document


def without_times(output: str) -> str:
    output = re.sub("^FOUND .*", "FOUND", output, flags=re.MULTILINE)
    return re.sub(r", \d+ s, 20[\d-]+ [\d:]+ \w+", "", output)


def test_a_deploy_finds_the_same_in_a_fork(pyinfra: Pyinfra, fork_server: ForkServer) -> None:
    arguments = ("inventory.py", pyinfra.write(LOOK), "--limit", "operator", "--dry")
    started, _ = pyinfra.start_anew(*arguments, SOMETHING="else", KUBECONFIG="/other").communicate()
    values = {**pyinfra.environment, "SOMETHING": "else", "KUBECONFIG": "/other"}
    assert fork_server.fits(values)
    forked, _ = fork_server.start(arguments, values).communicate()
    expected = found(started)
    assert expected["own modules"]
    assert expected["environment"]["SOMETHING"] == "else"
    assert found(forked) == expected
    # All but how long it took, and until when.
    assert without_times(forked.replace("\r\n", "\n")) == without_times(started)


@pytest.mark.parametrize("name", ["GEVENT_LOOP", "LC_ALL", "PYTHONWARNINGS", "PYTHONUTF8"])
def test_what_packages_read_when_they_are_imported_needs_a_start(
    pyinfra: Pyinfra, fork_server: ForkServer, name: str
) -> None:
    assert fork_server.fits(pyinfra.environment)
    assert not fork_server.fits({**pyinfra.environment, name: "another"})


def test_the_exit_code_of_a_fork_is_that_of_its_process(lab: Lab, pyinfra: Pyinfra) -> None:
    file = pyinfra.write("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert pyinfra.run("inventory.py", file, "--limit", "operator")[0] == -signal.SIGKILL
    file = pyinfra.write("raise SystemExit(7)\n")
    assert pyinfra.run("inventory.py", file, "--limit", "operator")[0] == 7


def test_a_fork_that_takes_too_long_is_killed(lab: Lab, pyinfra: Pyinfra) -> None:
    pid = pyinfra.directory / "pid"
    text = "import os, pathlib, time\n"
    text += f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
    file = pyinfra.write(text + "print('is here', flush=True)\nwhile True: time.sleep(0.1)\n")
    for seconds in (3, 10, 60):  # On a busy machine it takes a while to come that far.
        with pytest.raises(AssertionError, match=f"not finished in {seconds} s:\n") as caught:
            pyinfra.run("inventory.py", file, "--limit", "operator", seconds=seconds)
        if "is here" in str(caught.value):
            break
    assert "is here" in str(caught.value)

    def is_gone() -> bool:
        try:
            os.kill(int(pid.read_text()), 0)
        except ProcessLookupError:
            return True
        return False

    lab.wait(is_gone)


def test_what_a_fork_printed_before_a_time_out_is_not_lost(lab: Lab, pyinfra: Pyinfra) -> None:
    file = pyinfra.write("import time\nprint('early', flush=True)\ntime.sleep(2)\nprint('late')\n")
    process = pyinfra.start("inventory.py", file, "--limit", "operator", "--dry")
    assert isinstance(process, Forked)
    seen = ""
    while "early" not in seen:
        with pytest.raises(subprocess.TimeoutExpired) as caught:
            process.communicate(timeout=0.2)
        seen = caught.value.output.decode()
    output, _ = process.communicate()
    assert [output.count(word) for word in ("early", "late")] == [1, 1]
    assert process.returncode == 0


def test_nothing_of_a_fork_is_there_in_the_next_one(lab: Lab, pyinfra: Pyinfra) -> None:
    text = "import builtins\nprint('before', hasattr(builtins, 'seen'))\nbuiltins.seen = True\n"
    file = pyinfra.write(text)
    for _ in range(2):
        code, output = pyinfra.run("inventory.py", file, "--limit", "operator", "--dry")
        assert code == 0, output
        assert "before False" in output
