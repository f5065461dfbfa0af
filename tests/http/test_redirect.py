"""No redirect is followed: the token stays with its host, and no write counts as done."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lab_process import Lab, Pyinfra

DIRECTLY = ("--data", "kubernetes_via=")
RUNNER = "@gitlab/runners/17"
CRON_JOB = "@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"
TOOLBOX = "@pod/gitlab/app=toolbox"
CRON_JOB_PATH = "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer"
PATCH = ("PATCH", CRON_JOB_PATH, '{"spec":{"suspend":true}}')
STATUSES = (301, 302, 303, 307, 308)


class Foreign:
    """Another host: it answers everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked.append(f"{self.command} {self.path}\n{self.headers}")
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/elsewhere"
        self.location = f"http://user:SECRET@127.0.0.1:{self.server.server_port}/elsewhere?t=SECRET"


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    foreign = Foreign()
    thread = threading.Thread(target=foreign.server.serve_forever)
    thread.start()
    yield foreign
    foreign.server.shutdown()
    thread.join()
    foreign.server.server_close()


def redirect(lab: Lab, system: str, method: str, status: int, foreign: Foreign, path: str) -> None:
    lab.fault(
        system=system, method=method, path=path, action="status", status=status, times=-1,
        headers={"Location": foreign.location},
    )  # fmt: skip


def refuses(output: str, foreign: Foreign, status: int) -> bool:
    assert foreign.asked == []
    assert "SECRET" not in output
    assert "Traceback" not in output
    text = rf"-> {status}: https://(localhost|127.0.0.1):\d+/\S+ redirects to {foreign.address}\. "
    return re.search(text, output) is not None


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_gitlab(lab: Lab, pyinfra: Pyinfra, foreign: Foreign, method: str, status: int) -> None:
    redirect(lab, "gitlab", method, status, foreign, "/runners/17$")
    code, output = pyinfra.run(RUNNER, "exec", "--", method, "/runners/17")
    assert code == 1
    assert refuses(output, foreign, status), output
    assert 17 in lab.runners()
    # A read is not repeated: it would be answered alike. Whether a write was done is looked up.
    sent = [r["method"] for r in lab.requests(system="gitlab") if r["path"].endswith("/17")]
    assert sent.count(method) == 1


@pytest.mark.parametrize("status", STATUSES)
def test_kubernetes(lab: Lab, pyinfra: Pyinfra, foreign: Foreign, status: int) -> None:
    redirect(lab, "kubernetes", "PATCH", status, foreign, CRON_JOB_PATH)
    code, output = pyinfra.run(CRON_JOB, "exec", *DIRECTLY, "--", *PATCH)
    assert code == 1
    assert refuses(output, foreign, status), output
    assert lab.enforcer() == ("* * * * *", False)


@pytest.mark.parametrize("status", STATUSES)
def test_exec_in_a_pod(lab: Lab, pyinfra: Pyinfra, foreign: Foreign, status: int) -> None:
    redirect(lab, "kubernetes", "GET", status, foreign, "/exec$")
    code, output = pyinfra.run(TOOLBOX, "exec", *DIRECTLY, "--", "true")
    assert code == 1
    assert refuses(output, foreign, status), output


def test_the_first_read_of_a_job(lab: Lab, pyinfra: Pyinfra, foreign: Foreign) -> None:
    redirect(lab, "gitlab", "POST", 302, foreign, "/api/graphql$")
    code, output = pyinfra.deploy("fix_tags", "--dry")
    assert code == 1
    assert refuses(output, foreign, 302), output
    assert lab.mutations() == []
