"""deploys/revert_super_users.py: which log of a job proves it, and which refutes it."""

import json
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from pipeline_site import PROJECT, someone
from super_users_site import COLOURED_FAIL, FAIL, FAILED, PLAIN, SCRAM, log, refused, revert

pytestmark = pytest.mark.usefixtures("proof")


def test_without_a_finished_job_nothing_is_changed(lab: Lab, pyinfra: Pyinfra, proof: Path) -> None:
    jobs = lab.jobs(6936)
    refused(
        lab, pyinfra, proof,
        f"job {jobs['experiment:kafka']['id']} (experiment:kafka) is created",
        f"job {jobs['experiment:run-all']['id']} (experiment:run-all) is created",
    )  # fmt: skip


def test_a_pipeline_before_the_required_commit_proves_nothing(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    proven.fault(action="commit", remote="gitlab", branch="development")
    head = proven.heads("gitlab")["development"]
    pyinfra.environment["SASL_REQUIRED_COMMIT"] = head
    refused(proven, pyinfra, proof, f"pipeline 6936 is of a commit before {head[:8]}")


def test_only_the_newest_pipelines_are_looked_at_in_one_request(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    """The proof is in the log of an older one."""
    proven.fault(action="commit", remote="gitlab", branch="development")
    code, output = revert(pyinfra, "--data", "newest_pipelines=1")
    assert code == 1
    assert "there is no proof, so nothing is changed" in output
    asked = [r for r in proven.requests(system="gitlab") if r["path"].endswith("/280/pipelines")]
    assert {r["query"]["per_page"] for r in asked} == {"1"}
    assert "page" not in asked[0]["query"]
    assert not proof.exists()


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ([PLAIN], "line 1 has ':9092'"),
        ([FAIL], f"line 1 has '{FAILED}"),
        ([SCRAM, PLAIN], "line 2 has ':9092'"),
        ([SCRAM, COLOURED_FAIL], f"line 2 has '{FAILED}"),
        (["experiment:kafka is ready"], "no line matches"),
        ([SCRAM, FAIL], f"line 2 has '{FAILED}"),
        ([SCRAM, "1/1 brokers are down"], "line 2 has 'brokers are down'"),
        ([SCRAM, "Kafka produce error: Local: Message timed out"], "line 2 has 'Kafka produce err"),
        ([SCRAM.replace("9094", "9093")], "line 1 has ':9093'"),
        ([SCRAM.replace("dedup-lab)", "admin)")], "no line matches"),
    ],
    ids=[
        "plain",
        "failure",
        "mixed",
        "mixed with colours",
        "silent",
        "refused after it was ready",
        "brokers down",
        "produce error",
        "TLS without a login",
        "other user",
    ],
)
def test_a_log_that_does_not_prove_it_is_quoted(
    lab: Lab, pyinfra: Pyinfra, proof: Path, lines: list[str], seen: str
) -> None:
    log(lab, "experiment:kafka", *lines)
    job = lab.jobs(6936)["experiment:kafka"]["id"]
    refused(lab, pyinfra, proof, f"job {job} (experiment:kafka), log: {seen}")


@pytest.mark.parametrize("line", [FAIL, COLOURED_FAIL], ids=["plain text", "with colours"])
def test_a_newer_log_refutes_an_older_one(
    lab: Lab, pyinfra: Pyinfra, proof: Path, line: str
) -> None:
    log(lab, "experiment:kafka", SCRAM)
    log(lab, "experiment:run-all", line, status="failed")
    newer = lab.jobs(6936)["experiment:run-all"]["id"]
    refused(lab, pyinfra, proof, f"job {newer} (experiment:run-all), log: line 1 has '{FAILED}")


def test_a_newer_pipeline_refutes_an_older_one(lab: Lab, pyinfra: Pyinfra, proof: Path) -> None:
    log(lab, "experiment:kafka", SCRAM)
    program = {"src/cpp/main.cpp": "int main() {}\n"}
    lab.fault(action="commit", remote="gitlab", branch="development", files=program)
    log(lab, "experiment:kafka", PLAIN)
    newest = max(lab.pipelines())
    assert newest > 6936
    job = lab.jobs(newest)["experiment:kafka"]["id"]
    refused(lab, pyinfra, proof, f"job {job} (experiment:kafka), log: line 1 has ':9092'")


def test_an_older_pipeline_whose_job_ends_later_refutes_a_newer_one(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    program = {"src/cpp/main.cpp": "int main() {}\n"}
    lab.fault(action="commit", remote="gitlab", branch="development", files=program)
    log(lab, "experiment:kafka", SCRAM)
    older = lab.jobs(6936)["experiment:kafka"]["id"]
    log(lab, older, PLAIN)
    refused(lab, pyinfra, proof, f"job {older} (experiment:kafka), log: line 1 has ':9092'")


def test_the_log_of_a_job_that_was_canceled_while_it_ran_refutes_an_older_one(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    log(lab, "experiment:kafka", SCRAM)
    log(lab, "experiment:run-all", FAIL, status="canceled")
    newer = lab.jobs(6936)["experiment:run-all"]["id"]
    refused(lab, pyinfra, proof, f"job {newer} (experiment:run-all), log: line 1 has '{FAILED}")


def test_the_log_of_a_job_that_is_retried_refutes_an_older_one(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    log(lab, "experiment:run-all", SCRAM)
    log(lab, "experiment:kafka", FAIL, status="failed")
    failed = lab.jobs(6936)["experiment:kafka"]["id"]
    someone(lab, "POST", f"{PROJECT}/jobs/{failed}/retry")
    assert lab.jobs(6936)["experiment:kafka"]["id"] > failed
    sent = len(lab.mutations())
    code, output = revert(pyinfra)
    assert code == 1
    assert f"job {failed} (experiment:kafka), log: line 1 has '{FAILED}" in output
    assert len(lab.mutations()) == sent
    assert not proof.exists()


@pytest.mark.parametrize("status", ["success", "failed", "canceled"])
def test_a_newer_log_that_says_nothing_leaves_the_older_proof(
    lab: Lab, pyinfra: Pyinfra, proof: Path, status: str
) -> None:
    log(lab, "experiment:kafka", SCRAM)
    log(lab, "experiment:run-all", "all systems: done", status=status)
    code, output = revert(pyinfra)
    assert code == 0, output
    assert json.loads(proof.read_text())["job"] == lab.jobs(6936)["experiment:kafka"]["id"]


def test_where_clients_do_not_log_in_nobodys_rights_are_taken(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    """The site went back to the plain port: its clients are the anonymous ones."""
    for arguments in (("--dry",), ("-y",)):
        data = ("--data", "kafka_port=9092")
        code, output = pyinfra.deploy("revert_super_users", *arguments, *data)
        assert code == 1
        assert "there is no proof, so nothing is changed" in output
        assert "clients do not log in at port 9092: the anonymous ones are they" in output
        assert "Traceback" not in output
    assert proven.mutations() == []
    assert not proof.exists()


def test_the_other_ports_follow_from_the_one_of_the_clients(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    log(lab, "experiment:kafka", SCRAM)
    data = ("--data", "kafka_port=9095", "--data", "kafka_login_ports=9095")
    code, output = revert(pyinfra, *data)
    assert code == 1
    assert "line 1 has ':9094'" in output
    assert lab.mutations() == []
    assert not proof.exists()
