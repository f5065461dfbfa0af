"""TLS that fails: a word about the certificate only where that was refused."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from lab_process import Lab, Pyinfra

VERSION = ("@gitlab", "exec", "--data", "gitlab_deadline=3", "--", "GET", "/version")


@pytest.fixture
def listening() -> Iterator[Callable[[bytes], str]]:
    """A server that answers the first bytes of a connection with its own, and ends it."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers: list[bytes] = []
    counted: list[int] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answers[0])
                counted.append(1)

    def answer(data: bytes) -> str:
        answers.append(data)
        return f"https://127.0.0.1:{listener.getsockname()[1]}"

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    answer.counted = counted  # type: ignore[attr-defined]
    yield answer
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def test_a_handshake_that_is_cut_is_no_certificate(
    lab: Lab, pyinfra: Pyinfra, listening: Callable[[bytes], str]
) -> None:
    code, output = pyinfra.run(*VERSION, GITLAB_URL=listening(b""))
    assert code == 1
    assert "certificate" not in output
    assert "GET /version -> no " in output
    assert "Traceback" not in output
    assert len(listening.counted) > 1  # type: ignore[attr-defined] # A read is repeated.


def test_a_server_without_tls_is_said_at_once(
    lab: Lab, pyinfra: Pyinfra, listening: Callable[[bytes], str]
) -> None:
    code, output = pyinfra.run(*VERSION, GITLAB_URL=listening(b"HTTP/1.1 400 Bad\r\n\r\n"))
    assert code == 1
    assert "certificate" not in output
    assert "GET /version -> no TLS connection to https://127.0.0.1" in output
    assert len(listening.counted) == 1  # type: ignore[attr-defined]


def test_a_certificate_of_an_unknown_ca_is_said_at_once(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(*VERSION, GITLAB_CA_FILE="")
    assert code == 1
    assert "is not trusted" in output
    assert lab.requests(system="gitlab") == []
