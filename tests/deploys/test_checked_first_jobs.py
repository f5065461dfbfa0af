"""With `-y` a job that cannot do all of it is refused before it does a part: a case for each kind.

The jobs with several hosts or steps are in test_checked_first.py, and what the API alone can know
(a protected branch, a hook) is in the tests of each job's faults.
"""

import pytest
from lab_process import Lab, Pyinfra

READ = {"system": "gitlab", "method": "GET", "action": "status", "status": 403, "times": -1}


def refused(lab: Lab, pyinfra: Pyinfra, job: str, *data: str, **environment: str) -> str:
    """Run a job with `-y`; return what it said. Nothing was sent that changes anything."""
    options = [part for text in data for part in ("--data", text)]
    code, output = pyinfra.deploy(job, "-y", *options, **environment)
    assert code == 1, output
    assert f"Refused: nothing of {job} was executed" in output
    assert "Traceback" not in output
    assert lab.mutations() == []
    return output


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("short", "DEDUP_MINIO_PASSWORD cannot be masked: it is shorter than 8 characters"),
        ("two lines\nof a text", "DEDUP_MINIO_PASSWORD cannot be masked"),
        ("", "DEDUP_MINIO_PASSWORD: environment:DEDUP_MINIO_PASSWORD gives no value"),
    ],
)
def test_a_value_that_the_last_variable_cannot_have(
    lab: Lab, pyinfra: Pyinfra, value: str, reason: str
) -> None:
    output = refused(lab, pyinfra, "ci_variables", DEDUP_MINIO_PASSWORD=value)
    assert reason in output
    assert "two lines" not in output


def test_a_file_variable_that_is_none_of_them(lab: Lab, pyinfra: Pyinfra) -> None:
    output = refused(lab, pyinfra, "ci_variables", "ci_variables_files=NOPE")
    assert "ci_variables_files names NOPE, which is not in ci_variables" in output


@pytest.mark.parametrize(
    ("job", "data", "reason"),
    [
        ("pipelines", "ci_branch=nope", "/repository/branches/nope -> 404"),
        ("widen_changes_filter", "ci_branch=nope", "/repository/tree -> 404"),
        ("widen_changes_filter", "changes_filter_job=nope", "it has no job nope"),
        ("widen_changes_filter", "ci_file=nope.yml", "nope.yml"),
        ("sync_master", "git_remotes=nope,gitlab", "'nope' does not appear to be a git repository"),
    ],
)
def test_what_is_not_there(lab: Lab, pyinfra: Pyinfra, job: str, data: str, reason: str) -> None:
    assert reason in refused(lab, pyinfra, job, data)


@pytest.mark.parametrize(
    ("job", "path"),
    [
        ("ci_variables", "/projects/280/variables"),
        ("pipelines", "/projects/280/pipelines"),
        ("widen_changes_filter", "/repository/files/"),
        ("widen_changes_filter", "/ci/lint"),
    ],
)
def test_what_the_token_may_not_read(lab: Lab, pyinfra: Pyinfra, job: str, path: str) -> None:
    lab.fault(
        **{**READ, "path": path, "method": None} if "lint" in path else {**READ, "path": path}
    )
    assert "-> 403" in refused(lab, pyinfra, job)


def test_one_that_was_listed_in_vain_is_named(lab: Lab, pyinfra: Pyinfra) -> None:
    data = "obsolete_pipelines=999999,6931"
    code, output = pyinfra.deploy("pipelines", "--dry", "--data", data)
    assert code == 0, output
    assert "pipeline 999999 was listed and is not there, or not among the newest" in output
    assert "pipeline 6931 was listed and is not obsolete: nothing is done to it" in output
    data = "defunct_pipelines=999999,6936"
    allowed = ("--data", "delete_defunct_pipelines=true")
    code, output = pyinfra.deploy("pipelines", "--dry", "--data", data, *allowed)
    assert code == 0, output
    assert "pipeline 999999 was listed and is not there, or not among the newest" in output
    assert "pipeline 6936 was listed and is not defunct: nothing is done to it" in output
    assert lab.mutations() == []
