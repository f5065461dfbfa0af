"""deploys/revert_super_users.py: nothing without a proof, one field with one, and the rollback."""

import json
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from pipeline_site import PROJECT, someone

KAFKA = ("kafkas", "kafka", "kafka-cluster")
PATH = "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkas/kafka-cluster"
FIELD = "/spec/kafka/authorization/superUsers"
IGNORED = "/spec/kafka/config/super.users"
BROKER = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local"
SCRAM = f"Kafka producer ready ({BROKER}:9094, user=dedup-lab)"
PLAIN = f"Kafka producer ready ({BROKER}:9092)"
THREAD = f"rdkafka#producer-1| [thrd:sasl_plaintext://{BROKER}:9094/bootstrap]: "
FAIL = f"%3|1795776263.604|FAIL|{THREAD}SASL authentication error: invalid credentials"
COLOURED_FAIL = FAIL.replace("FAIL", "\x1b[31;1mFAIL\x1b[0;m")
FAILED = "|FAIL|rdkafka"
WAITED = [f"Waiting for {BROKER}:9092", f"{BROKER}:9092 ready after 2s"]
ANONYMOUS, OTHER = "User:ANONYMOUS", "User:CN=backup"
REFUSED = "anonymous clients are refused (ClusterAuthorizationException)"


@pytest.fixture(autouse=True)
def proof(pyinfra: Pyinfra) -> Path:
    """The file of the proof, in a directory of this test's own."""
    pyinfra.environment["EVIDENCE_DIRECTORY"] = str(pyinfra.directory / "evidence")
    return pyinfra.directory / "evidence" / "super_users.json"


@pytest.fixture
def proven(lab: Lab) -> Lab:
    """The site after a job of the required commit has logged in with SCRAM."""
    lab.fault(action="set", kafka_roll_seconds=0.5)
    lab.fault(action="finish_job", job="experiment:kafka")
    return lab


def log(
    lab: Lab, job: str | int, *lines: str, status: str = "success", delivered: int = 1000
) -> None:
    text = "".join(f"{line}\n" for line in lines)
    lab.fault(action="set_trace", job=job, text=text, delivered=delivered)
    lab.fault(action="finish_job", job=job, status=status)


def revert(pyinfra: Pyinfra, *arguments: str, **environment: str) -> tuple[int, str]:
    return pyinfra.deploy("revert_super_users", "-y", *arguments, **environment)


def super_users(lab: Lab) -> list[str]:
    return lab.state()["kafka"]["super_users"]


def is_settled(lab: Lab, generation: int) -> bool:
    kafka = lab.state()["kafka"]
    return kafka["ready"] and kafka["observedGeneration"] == kafka["generation"] == generation


def set_super_users(lab: Lab, *users: str) -> None:
    """Set the super users as somebody else, and wait for the operator."""
    change(lab, authorization={"superUsers": [user.removeprefix("User:") for user in users]})


def nobody(lab: Lab) -> None:
    """Take all super users away as somebody else."""
    change(lab, authorization={"superUsers": None}, config={"super.users": None})


def change(lab: Lab, **kafka: Any) -> None:
    """Change the Kafka resource as somebody else, and wait for the operator."""
    lab.fault(action="patch_object", kind="Kafka", patch={"spec": {"kafka": kafka}})
    generation = lab.state()["kafka"]["generation"]
    lab.wait(lambda: lab.state()["kafka"]["observedGeneration"] == generation)


def anonymous_is_let(lab: Lab) -> list[bool]:
    return [b["anonymous_is_let"] for b in lab.state()["kafka"]["brokers"].values()]


def refused(lab: Lab, pyinfra: Pyinfra, proof: Path, *seen: str) -> None:
    code, output = revert(pyinfra)
    assert code == 1
    assert "there is no proof, so nothing is changed" in output
    for text in seen:
        assert text in output
    assert "Traceback" not in output
    assert lab.mutations() == []
    assert not proof.exists()


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


def test_other_lines_may_wait_for_the_plain_port(lab: Lab, pyinfra: Pyinfra, proof: Path) -> None:
    log(lab, "experiment:kafka", *WAITED, SCRAM, "dedup-results: 1000 messages delivered")
    code, output = revert(pyinfra)
    assert code == 0, output
    kept = json.loads(proof.read_text())
    assert (kept["line"], kept["source"]) == (3, "log")
    assert kept["arrived"] == {"dedup-results": 1000}
    assert "; messages that arrived: dedup-results: 1000" in output


