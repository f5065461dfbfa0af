"""Commands and files in a pod: the practice site's, and one of a real cluster with our node."""

import io
from pathlib import Path

import pytest
from pod_host import PodHost


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
