"""deploys/revert_super_users.py: a client that is ready is no proof; messages that arrived are."""

import json
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from pipeline_site import text_of
from super_users_site import FAIL, FAILED, SCRAM, WAITED, log, refused, revert

pytestmark = pytest.mark.usefixtures("proof")
CONFIGURATION = "src/cpp/config.example.json"
TOPICS = "dedup-lab-events, dedup-lab-metrics"


def test_other_lines_may_wait_for_the_plain_port(lab: Lab, pyinfra: Pyinfra, proof: Path) -> None:
    log(lab, "experiment:kafka", *WAITED, SCRAM, "dedup-lab-metrics: 1000 messages delivered")
    code, output = revert(pyinfra)
    assert code == 0, output
    kept = json.loads(proof.read_text())
    assert (kept["line"], kept["source"]) == (3, "log")
    assert kept["arrived"] == {"dedup-lab-events": 1000, "dedup-lab-metrics": 1000}
    assert "; messages that arrived: dedup-lab-events: 1000, dedup-lab-metrics: 1000" in output


def test_a_client_that_is_ready_and_brings_nothing_is_no_proof(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    """Its line "ready" comes before the login."""
    log(lab, "experiment:run-all", SCRAM, delivered=0)
    job = lab.jobs(6936)["experiment:run-all"]["id"]
    text = f"job {job} (experiment:run-all), log: no message arrived in {TOPICS} from 20"
    refused(lab, pyinfra, proof, text)


def test_what_arrived_before_and_after_the_job_does_not_count(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    log(lab, "experiment:kafka", SCRAM)
    log(lab, "experiment:run-all", SCRAM, delivered=0)
    later = lab.jobs(6936)["experiment:cleanup"]["id"]
    log(lab, later, "done", delivered=500)
    text = f"(experiment:run-all), log: no message arrived in {TOPICS} from"
    refused(lab, pyinfra, proof, text)


def test_a_topic_that_does_not_exist_is_an_error(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    code, output = revert(pyinfra, "--data", "evidence_topics=dedup-lab-metrics,other")
    assert code == 1
    assert "it has no topic other" in output
    assert proven.mutations() == []
    assert not proof.exists()


def test_offsets_that_cannot_be_read_are_no_proof(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    proven.fault(action="deny", verb="get", resource="pods/exec")
    code, output = revert(pyinfra)
    assert code == 1
    assert "its state could not be read (fact Offsets): nothing is changed" in output
    assert proven.mutations() == []
    assert not proof.exists()


def test_an_empty_log_is_read_from_the_artifact(lab: Lab, pyinfra: Pyinfra, proof: Path) -> None:
    path = "results/kafka/debug.log"
    files = {path: f"one\n{SCRAM}\n"}
    lab.fault(action="set_trace", job="experiment:kafka", text="", artifacts=files, delivered=10)
    lab.fault(action="finish_job", job="experiment:kafka")
    code, output = revert(pyinfra)
    assert code == 0, output
    kept = json.loads(proof.read_text())
    assert (kept["line"], kept["source"]) == (2, f"empty log, so artifact {path}")
    job = lab.jobs(6936)["experiment:kafka"]["id"]
    asked = [r["path"] for r in lab.requests(system="gitlab")]
    assert f"/api/v4/projects/280/jobs/{job}/artifacts/{path}" in asked


@pytest.mark.parametrize("files", [{}, {"results/kafka/debug.log": FAIL}], ids=["none", "failure"])
def test_an_empty_log_is_no_evidence(
    lab: Lab, pyinfra: Pyinfra, proof: Path, files: dict[str, str]
) -> None:
    lab.fault(action="set_trace", job="experiment:kafka", text="", artifacts=files, delivered=10)
    lab.fault(action="finish_job", job="experiment:kafka")
    what = (
        f"so artifact results/kafka/debug.log: line 1 has '{FAILED}" if files else "and no artifact"
    )
    refused(lab, pyinfra, proof, f"(experiment:kafka), empty log, {what}" if files else what)


def test_a_log_that_cannot_be_read_is_no_proof(proven: Lab, pyinfra: Pyinfra, proof: Path) -> None:
    proven.fault(
        system="gitlab", method="GET", path="/trace$", action="status", status=403, times=-1
    )
    code, output = revert(pyinfra)
    assert code == 1
    assert "its state could not be read (fact JobTrace): nothing is changed" in output
    assert proven.mutations() == []
    assert not proof.exists()


def test_where_no_proof_is_required_a_run_without_one_goes_on_and_changes_nothing(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    code, output = revert(pyinfra, "--data", "evidence_required=false")
    assert code == 0, output
    assert "there is no proof, so nothing is changed" in output
    assert lab.mutations() == []
    assert not proof.exists()


def commit(lab: Lab, path: str, old: str, new: str) -> None:
    """Change a file of the project, as somebody else would."""
    text = text_of(lab, path)
    assert old in text
    files = {path: text.replace(old, new)}
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)


def test_the_topics_are_those_of_the_jobs_configuration(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    names = '"dedup-lab-metrics", "dedup-lab-events"'
    commit(lab, CONFIGURATION, names, '"dedup-lab-metrics"')
    log(lab, "experiment:kafka", SCRAM)
    code, output = revert(pyinfra)
    assert code == 0, output
    assert json.loads(proof.read_text())["arrived"] == {"dedup-lab-metrics": 1000}


def test_a_configuration_that_names_no_topics_is_refused(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    commit(proven, CONFIGURATION, '"topics"', '"subjects"')
    code, output = revert(pyinfra)
    assert code == 1
    text = f"{CONFIGURATION} of development names no topics at $.metrics_trace.topics[*]"
    assert text in output
    assert "Traceback" not in output
    assert proven.mutations() == []
    assert not proof.exists()


CONSUMED = ("--data", r"evidence_consumer=consumed (\d+) messages")


def test_a_consumers_line_is_kept_with_the_proof(lab: Lab, pyinfra: Pyinfra, proof: Path) -> None:
    log(lab, "experiment:kafka", SCRAM, "consumed 0 messages", "consumed 250 messages")
    code, output = revert(pyinfra, *CONSUMED)
    assert code == 0, output
    assert json.loads(proof.read_text())["consumed"] == "consumed 250 messages"
    assert "; a consumer: consumed 250 messages" in output


def test_a_consumer_that_has_got_nothing_refutes_it(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    log(lab, "experiment:kafka", SCRAM, "consumed 0 messages")
    code, output = revert(pyinfra, *CONSUMED)
    assert code == 1
    assert "line 2, of a consumer that has got nothing: consumed 0 messages" in output
    assert lab.mutations() == []
    assert not proof.exists()


def test_a_log_without_a_consumer_needs_none(lab: Lab, pyinfra: Pyinfra) -> None:
    log(lab, "experiment:kafka", SCRAM)
    code, output = revert(pyinfra, *CONSUMED)
    assert code == 0, output
