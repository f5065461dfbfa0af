"""deploys/sync_master.py: a remote that redirects, over HTTPS, to another host that git trusts."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from remotes import REMOTES, url

from lab.server.tls import Authority


class Foreign:
    """Another host with a certificate; it wants to know who is there, and remembers who asks."""

    def __init__(self, authority: Authority) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked.append(f"{self.command} {self.path}\n{self.headers}")
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="foreign"')
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = authority.server_context("foreign", ["127.0.0.1"])
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def foreign(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> Iterator[Foreign]:
    authority = Authority(tmp_path)
    foreign = Foreign(authority)
    trusted = tmp_path / "trusted.pem"
    known = Path(lab.environment["GIT_SSL_CAINFO"]).read_text()
    trusted.write_text(known + authority.file.read_text())
    pyinfra.environment["GIT_SSL_CAINFO"] = str(trusted)
    thread = threading.Thread(target=foreign.server.serve_forever)
    thread.start()
    yield foreign
    foreign.server.shutdown()
    thread.join()
    foreign.server.server_close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("remote", REMOTES)
def test_a_redirect_is_not_followed_and_nobody_gets_the_token(
    lab: Lab, pyinfra: Pyinfra, foreign: Foreign, remote: str, status: int
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


def test_git_by_itself_would_follow_it(lab: Lab, foreign: Foreign, pyinfra: Pyinfra) -> None:
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
