"""What the tests of sync_master share."""

from lab_process import Lab
from remotes import clone, run_git

BEHIND = [
    "Require SASL for Kafka",
    "Wait longer for Redis",
    "Take the password of Kafka from the environment",
    "Measure Kafka",
    "Run the experiments in CI, one database after the other",
]
RECEIVE = "/git-receive-pack$"


def git(lab: Lab, *arguments: str) -> str:
    return run_git(clone(lab), *arguments).strip()


def pushes(lab: Lab) -> list[tuple[str, str]]:
    """The remote and the branch of each push that was sent, as the request log has them."""
    return [
        (request["system"], update["ref"].removeprefix("refs/heads/"))
        for request in lab.requests(mutating="true")
        for update in (request["body"] or {}).get("updates", [])
    ]


def diverge(lab: Lab, remote: str) -> None:
    lab.fault(action="diverge", remote=remote, branch="master")
