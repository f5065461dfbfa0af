"""deploys/sync_master.py: a remote that redirects, over HTTPS, to another host that git trusts."""

import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from remotes import REMOTES, url
from slow_server import Server, serving

from lab.server.tls import Authority


def who_is_there(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(401)
    handler.send_header("WWW-Authenticate", 'Basic realm="foreign"')
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@pytest.fixture
def foreign(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> Iterator[Server]:
    """Another host with a certificate; it wants to know who is there, and remembers who asks."""
    authority = Authority(tmp_path)
    trusted = tmp_path / "trusted.pem"
    known = Path(lab.environment["GIT_SSL_CAINFO"]).read_text()
    trusted.write_text(known + authority.file.read_text())
    pyinfra.environment["GIT_SSL_CAINFO"] = str(trusted)
    with serving() as server:
        server.respond = who_is_there
        context = authority.server_context("foreign", ["127.0.0.1"])
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        server.url = server.url.replace("http:", "https:")
        yield server


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("remote", REMOTES)
def test_a_redirect_is_not_followed_and_nobody_gets_the_token(
    lab: Lab, pyinfra: Pyinfra, foreign: Server, remote: str, status: int
) -> None:
    address = url(lab, remote)
    lab.fault(
        system=remote, path="/info/refs$", action="status", status=status, times=-1,
        headers={"Location": f"{foreign.url}/elsewhere.git/info/refs?service=git-upload-pack"},
    )  # fmt: skip
    code, output = pyinfra.deploy("sync_master", "-y")
    assert code == 1
    assert f"unable to access '{address}" in output
    assert f"The requested URL returned error: {status}" in output
    assert foreign.asked == []
    assert lab.environment[f"{remote.upper()}_TOKEN"] not in output
    assert "Traceback" not in output


def test_git_by_itself_would_follow_it(lab: Lab, foreign: Server, pyinfra: Pyinfra) -> None:
    """So the test above looks at something."""
    lab.fault(
        system="github", path="/info/refs$", action="status", status=302, times=-1,
        headers={"Location": f"{foreign.url}/elsewhere.git/info/refs?service=git-upload-pack"},
    )  # fmt: skip
    done = subprocess.run(
        ["git", "ls-remote", url(lab, "github")],
        env={**pyinfra.environment, "GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        timeout=LIMIT,
    )
    assert done.returncode != 0
    assert foreign.asked[0].startswith("GET /elsewhere.git/info/refs")
