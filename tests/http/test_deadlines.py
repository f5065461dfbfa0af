"""Each request, list and body ends: at the deadline, at a size, or where a list goes round."""

import gzip
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import yaml
from lab_process import Lab, Pyinfra
from limits import LIMIT
from slow_server import Server, serving

from ops.http import body

DEADLINE = 3
LARGEST = body.LARGEST
WITHIN = ("--data", f"gitlab_deadline={DEADLINE}", "--data", f"kubernetes_deadline={DEADLINE}")
NO_WHOLE_ANSWER = f"-> no whole answer in {DEADLINE} s"
VERSION = ("@gitlab", "exec", *WITHIN, "--", "GET", "/version")
CLUSTER_VERSION = ("@kubernetes", "exec", *WITHIN, "--", "GET", "/version")
RUNNERS = ("@gitlab/projects/280", "fact", *WITHIN, "ops.gitlab.facts.runners.Runners")
VARIABLES = ("@gitlab/projects/280", "fact", *WITHIN, "ops.gitlab.facts.variables.CiVariables")
PODS = ("@pod/gitlab/app=toolbox", "exec", *WITHIN, "--", "true")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def there(pyinfra: Pyinfra, server: Server, tmp_path: Path) -> Pyinfra:
    """pyinfra, pointed at that server for GitLab and for Kubernetes."""
    cluster = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server.url}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(cluster))
    pyinfra.environment |= {
        "GITLAB_URL": server.url,
        "KUBECONFIG": str(file),
        "KUBERNETES_VIA": "",
    }
    return pyinfra


def ends(pyinfra: Pyinfra, *arguments: str) -> str:
    """Run a command that fails in words, in about its deadline and not when others give up."""
    began = time.monotonic()
    code, output = pyinfra.run(*arguments)
    assert time.monotonic() - began < LIMIT
    assert code == (0 if "fact" in arguments else 1), output  # `fact` shows what can be read.
    assert "Traceback" not in output, output
    return output


@pytest.mark.parametrize("command", [VERSION, CLUSTER_VERSION], ids=["gitlab", "kubernetes"])
def test_a_body_of_a_byte_now_and_then(
    there: Pyinfra, server: Server, command: tuple[str, ...]
) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        server.head(handler)
        server.drip(handler)

    server.respond = respond
    output = ends(there, *command)
    assert f"GET /version {NO_WHOLE_ANSWER}" in output
    assert len(server.asked) == 1


@pytest.mark.parametrize("command", [VERSION, CLUSTER_VERSION], ids=["gitlab", "kubernetes"])
def test_headers_of_a_byte_now_and_then(
    there: Pyinfra, server: Server, command: tuple[str, ...]
) -> None:
    server.respond = lambda handler: server.drip(handler, b"H")
    assert f"GET /version {NO_WHOLE_ANSWER}" in ends(there, *command)
    assert len(server.asked) == 1


def test_a_write_that_is_answered_too_slowly_is_read_again(there: Pyinfra, server: Server) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "PUT":
            server.head(handler)
            server.drip(handler)
        else:
            server.answer(handler, json.dumps({"id": 17, "paused": True}))

    server.respond = respond
    code, output = there.run(
        "@gitlab/runners/17", "exec", *WITHIN, "--", "PUT", "/runners/17", '{"paused": true}'
    )
    assert code == 0, output
    assert f"PUT /runners/17 {NO_WHOLE_ANSWER}" in output
    assert "but it was done (read again)" in output
    assert len([line for line in server.asked if line.startswith("PUT")]) == 1


@pytest.mark.parametrize("command", [VERSION, CLUSTER_VERSION], ids=["gitlab", "kubernetes"])
def test_a_body_without_end(there: Pyinfra, server: Server, command: tuple[str, ...]) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        server.head(handler)
        server.flood(handler)

    server.respond = respond
    arguments = [text.replace(f"deadline={DEADLINE}", "deadline=400") for text in command]
    output = ends(there, *arguments)
    assert f"GET /version -> an answer of more than {LARGEST // 2**20} MiB" in output
    assert len(server.asked) == 1
    assert server.sent < LARGEST + 16 * 2**20  # The rest was not read: buffers have some of it.


@pytest.mark.parametrize("command", [VERSION, CLUSTER_VERSION], ids=["gitlab", "kubernetes"])
def test_a_body_that_says_how_large_it_is_is_not_read(
    there: Pyinfra, server: Server, command: tuple[str, ...]
) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        server.head(handler, Content_Length=str(LARGEST + 1))
        server.flood(handler)

    server.respond = respond
    assert f"an answer of more than {LARGEST // 2**20} MiB" in ends(there, *command)
    assert server.sent < 16 * 2**20


@pytest.mark.parametrize("command", [VERSION, CLUSTER_VERSION], ids=["gitlab", "kubernetes"])
def test_a_small_body_that_is_large_when_it_is_unpacked(
    there: Pyinfra, server: Server, command: tuple[str, ...]
) -> None:
    packed = gzip.compress(bytes(LARGEST + 1), 1)

    def respond(handler: BaseHTTPRequestHandler) -> None:
        server.head(handler, Content_Encoding="gzip", Content_Length=str(len(packed)))
        server.send(handler, packed)

    server.respond = respond
    arguments = [text.replace(f"deadline={DEADLINE}", "deadline=400") for text in command]
    assert f"an answer of more than {LARGEST // 2**20} MiB" in ends(there, *arguments)
    assert len(packed) < 16 * 2**20


