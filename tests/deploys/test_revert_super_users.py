"""deploys/revert_super_users.py: with a proof one field is changed, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from super_users_site import (
    ANONYMOUS,
    FIELD,
    IGNORED,
    KAFKA,
    OTHER,
    PATH,
    REFUSED,
    SCRAM,
    anonymous_is_let,
    is_settled,
    log,
    patches,
    revert,
    set_super_users,
    super_users,
)

pytestmark = pytest.mark.usefixtures("proof")


def test_the_preview_sends_only_what_the_api_computes(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    code, output = pyinfra.deploy("revert_super_users", "--dry", "-v")
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
    [patch] = patches(proven)
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
        system="kubernetes", method="PATCH", path="/kafkas/", action="status", status=403,
        mutating=True,
    )  # fmt: skip
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
        headers={"Retry-After": "3"}, mutating=True,
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
        system="kubernetes", method="PATCH", path="/kafkas/", action="apply_then_reset",
        mutating=True,
    )  # fmt: skip
    code, output = revert(pyinfra)
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert is_settled(proven, 2)
    assert proven.mutations() == [f"PATCH {PATH}"]


def test_the_patch_is_lost_before_it_arrives(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(
        system="kubernetes", method="PATCH", path="/kafkas/", action="reset", mutating=True
    )
    code, output = revert(pyinfra)
    assert code == 1
    assert "reading again shows that it was not done" in output
    assert super_users(proven) == [ANONYMOUS]
    code, output = revert(pyinfra)
    assert code == 0, output
    assert is_settled(proven, 2)
