"""What the tests of pipelines share: the site with tags that last, and what others do in GitLab."""

from typing import Any
from urllib.parse import quote

import requests
import yaml
from lab_process import Lab
from moments import TAGS

LIVE, ACTIVE = 6936, 6932
DEFUNCT = {6933, 6934, 6935}
WITH_SUCCESSFUL_JOBS = 6931
PROJECT = "/projects/280"
CI_FILE = ".gitlab-ci.yml"
# The jobs that wait for runners with tags.
WAITING = {"build-debian-x86", "build-ubuntu-x86", "build-macos-arm", "experiment:build"}


def set_all_tags(lab: Lab, **settings: Any) -> None:
    """Let all runners have their tags for the time of a test."""
    lab.fault(action="set", loss_delay=3600, **settings)
    for number, tags in TAGS.items():
        lab.fault(action="set_tags", runner=number, tags=sorted(tags))


def statuses(lab: Lab, pipeline: int = LIVE) -> dict[str, str]:
    return {name: job["status"] for name, job in lab.jobs(pipeline).items()}


def pending(lab: Lab, pipeline: int = LIVE) -> set[str]:
    return {name for name, status in statuses(lab, pipeline).items() if status == "pending"}


def someone(lab: Lab, method: str, path: str, body: Any = None) -> Any:
    """Send a request to GitLab's API, as a colleague would."""
    answer = _send(lab, method, path, body)
    return answer.json() if answer.content else None


def text_of(lab: Lab, path: str) -> str:
    """Read a file of the branch `development` from GitLab's API."""
    file = quote(path, safe="")
    return _send(lab, "GET", f"{PROJECT}/repository/files/{file}/raw?ref=development").text


class _Loader(yaml.SafeLoader):
    """YAML in which references stay what they are."""


_Loader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))


def jobs_of(lab: Lab) -> Any:
    """Read the CI configuration of the branch `development`."""
    return yaml.load(text_of(lab, CI_FILE), _Loader)


def _send(lab: Lab, method: str, path: str, body: Any = None) -> requests.Response:
    environment = lab.environment
    answer = requests.request(
        method,
        f"{environment['GITLAB_URL']}/api/v4{path}",
        json=body,
        headers={"PRIVATE-TOKEN": environment["GITLAB_TOKEN"]},
        verify=environment["GITLAB_CA_FILE"],
        timeout=30,
    )
    answer.raise_for_status()
    return answer


def cancel(lab: Lab, *pipelines: int) -> None:
    """Cancel pipelines as a colleague would, and wait until that is done."""
    for pipeline in pipelines:
        someone(lab, "POST", f"{PROJECT}/pipelines/{pipeline}/cancel")
    lab.wait(lambda: {lab.pipelines()[p]["status"] for p in pipelines} == {"canceled"})


def sent(lab: Lab, since: int = 0) -> list[str]:
    """What was sent to change something after the request with a number, in its order."""
    found = lab.requests(mutating="true", since=since)
    return [f"{r['method']} {r['path'].removeprefix('/api/v4')}" for r in found]


def now(lab: Lab) -> int:
    """The number of the request that came last."""
    return max((r["number"] for r in lab.requests()), default=0)


def bodies(lab: Lab, method: str, path: str) -> list[Any]:
    """The bodies of the requests to a path of GitLab's API, in their order."""
    wanted = (method, f"/api/v4{path}")
    found = lab.requests(system="gitlab")
    return [r["body"] for r in found if (r["method"], r["path"]) == wanted]


def row(output: str, job: str) -> str:
    """The last line of a table about a job, with single spaces."""
    lines = [" ".join(line.split()) for line in output.splitlines()]
    return [line for line in lines if line.startswith(f"{job} {{")][-1]