def lists(server: Server, text: str, **headers: str) -> None:
    """Let every list be answered like this, and the resource that the host is be there."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        is_host = handler.path.endswith("/projects/280")
        server.answer(handler, '{"id": 280}' if is_host else text, **({} if is_host else headers))

    server.respond = respond


def test_a_next_page_that_is_the_same_page(there: Pyinfra, server: Server) -> None:
    path = "/api/v4/projects/280/variables?per_page=100&page=2"
    lists(server, "[]", Link=f'<{server.url}{path}>; rel="next"')
    output = ends(there, *VARIABLES)
    assert "GET /projects/280/variables -> page 2 of the list leads to one that was read" in output
    assert len([line for line in server.asked if "variables" in line]) == 2


def test_a_next_page_on_another_host_does_not_get_the_token(there: Pyinfra, server: Server) -> None:
    with serving() as foreign:
        foreign.respond = lambda handler: foreign.answer(handler, "[]")
        lists(server, "[]", Link=f'<{foreign.url}/api/v4/x?page=2>; rel="next"')
        ends(there, *VARIABLES)
        assert foreign.asked == []
    assert server.asked[-1] == "GET /api/v4/projects/280/variables?per_page=100&page=2"


def test_pages_without_end(there: Pyinfra, server: Server) -> None:
    """Each names another one, and each comes quickly: only all of them together take too long."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.endswith("/projects/280"):
            server.answer(handler, '{"id": 280}')
            return
        server.stopped.wait(0.05)
        link = f"<{server.url}/api/v4/projects/280/variables?page={len(server.asked)}>"
        server.answer(handler, "[]", Link=f'{link}; rel="next"')

    server.respond = respond
    output = ends(there, *VARIABLES)
    assert f"GET /projects/280/variables {NO_WHOLE_ANSWER}, only " in output
    assert "pages of a list" in output


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [('"same"', "page 2 of the list leads to one"), ("null", "leads to one that was read before")],
)
def test_a_cursor_that_leads_nowhere(
    there: Pyinfra, server: Server, cursor: str, reason: str
) -> None:
    info = f'{{"hasNextPage": true, "endCursor": {cursor}}}'
    lists(server, f'{{"data": {{"runners": {{"nodes": [], "pageInfo": {info}}}}}}}')
    output = ends(there, *RUNNERS)
    assert "POST /api/graphql -> page " in output
    assert reason in output
    assert len([line for line in server.asked if "graphql" in line]) <= 2


def test_pods_that_are_continued_for_ever(there: Pyinfra, server: Server) -> None:
    page = {"kind": "PodList", "metadata": {"continue": "again"}, "items": []}
    server.respond = lambda handler: server.answer(handler, json.dumps(page))
    output = ends(there, *PODS)
    assert "GET /api/v1/namespaces/gitlab/pods -> page 2 of the list leads to one" in output
    assert len(server.asked) == 2


@pytest.mark.parametrize("text", ["{}", "7", "null", '{"data": null}'])
def test_a_page_that_is_no_list(there: Pyinfra, server: Server, text: str) -> None:
    path = "/api/v4/projects/280/variables?page=2"
    lists(server, text, Link=f'<{server.url}{path}>; rel="next"')
    assert "page 1 of the list is no list" in ends(there, *VARIABLES)


POD = {
    "kind": "Pod",
    "metadata": {
        "name": "toolbox-1",
        "namespace": "gitlab",
        "labels": {"app": "toolbox"},
        "creationTimestamp": "2026-02-23T09:00:00Z",
    },
    "spec": {"containers": [{"name": "toolbox"}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}
COMMAND = """\
from pyinfra.operations import server
server.shell(name="Look", commands=["true"], _timeout=3)
"""


def test_an_exec_that_is_opened_a_byte_at_a_time(there: Pyinfra, server: Server) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        if "/exec?" in handler.path:
            server.drip(handler, b"H")
        else:
            server.answer(handler, json.dumps({"kind": "PodList", "metadata": {}, "items": [POD]}))

    server.respond = respond
    output = ends(there, "@pod/gitlab/app=toolbox", there.write(COMMAND), "-y")
    assert "Command timed out after 3s" in output
    assert len([line for line in server.asked if "/exec?" in line]) == 1


def test_output_without_end(lab: Lab, pyinfra: Pyinfra) -> None:
    command = ("exec", "--data", "kubernetes_via=", "--", "yes")
    output = ends(pyinfra, "@pod/gitlab/app=toolbox", *command)
    assert f"exec -> more than {LARGEST // 2**20} MiB of output" in output


def test_refused_answers_give_their_connections_back(lab: Lab, pyinfra: Pyinfra) -> None:
    """Six connections serve GitLab; more than six answers were refused here."""
    limited = {
        "system": "gitlab", "action": "status", "status": 429, "path": "/version$", "times": 4,
        "headers": {"Retry-After": "0"},
    }  # fmt: skip
    lab.ask("/faults", [limited, {**limited, "skip": 1}])
    code, output = pyinfra.run("@gitlab", "exec", "--", "GET", "/version")
    assert code == 0, output
    statuses = [request["status"] for request in lab.requests(system="gitlab")]
    assert statuses == [429] * 4 + [200] + [429] * 4 + [200]
