"""What the tests of the job `pipelines` share."""

from lab_process import Lab, Pyinfra
from pipeline_site import (
    ACTIVE,
    DEFUNCT,
    LIVE,
    PROJECT,
    WITH_SUCCESSFUL_JOBS,
    now,
    sent,
    someone,
    statuses,
)  # fmt: skip

ALL = {WITH_SUCCESSFUL_JOBS, ACTIVE, *DEFUNCT, LIVE}
PUSHED, COMPLETE = LIVE + 1, LIVE + 2
PROGRAM = {"src/cpp/more.cpp": "int more();\n"}
CANCEL = f"POST {PROJECT}/pipelines/{ACTIVE}/cancel"
TRIGGER = f"POST {PROJECT}/pipeline"
DELETE_GHOSTS = ("--data", "delete_defunct_pipelines=true")


def active(lab: Lab) -> set[int]:
    going_on = {"created", "pending", "running", "canceling"}
    return {number for number in lab.pipelines() if going_on & set(statuses(lab, number).values())}


def converges(lab: Lab, pyinfra: Pyinfra, complete: int) -> str:
    """Run, and run once more: one complete active pipeline of the head, and nothing more to do."""
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    found = lab.pipelines()
    assert max(found) == complete
    assert found[complete]["sha"] == lab.heads("gitlab")["development"]
    assert len(lab.jobs(complete)) == {"push": 19, "api": 21}[found[complete]["source"]]
    assert active(lab) == {complete}
    before = now(lab)
    code, last = pyinfra.deploy("pipelines", "-y")
    assert code == 0, last
    assert sent(lab, before) == []
    return output


def push(lab: Lab, path: str) -> None:
    """Commit to GitLab as a colleague does; the pipeline comes later."""
    action = {"action": "create", "file_path": path, "content": "more"}
    body = {"branch": "development", "commit_message": "Add a file", "actions": [action]}
    someone(lab, "POST", f"{PROJECT}/repository/commits", body)
    assert PUSHED not in lab.pipelines()
