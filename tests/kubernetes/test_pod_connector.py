"""Commands and files in a pod: the practice site's, and one of a real cluster with our node."""

import io
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from pod_host import DIRECTLY, PodHost


def test_both_outputs_are_shown(pod_host: PodHost) -> None:
    code, output = pod_host.execute("sh -c 'echo out; echo err >&2'")
    assert code == 0, output
    assert f"[{pod_host.host}] out" in output
    assert f"[{pod_host.host}] err" in output


def test_an_exit_code_is_told(pod_host: PodHost) -> None:
    code, output = pod_host.execute("sh -c 'exit 3'")
    assert code == 1
    assert "exit code: 3" in output.lower() or "Error" in output, output


def test_exit_codes_and_arguments_are_honoured(pod_host: PodHost) -> None:
    text = """
from pyinfra.operations import server
server.shell(name="seven", commands=["exit 7"], _success_exit_codes=[7])
server.shell(name="env", commands=['test "$GREETING" = "a b"'], _env={"GREETING": "a b"})
server.shell(name="chdir", commands=['test "$(pwd)" = /'], _chdir="/")
server.shell(name="stdin", commands=["grep -q line-2"], _stdin=["line-1", "line-2"])
server.shell(name="fails", commands=["exit 3"])
"""
    code, output = pod_host.deploy(text)
    assert code == 1
    assert output.count("Success") == 4, output
    assert "Starting operation: fails" in output


def test_a_timeout_says_that_the_command_may_still_run(pod_host: PodHost) -> None:
    text = """
from pyinfra.operations import server
server.shell(name="slow", commands=["sleep 20"], _timeout=1)
"""
    code, output = pod_host.deploy(text)
    assert code == 1
    assert "may still run" in output or "timed out" in output.lower()


def test_a_pseudo_terminal_is_refused_in_words(pod_host: PodHost) -> None:
    text = """
from pyinfra.operations import server
server.shell(name="terminal", commands=["true"], _get_pty=True)
"""
    code, output = pod_host.deploy(text)
    assert code == 1
    assert "_get_pty" in output


def test_a_command_as_long_as_a_shell_line(pod_host: PodHost) -> None:
    text = """
from pyinfra.operations import server
words = "x" * 90000
server.shell(name="long", commands=[f"test $(printf %s {words} | wc -c) = 90000"])
"""
    code, output = pod_host.deploy(text)
    assert code == 0, output


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_files_go_and_come_back_byte_for_byte(pod_host: PodHost, tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "source").write_bytes(content[:size])
    text = f"""
from pyinfra.operations import files, server
server.shell(name="home", commands=["mkdir -p sub"])
files.put(name="put", src="{tmp_path}/source", dest="sub/copy of file", create_remote_dir=False)
files.get(name="get", src="sub/copy of file", dest="{tmp_path}/back")
"""
    code, output = pod_host.deploy(text)
    assert code == 0, output
    assert (tmp_path / "back").read_bytes() == content[:size]
    assert io.BytesIO(content[:size]).read() == (tmp_path / "back").read_bytes()


def test_a_file_goes_where_the_arguments_about_the_shell_say(
    pod_host: PodHost, tmp_path: Path
) -> None:
    """As commands do; the arguments about users travel in the same way."""
    (tmp_path / "source").write_text("content")
    text = f"""
from pyinfra.operations import files, server
files.put(name="put", src="{tmp_path}/source", dest="copy", create_remote_dir=False, _chdir="below")
server.shell(name="look", commands=["test -f below/copy && test ! -e copy"])
"""
    pod_host.execute("mkdir -p below")
    code, output = pod_host.deploy(text)
    assert code == 0, output


def test_a_request_to_a_pod_is_refused(pod_host: PodHost) -> None:
    text = """
from ops.api.operation import operation
from ops.http.request import get

@operation
def ask():
    yield get("/version")

ask(name="Ask")
"""
    code, output = pod_host.deploy(text)
    assert code == 1
    assert "a pod takes shell commands" in output
    assert "Traceback" not in output


GO_ON = """
from pathlib import Path

import gevent
from pyinfra.operations import python, server


def wait():
    Path({signal!r}).touch()
    while not Path({done!r}).exists():
        gevent.sleep(0.05)


server.shell(name="first", commands=["true"])
python.call(name="lose it", function=wait)
server.shell(name="second", commands=["echo it is $HOSTNAME"])
"""


def ready(lab: Lab) -> list[str]:
    """The pods of the fourth runner that take commands."""
    pods = [e["object"] for e in lab.state()["kubernetes"]["objects"] if e["kind"] == "Pod"]
    return [
        pod["metadata"]["name"]
        for pod in pods
        if pod["metadata"]["labels"].get("app") == "gitlab-runner-4"
        for condition in pod["status"]["conditions"]
        if (condition["type"], condition["status"]) == ("Ready", "True")
    ]


def test_a_pod_whose_node_is_lost_has_a_successor_that_takes_the_rest(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    """The API server opens the stream, and says in it that it cannot reach the node."""
    signal, done = (str(pyinfra.directory / name) for name in ("signal", "done"))
    deploy = pyinfra.write(GO_ON.format(signal=signal, done=done))
    host = "@pod/gitlab-runner/app=gitlab-runner-4"
    process = pyinfra.start(host, deploy, "-y", *DIRECTLY)
    wait_for(lambda: Path(signal).exists())
    [former] = ready(lab)
    lab.fault(action="lose_node", pod="gitlab-runner-4")
    wait_for(lambda: ready(lab) and former not in ready(lab))
    Path(done).touch()
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert f"pod {former} takes no commands, going on in " in output
    assert "command=" not in output
