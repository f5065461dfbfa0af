"""deploys/pipelines.py: what has results stays, and defunct ones go with approval."""

import re

import pytest
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
from pipelines_site import (
    ALL,
    COMPLETE,
    DELETE_GHOSTS,
    PUSHED,
    TRIGGER,
    active,
)


@pytest.fixture
def costly(lab: Lab) -> Lab:
    """The active pipeline has a result of the experiment, and a push has made it obsolete."""
    lab.fault(action="finish_job", job="experiment:mariadb", status="success")
    lab.fault(action="commit", remote="gitlab", branch="development")
    return lab


def test_an_obsolete_one_with_results_stays_unless_it_is_listed(
    costly: Lab, pyinfra: Pyinfra
) -> None:
    before = now(costly)
    code, output = pyinfra.deploy("pipelines", "--dry")
    assert code == 0, output
    assert sent(costly, before) == []
    assert f"pipeline {LIVE} is obsolete (of commit" in output
    assert "and stays: experiment:mariadb was successful" in output
    assert f"To cancel {LIVE} all the same: --data obsolete_pipelines={LIVE}" in output
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    assert active(costly) == {LIVE, COMPLETE}
    code, output = pyinfra.deploy("pipelines", "-y", "--data", f"obsolete_pipelines={LIVE},1")
    assert code == 0, output
    assert active(costly) == {COMPLETE}
    assert sent(costly).count(TRIGGER) == 1


def test_a_result_whose_job_was_retried_keeps_it_too(costly: Lab, pyinfra: Pyinfra) -> None:
    done = costly.jobs(LIVE)["experiment:mariadb"]["id"]
    someone(costly, "POST", f"{PROJECT}/jobs/{done}/retry")
    assert statuses(costly)["experiment:mariadb"] == "pending"
    code, output = pyinfra.deploy("pipelines", "-y")
    assert code == 0, output
    assert LIVE in active(costly)
    assert "and stays: experiment:mariadb was successful and then retried" in output


def test_only_the_newest_ones_are_looked_at_in_one_request(lab: Lab, pyinfra: Pyinfra) -> None:
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "-y", "--data", "newest_pipelines=3")
    assert code == 0, output
    assert sent(lab) == []
    assert ACTIVE in active(lab)
    asked = [r for r in lab.requests(since=before) if r["path"].endswith("/280/pipelines")]
    assert len(asked) == 4  # One when the operations are prepared, one for each when executed.
    for request in asked:
        assert (request["query"]["ref"], request["query"]["per_page"]) == ("development", "3")
    assert not [r for r in lab.requests() if re.search("/pipelines/693[123]", r["path"])]
    assert "pipeline 6933" not in output


def test_one_that_somebody_deletes_meanwhile_is_nothing_to_do(lab: Lab, pyinfra: Pyinfra) -> None:
    gone = f"/pipelines/{ACTIVE}(/cancel)?$"
    lab.fault(system="gitlab", method="POST", path=gone, action="status", status=404)
    lab.fault(system="gitlab", method="GET", path=gone, action="status", status=404)
    lab.fault(system="gitlab", method="DELETE", path="6934$", action="status", status=404)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert f"pipeline {ACTIVE} is gone: somebody has deleted it" in output
    assert set(lab.pipelines()) == ALL - {6933, 6935}


def test_defunct_ones_are_deleted_only_with_approval(lab: Lab, pyinfra: Pyinfra) -> None:
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "--dry", *DELETE_GHOSTS)
    assert code == 0, output
    assert sent(lab, before) == []
    assert "pipeline 6935: exists -> deleted: a part of pipeline 6936" in output
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert set(lab.pipelines()) == ALL - DEFUNCT
    before = now(lab)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert sent(lab, before) == []
    assert "is defunct" not in output.replace(f"{WITH_SUCCESSFUL_JOBS} is defunct", "")


def test_one_that_was_canceled_in_this_run_is_deleted_as_the_preview_says(
    pushed: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("pipelines", "--dry", *DELETE_GHOSTS)
    assert code == 0, output
    text = f"pipeline {PUSHED} is defunct once it is canceled, and then deleted, too: "
    assert text in output
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert set(pushed.pipelines()) == {WITH_SUCCESSFUL_JOBS, ACTIVE, LIVE, COMPLETE}


def test_one_with_a_successful_job_is_deleted_only_if_it_is_listed(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    listed = ("--data", f"defunct_pipelines={WITH_SUCCESSFUL_JOBS}")
    pyinfra.deploy("pipelines", "-y", *listed)
    assert set(lab.pipelines()) == ALL
    code, output = pyinfra.deploy("pipelines", "-y", *listed, *DELETE_GHOSTS)
    assert code == 0, output
    assert set(lab.pipelines()) == {ACTIVE, LIVE}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("defunct_pipelines=6931;6935", "defunct_pipelines is a list of ids, not '6931;6935'"),
        ("obsolete_pipelines=all", "obsolete_pipelines is a list of ids, not 'all'"),
        ("delete_defunct_pipelines=1", "delete_defunct_pipelines is true or false, not '1'"),
    ],
)
def test_an_approval_that_is_not_clear_is_none(
    lab: Lab, pyinfra: Pyinfra, data: str, message: str
) -> None:
    code, output = pyinfra.deploy("pipelines", "-y", "--data", data)
    assert code == 1
    assert message in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_the_answer_to_a_deletion_is_lost(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", method="DELETE", action="apply_then_reset", times=-1)
    code, output = pyinfra.deploy("pipelines", "-y", *DELETE_GHOSTS)
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert set(lab.pipelines()) == ALL - DEFUNCT
