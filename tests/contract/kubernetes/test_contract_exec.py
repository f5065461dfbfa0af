"""exec: exit codes, streams, and what is refused, asked of the practice site and of a real cluster.

Behind the real API server stands a node of ours, whose streams are served by the kubelet's library.
"""

from typing import Any

import pytest
from exec_streams import ERROR, V4, V5, Pod

EVERYTHING = bytes(range(256))
INTERNAL = "Internal error occurred: unable to upgrade connection: "


@pytest.mark.parametrize("protocol", [V4, V5])
@pytest.mark.parametrize("code", [0, 1, 3, 126, 127, 255])
def test_exit_codes(pod: Pod, protocol: str, code: int) -> None:
    done = pod.execute("sh", "-c", f"exit {code}", protocols=[protocol])
    assert (done.protocol, done.code) == (protocol, code)


@pytest.mark.parametrize(
    ("protocol", "more", "text"),
    [
        # Whoever prints the message prints the command as well.
        (V4, {}, "error executing command [sh -c exit 7], exit code 7"),
        (V5, {"metadata": {}}, "command terminated with exit code 7"),
    ],
)
def test_what_is_said_of_success_and_of_failure(
    pod: Pod, protocol: str, more: dict[str, Any], text: str
) -> None:
    done = pod.execute("true", protocols=[protocol])
    assert done.said == {**more, "status": "Success"}
    done = pod.execute("sh", "-c", "exit 7", protocols=[protocol])
    assert done.said == {
        **more,
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {text}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": "7"}]},
    }


@pytest.mark.parametrize(("signal", "code"), [("KILL", 137), ("TERM", 143)])
def test_a_signal_is_a_code_as_in_a_shell(pod: Pod, signal: str, code: int) -> None:
    assert pod.execute("sh", "-c", f"kill -{signal} $$").code == code


NOT_THERE = (
    "error executing command in container: failed to exec in container:"
    ' exec: "no-such-program": executable file not found in $PATH'
)


@pytest.mark.parametrize(("protocol", "times"), [(V4, 1), (V5, 2)])
def test_a_program_that_is_not_there(pod: Pod, protocol: str, times: int) -> None:
    done = pod.execute("no-such-program", protocols=[protocol])
    assert (done.status, done.code) == (101, None)
    assert done.said["message"] == "Internal error occurred: " * times + NOT_THERE
    assert (done.said["reason"], done.said["code"]) == ("InternalError", 500)


def test_both_outputs_are_apart(pod: Pod) -> None:
    done = pod.execute("sh", "-c", "echo out; echo err >&2; printf more")
    assert (done.stdout, done.stderr, done.code) == (b"out\nmore", b"err\n", 0)


def test_only_what_is_asked_for_comes(pod: Pod) -> None:
    done = pod.execute("sh", "-c", "echo out; echo err >&2; exit 4", outputs=["stdout"])
    assert (done.stdout, done.stderr, done.code) == (b"out\n", b"", 4)


NOTHING = "you must specify at least 1 of stdin, stdout, stderr"


def test_nothing_is_asked_for(pod: Pod) -> None:
    done = pod.execute("true", outputs=[], protocols=[V4])
    assert (done.status, done.refusal) == (400, f"{NOTHING}\n")
    # The stream is open when the node refuses.
    done = pod.execute("true", outputs=[], protocols=[V5])
    assert (done.status, done.code, done.said["code"]) == (101, None, 500)
    assert done.said["message"] == f"{INTERNAL}{NOTHING}"


def test_a_container_that_has_not_begun(unready: Pod) -> None:
    text = 'container not found ("a")'
    done = unready.execute("true", protocols=[V4])
    # No Status, but what the node says.
    assert (done.status, done.refusal) == (500, f"{text}\n")
    done = unready.execute("true", protocols=[V5])
    assert (done.status, done.code, done.said["message"]) == (101, None, f"{INTERNAL}{text}")