def test_a_client_that_is_ready_and_brings_nothing_is_no_proof(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    """Its line "ready" comes before the login."""
    log(lab, "experiment:run-all", SCRAM, delivered=0)
    job = lab.jobs(6936)["experiment:run-all"]["id"]
    text = f"job {job} (experiment:run-all), log: no message arrived in dedup-results from 20"
    refused(lab, pyinfra, proof, text)


def test_what_arrived_before_and_after_the_job_does_not_count(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    log(lab, "experiment:kafka", SCRAM)
    log(lab, "experiment:run-all", SCRAM, delivered=0)
    later = lab.jobs(6936)["experiment:cleanup"]["id"]
    log(lab, later, "done", delivered=500)
    refused(lab, pyinfra, proof, "(experiment:run-all), log: no message arrived in dedup-results")


def test_a_topic_that_does_not_exist_is_an_error(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    code, output = revert(pyinfra, "--data", "evidence_topics=dedup-results,other")
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


def test_the_preview_sends_only_what_the_api_computes(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    code, output = pyinfra.deploy("revert_super_users", "--dry")
    assert code == 0, output
    assert f"would keep the proof in {proof}" in output
    assert SCRAM in output
    assert 'spec.kafka.authorization.superUsers: ["ANONYMOUS"] -> (absent)' in output
    assert f'spec.kafka.config.super.users: "{ANONYMOUS}" -> (absent)' in output
    assert "super.users in spec.kafka.config, which Strimzi ignores: User:ANONYMOUS" in output
    assert f"conditional: would PATCH {PATH}" in output
    assert proven.mutations() == []
    sent = [r for r in proven.requests(system="kubernetes") if r["method"] == "PATCH"]
    assert [request["query"] for request in sent] == [{"dryRun": "All"}]
    assert not proof.exists()
    assert super_users(proven) == [ANONYMOUS]


def test_with_a_proof_only_that_field_goes_in_one_guarded_patch(
    proven: Lab, pyinfra: Pyinfra, proof: Path, cluster: Cluster
) -> None:
    before = cluster.get(*KAFKA)
    code, output = revert(pyinfra)
    assert code == 0, output
    assert "Ready: the operator says Ready True; generation 2, observed 2" in output
    assert is_settled(proven, 2)
    assert output.count(REFUSED) == 3
    assert anonymous_is_let(proven) == [False] * 3
    [patch] = changes(proven)
    assert (patch["method"], patch["path"]) == ("PATCH", PATH)
    assert patch["body"] == [
        {"op": "test", "path": "/metadata/generation", "value": 1},
        {"op": "test", "path": FIELD, "value": ["ANONYMOUS"]},
        {"op": "remove", "path": FIELD},
        {"op": "test", "path": IGNORED, "value": ANONYMOUS},
        {"op": "remove", "path": IGNORED},
    ]
    after = cluster.get(*KAFKA)
    assert "super.users" not in after["spec"]["kafka"]["config"]
    del before["spec"]["kafka"]["config"]["super.users"]
    del before["spec"]["kafka"]["authorization"]["superUsers"]
    assert without_server_fields(after) == without_server_fields(before)

    kept, sent = proof.read_bytes(), len(proven.requests())
    code, output = revert(pyinfra)
    assert code == 0, output
    assert len(proven.mutations()) == 1
    assert not [r for r in proven.requests(since=sent) if "/pipelines" in r["path"]]
    assert proof.read_bytes() == kept


def changes(lab: Lab) -> list[dict[str, Any]]:
    return [r for r in lab.requests(mutating="true") if r["method"] == "PATCH"]


def without_server_fields(document: dict[str, Any]) -> dict[str, Any]:
    of_the_server = ("generation", "resourceVersion", "managedFields")
    metadata = {k: v for k, v in document["metadata"].items() if k not in of_the_server}
    return {**document, "metadata": metadata, "status": None}


def test_the_proof_names_job_and_line_and_is_private(
    lab: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.5)
    log(lab, "experiment:kafka", "Connecting", f"\x1b[32;1m{SCRAM}\x1b[0;m", status="failed")
    code, output = revert(pyinfra)
    assert code == 0, output
    kept = json.loads(proof.read_text())
    assert kept["job"] == lab.jobs(6936)["experiment:kafka"]["id"]
    assert (kept["pipeline"], kept["name"]) == (6936, "experiment:kafka")
    assert kept["sha"] == lab.heads("gitlab")["development"]
    assert (kept["line"], kept["text"]) == (2, SCRAM)
    assert kept["change"] == {
        "generation": 2,
        "before": {FIELD: ["ANONYMOUS"], IGNORED: ANONYMOUS},
        "after": {FIELD: None, IGNORED: None},
    }
    assert proof.stat().st_mode & 0o777 == 0o600


def test_the_proof_is_kept_before_anything_is_sent(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    proven.fault(
        system="kubernetes", method="PATCH", path="/kafkas/", action="status", status=403, skip=1
    )
    code, output = revert(pyinfra)
    assert code == 1
    assert "403" in output
    assert super_users(proven) == [ANONYMOUS]
    assert json.loads(proof.read_text())["change"]["before"][FIELD] == ["ANONYMOUS"]


def test_where_the_proof_cannot_be_kept_nothing_is_sent(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    proof.parent.write_text("a file where the directory should be\n")
    code, output = revert(pyinfra)
    assert code == 1, output
    assert "Traceback" not in output
    assert proven.mutations() == []


def test_other_super_users_stay(proven: Lab, pyinfra: Pyinfra) -> None:
    set_super_users(proven, "User:CN=admin", ANONYMOUS, OTHER)
    code, output = revert(pyinfra)
    assert code == 0, output
    assert super_users(proven) == ["User:CN=admin", OTHER]
    assert is_settled(proven, 3)


def test_a_change_by_somebody_else_in_between_is_not_lost(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(
        system="kubernetes", method="PATCH", path="/kafkas/", action="status", status=429,
        headers={"Retry-After": "3"}, skip=1,
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/revert_super_users.py", "-y")
    wait_for(lambda: proven.mutations())
    set_super_users(proven, ANONYMOUS, OTHER)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert f"PATCH {PATH} -> 422" in output
    assert "Traceback" not in output
    assert super_users(proven) == [ANONYMOUS, OTHER]


def test_the_run_ends_only_when_the_operator_is_done(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(action="set", kafka_roll_seconds=3)
    code, output = revert(pyinfra)
    assert code == 0, output
    assert is_settled(proven, 2)


def test_the_answer_to_the_patch_is_lost(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(
        system="kubernetes", method="PATCH", path="/kafkas/", action="apply_then_reset", skip=1
    )
    code, output = revert(pyinfra)
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert is_settled(proven, 2)
    assert proven.mutations() == [f"PATCH {PATH}"]


def test_the_patch_is_lost_before_it_arrives(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(system="kubernetes", method="PATCH", path="/kafkas/", action="reset", skip=1)
    code, output = revert(pyinfra)
    assert code == 1
    assert "reading again shows that it was not done" in output
    assert super_users(proven) == [ANONYMOUS]
    code, output = revert(pyinfra)
    assert code == 0, output
    assert is_settled(proven, 2)


@pytest.fixture
def never_ready(proven: Lab, pyinfra: Pyinfra) -> Lab:
    """Brokers do not come up without ANONYMOUS, and nobody waits long for them."""
    proven.fault(action="set", kafka_never_ready=True, kafka_roll_seconds=0.3)
    pyinfra.environment["KAFKA_READY_SECONDS"] = "3"
    return proven


def test_what_never_becomes_ready_is_put_back(never_ready: Lab, pyinfra: Pyinfra) -> None:
    set_super_users(never_ready, ANONYMOUS, OTHER)
    code, output = revert(pyinfra)
    assert code == 1
    assert (
        "it failed: the operator says NotReady True (StrimziTimeoutException: Exceeded timeout of"
        in output
    )
    assert "putting the fields back: PATCH" in output
    assert super_users(never_ready) == [ANONYMOUS, OTHER]
    never_ready.wait(lambda: is_settled(never_ready, 4))
    [_, back] = changes(never_ready)
    assert back["body"] == [
        {"op": "test", "path": "/metadata/generation", "value": 3},
        {"op": "test", "path": FIELD, "value": ["CN=backup"]},
        {"op": "replace", "path": FIELD, "value": ["ANONYMOUS", "CN=backup"]},
        {"op": "add", "path": IGNORED, "value": ANONYMOUS},
    ]


def test_putting_back_is_tried_again_when_the_api_does_not_answer(
    never_ready: Lab, pyinfra: Pyinfra
) -> None:
    never_ready.fault(
        system="kubernetes", method="PATCH", path="/kafkas/", action="status", status=503, skip=2,
        times=2,
    )  # fmt: skip
    code, output = revert(pyinfra)
    assert code == 1
    assert "putting the fields back" in output
    assert super_users(never_ready) == [ANONYMOUS]


def test_a_change_by_somebody_else_is_not_undone_by_putting_back(
    never_ready: Lab, pyinfra: Pyinfra
) -> None:
    process = pyinfra.start("inventory.py", "deploys/revert_super_users.py", "-y")
    wait_for(lambda: super_users(never_ready) == [])
    set_super_users(never_ready, OTHER)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "NOT put back" in output
    assert super_users(never_ready) == [OTHER]


def killed_while_waiting(lab: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/revert_super_users.py", "-y")
    wait_for(lambda: ANONYMOUS not in super_users(lab))
    kill(process)


def test_killed_while_waiting_a_rerun_waits_for_the_end(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(action="set", kafka_roll_seconds=6)
    killed_while_waiting(proven, pyinfra)
    code, output = revert(pyinfra)
    assert code == 0, output
    assert is_settled(proven, 2)
    assert proven.mutations() == [f"PATCH {PATH}"]


def test_killed_while_waiting_a_rerun_puts_back_what_the_proof_says(
    never_ready: Lab, pyinfra: Pyinfra
) -> None:
    set_super_users(never_ready, OTHER, ANONYMOUS)
    pyinfra.environment["KAFKA_READY_SECONDS"] = "60"
    killed_while_waiting(never_ready, pyinfra)
    assert super_users(never_ready) == [OTHER]
    pyinfra.environment["KAFKA_READY_SECONDS"] = "3"
    code, output = revert(pyinfra)
    assert code == 1
    assert "putting the fields back" in output
    assert super_users(never_ready) == [OTHER, ANONYMOUS]


def test_a_proof_of_long_ago_gives_nobody_rights_again(never_ready: Lab, pyinfra: Pyinfra) -> None:
    """Since the run was killed somebody has changed Kafka, so that it is theirs to be Ready."""
    pyinfra.environment["KAFKA_READY_SECONDS"] = "60"
    killed_while_waiting(never_ready, pyinfra)
    set_super_users(never_ready, OTHER)
    pyinfra.environment["KAFKA_READY_SECONDS"] = "3"
    code, output = revert(pyinfra)
    assert code == 1  # Not all brokers were rolled.
    assert "fields back" not in output
    assert super_users(never_ready) == [OTHER]
    assert len(changes(never_ready)) == 1


def test_a_cluster_that_is_not_ready_for_another_reason_is_left_alone(
    never_ready: Lab, pyinfra: Pyinfra
) -> None:
    nobody(never_ready)
    code, output = revert(pyinfra)
    assert code == 1  # Not all brokers were rolled.
    assert "fields back" not in output
    assert never_ready.mutations() == []


def test_who_is_let_in_again_after_the_preview_is_not_removed_without_a_proof(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    nobody(lab)
    code, output = run_confirmed(
        pyinfra, "revert_super_users", lambda: set_super_users(lab, ANONYMOUS)
    )
    assert code == 1
    assert "there is no proof, so nothing is changed" in output
    assert super_users(lab) == [ANONYMOUS]
    assert lab.mutations() == []


def test_who_is_let_in_after_the_preview_is_removed_with_a_proof_and_shown(
    proven: Lab, pyinfra: Pyinfra
) -> None:
    nobody(proven)
    code, output = run_confirmed(
        pyinfra, "revert_super_users", lambda: set_super_users(proven, ANONYMOUS)
    )
    assert code == 0, output
    assert "since the preview its state has changed" in output
    assert 'superUsers: ["ANONYMOUS"] -> (absent)' in output
    assert super_users(proven) == []


def test_a_cluster_that_breaks_after_it_was_ready_gets_no_anonymous_users_again(
    proven: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = revert(pyinfra)
    assert code == 0, output
    status = {"status": {"conditions": [{"type": "NotReady", "status": "True", "reason": "Disk"}]}}
    path = f"{cluster.path(*KAFKA)}/status"
    cluster.request("PATCH", path, status, "application/merge-patch+json")
    sent = len(proven.mutations())
    code, output = revert(pyinfra, KAFKA_READY_SECONDS="2")
    assert code == 0, output
    assert len(proven.mutations()) == sent
    assert super_users(proven) == []
