"""The practice site as a process, for tests: started once, put back before each test."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from forked import ForkServer, Process
from limits import LIMIT

ROOT = Path(__file__).parent.parent.parent
SCRIPT = Path(sys.executable).with_name("pyinfra")


class Lab:
    """A running lab: its environment, its request log, its state, and faults on demand."""

    def __init__(self, directory: Path, site: str = "dedup") -> None:
        file = directory / "environment.json"
        # A test may run inside of a lab; the variables of that one must not reach this one.
        clean = {name: value for name, value in os.environ.items() if name != "LAB_URL"}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "lab", "serve", "--site", site),
                *("--environment-file", str(file), "--parent-pid", str(os.getpid())),
            ],
            cwd=ROOT,
            env=clean,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + LIMIT
        while not file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the lab did not start")
            time.sleep(0.02)
        self.environment: dict[str, str] = json.loads(file.read_text())
        self.url = self.environment["LAB_URL"]

    def ask(self, path: str, document: Any = None, method: str | None = None) -> Any:
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from None

    def requests(self, **filters: Any) -> list[dict[str, Any]]:
        return self.ask(f"/requests?{urlencode(filters)}")

    def mutations(self) -> list[str]:
        return [f"{r['method']} {r['path']}" for r in self.requests(mutating="true")]

    def state(self) -> dict[str, Any]:
        return self.ask("/state")

    def fault(self, **fault: Any) -> None:
        self.ask("/faults", fault)

    def reset(self) -> None:
        self.ask("/reset", {})

    def runners(self) -> dict[int, dict[str, Any]]:
        return {int(key): value for key, value in self.state()["gitlab"]["runners"].items()}

    def tags(self) -> dict[int, set[str]]:
        return {number: set(runner["tag_list"]) for number, runner in self.runners().items()}

    def object(self, kind: str, name: str) -> dict[str, Any]:
        for entry in self.state()["kubernetes"]["objects"]:
            if entry["kind"] == kind and entry["name"] == name:
                return entry["object"]
        raise AssertionError(f"no {kind} {name}")

    def project(self) -> dict[str, Any]:
        return self.state()["project"]

    def heads(self, remote: str) -> dict[str, str]:
        """The SHA of each branch of a remote, `gitlab` or `github`."""
        return self.project()["branches"][remote]

    def pipelines(self) -> dict[int, dict[str, Any]]:
        return {pipeline["id"]: pipeline for pipeline in self.project()["pipelines"]}

    def jobs(self, pipeline: int) -> dict[str, dict[str, Any]]:
        """The jobs of a pipeline by name, the newest where one was retried."""
        return {job["name"]: job for job in self.pipelines()[pipeline]["jobs"]}

    def wait(self, condition: Callable[[], Any], seconds: float = LIMIT) -> Any:
        """Return what the condition gives as soon as that is true."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"not in {seconds} s"
            time.sleep(0.05)
        return value

    def enforcer(self) -> tuple[str, bool]:
        spec = self.object("CronJob", "runner-tag-enforcer")["spec"]
        return spec["schedule"], bool(spec.get("suspend"))

    def rake(self, word: str) -> list[dict[str, Any]]:
        """The calls of gitlab-rake whose task has the word in it and that came to their end."""
        return [
            call
            for call in self.state()["rake"]
            if word in call["task"] and call["state"] == "finished" and call["result"] == "done"
        ]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(LIMIT)


def without_a_site() -> dict[str, str]:
    """The environment of the tests without what points at another site."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("GITLAB_", "KUBE"))}


class Pyinfra:
    """The command line of pyinfra, in a process of its own, from a directory of its own.

    A run is a fork of a process that has the packages which pyinfra imports, for a tenth of the CPU
    time of a start (fork_server.py). `start_anew` starts the script, as an operator does: for what
    looks at the process from outside, and for what happens before there is a configuration.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        directory: Path,
        server: ForkServer | None = None,
    ) -> None:
        # Tests count requests, and start runs at once: those about the lock name one.
        own = {
            "HOME": str(directory),
            "RECORD_DIRECTORY": str(directory / "records"),
            "LOCK_NAME": "",
            "LOCK_DIRECTORY": str(directory),
        }
        self.environment = {**without_a_site(), **environment, **own}
        self.directory = directory
        self.server = server
        self.started: list[Process] = []

    def start(self, *arguments: str, **environment: str) -> Process:
        values = {**self.environment, **environment}
        if self.server is not None and self.server.fits(values):
            self.started.append(self.server.start(arguments, values))
            return self.started[-1]
        return self.start_anew(*arguments, **environment)

    def stop(self) -> None:
        """Kill what still runs, which a test that has failed leaves behind."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait(LIMIT)

    def start_anew(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [str(SCRIPT), *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, seconds: float = LIMIT, **environment: str) -> tuple[int, str]:
        """Run to the end; return the exit code and everything that was printed."""
        process = self.start(*arguments, **environment)
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            printed = (error.output or b"").decode(errors="replace")
            raise AssertionError(f"not finished in {seconds} s:\n{printed}") from None
        return process.returncode, output

    def streams(self, *arguments: str) -> tuple[int, str, str]:
        """Run to the end in a process of its own; return the exit code, stdout and stderr."""
        done = subprocess.run(
            [str(SCRIPT), *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        return done.returncode, done.stdout, done.stderr

    def write(self, text: str) -> str:
        """Write a deploy file and return its path."""
        file = self.directory / "deploy.py"
        file.write_text(text)
        return str(file)

    def deploy(self, name: str, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run a deploy of this repository on its inventory, with snapshots in the own directory."""
        snapshots = f"snapshot_directory={self.directory / 'snapshots'}"
        return self.run(
            "inventory.py", f"deploys/{name}.py", "--data", snapshots, *arguments, **environment
        )