def test_a_node_that_does_not_answer(lost: Pod) -> None:
    done = lost.execute("true", protocols=[V4])
    assert done.status == 500
    assert done.refusal["message"].startswith("error dialing backend: dial tcp ")
    assert "reason" not in done.refusal
    done = lost.execute("true", protocols=[V5])
    assert (done.status, done.code) == (101, None)
    message = done.said["message"]
    assert message.startswith('Internal error occurred: error sending request: Post "https://')
    assert "command=true" in message  # Whoever shows it shows the command.
    assert '": dial tcp ' in message


def test_no_protocol_that_both_know(pod: Pod) -> None:
    done = pod.execute("true", protocols=["v9.channel.k8s.io"])
    assert (done.status, done.refusal) == (403, "")


def test_much_output_comes_whole_before_the_code(pod: Pod) -> None:
    done = pod.execute("sh", "-c", "head -c 3000000 /dev/zero; exit 5")
    assert (len(done.stdout), set(done.stdout), done.code) == (3_000_000, {0}, 5)


def test_the_end_of_the_input_is_told(pod: Pod) -> None:
    data = EVERYTHING * 2000
    done = pod.execute("cat", stdin=data)
    assert (done.stdout == data, done.code) == (True, 0)


def test_an_older_protocol_cannot_tell_the_end_of_the_input(pod: Pod) -> None:
    data = EVERYTHING * 100
    done = pod.execute("head", "-c", str(len(data)), stdin=data, protocols=[V4])
    assert (done.stdout == data, done.code) == (True, 0)


def test_input_that_nobody_reads(pod: Pod) -> None:
    assert pod.execute("sh", "-c", "exit 6", stdin=b"x" * 1000).code == 6


def test_a_long_command_in_many_words(pod: Pod) -> None:
    words = [letter * 20_000 for letter in "abcdef"]
    done = pod.execute("sh", "-c", 'printf %s "$@" | wc -c', "sh", *words)
    assert (done.stdout.strip(), done.code) == (b"120000", 0)


def test_words_are_not_put_together(pod: Pod) -> None:
    words = ["a b", "", "ü", "x\ny", "$HOME", "&=?"]
    done = pod.execute("sh", "-c", 'for one; do printf "<%s>" "$one"; done', "sh", *words)
    assert done.stdout.decode() == "".join(f"<{word}>" for word in words)


def test_the_newest_protocol_that_both_know(pod: Pod) -> None:
    assert pod.execute("true", protocols=["v9.channel.k8s.io", V4]).protocol == V4
    assert pod.execute("true", protocols=[V4, V5]).protocol == V5


def test_of_two_containers_one_has_to_be_named(pod_of_two: Pod) -> None:
    done = pod_of_two.execute("true")
    assert done.status == 400
    assert done.refusal["message"] == (
        f"a container name must be specified for pod {pod_of_two.name}, choose one of: [a b]"
    )
    for name in ("a", "b"):
        assert pod_of_two.execute("sh", "-c", "exit 2", container=name).code == 2


def test_a_container_that_the_pod_has_not(pod: Pod) -> None:
    done = pod.execute("true", container="other")
    assert (done.status, done.refusal["reason"]) == (400, "BadRequest")
    assert done.refusal["message"] == f"container other is not valid for pod {pod.name}"


def test_a_pod_that_is_not_there(pod: Pod) -> None:
    done = Pod(pod.api, pod.namespace, "none").execute("true")
    assert (done.status, done.refusal["reason"]) == (404, "NotFound")


def test_without_a_stream(pod: Pod) -> None:
    answer = pod.api.send("GET", f"{pod.path}/exec", command="true", stdout="true")
    assert answer.refusal == (400, "BadRequest")
    assert answer.message == "Upgrade request required"


def test_the_status_is_the_last_thing_that_comes(pod: Pod) -> None:
    done = pod.execute("sh", "-c", "(sleep 0.3; echo late) & echo early")
    # The child has the same output, so it is waited for.
    assert (done.stdout, done.code) == (b"early\nlate\n", 0)
    assert list(done.channels)[-1] == ERROR
