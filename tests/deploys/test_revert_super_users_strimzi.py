"""deploys/revert_super_users.py: what Strimzi does with the resource, and what brokers do then."""

import json
import resource
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from super_users_site import (
    EVERYONE,
    KAFKA,
    PAUSE,
    REFUSED,
    anonymous_is_let,
    change,
    patches,
    revert,
)

pytestmark = pytest.mark.usefixtures("proof")


def test_the_list_that_counts_is_changed_and_each_broker_refuses_then(
    proven: Lab, pyinfra: Pyinfra
) -> None:
    assert anonymous_is_let(proven) == [True] * 3
    code, output = revert(pyinfra)
    assert code == 0, output
    assert anonymous_is_let(proven) == [False] * 3
    for number in range(3):
        assert f"broker {number}: {REFUSED}" in output
    kafka = proven.state()["kafka"]
    assert (kafka["super_users"], kafka["ignored"]) == ([], None)


def test_the_useless_place_alone_is_cleared_without_a_roll(proven: Lab, pyinfra: Pyinfra) -> None:
    change(proven, authorization={"superUsers": None})
    code, output = revert(pyinfra)
    assert code == 0, output
    assert 'config.super.users: "User:ANONYMOUS" -> (absent)' in output
    assert proven.state()["kafka"]["ignored"] is None
    assert output.count(REFUSED) == 3


def test_a_broker_that_still_lets_them_is_no_success(proven: Lab, pyinfra: Pyinfra) -> None:
    """The operator says Ready, and one broker has its old configuration."""
    code, output = revert(pyinfra)
    assert code == 0, output
    proven.fault(action="set", kafka_old_broker=1)
    sent = len(patches(proven))
    code, output = revert(pyinfra)
    assert code == 1
    assert "broker 1: anonymous clients have ALL rights" in output
    assert f"broker 2: {REFUSED}" in output
    assert len(patches(proven)) == sent


def test_a_broker_that_cannot_be_asked_is_no_success(proven: Lab, pyinfra: Pyinfra) -> None:
    change(proven, authorization={"superUsers": None}, config={"super.users": None})
    proven.fault(action="set", kafka_unreachable=[2])
    code, output = revert(pyinfra)
    assert code == 1
    assert "broker 2: NOT proven (TimeoutException: Timed out waiting for a node" in output


@pytest.mark.parametrize(
    ("kafka", "why"),
    [
        ({"authorization": None}, "spec.kafka.authorization is missing, so everybody may do"),
        ({"config": {EVERYONE: "true"}}, f"spec.kafka.config has {EVERYONE}"),
    ],
    ids=["no authorizer", "everyone"],
)
def test_where_everybody_has_rights_anyway_nothing_is_changed(
    proven: Lab, pyinfra: Pyinfra, proof: Path, kafka: dict[str, Any], why: str
) -> None:
    change(proven, **kafka)
    code, output = revert(pyinfra)
    assert code == 1
    assert f"nothing is changed, it would not help: {why}" in output
    assert proven.mutations() == []
    assert not proof.exists()


def test_nothing_to_change_is_no_success_while_everybody_has_rights(
    proven: Lab, pyinfra: Pyinfra
) -> None:
    users = {"superUsers": None}
    change(proven, authorization=users, config={"super.users": None, EVERYONE: True})
    code, output = revert(pyinfra)
    assert code == 1
    assert output.count("anonymous clients have ALL rights") == 3
    assert f"spec.kafka.config has {EVERYONE}" in output


def test_a_paused_resource_is_refused(
    proven: Lab, pyinfra: Pyinfra, proof: Path, cluster: Cluster
) -> None:
    cluster.patch(*KAFKA, {"metadata": {"annotations": {PAUSE: "true"}}})
    sent = len(proven.mutations())
    code, output = revert(pyinfra)
    assert code == 1
    assert f"nothing is changed: its reconciliation is paused (annotation {PAUSE})" in output
    assert len(proven.mutations()) == sent
    assert not proof.exists()


def test_one_that_is_not_ready_before_is_refused_with_the_operators_words(
    proven: Lab, pyinfra: Pyinfra
) -> None:
    change(proven, config={"super.users": ["User:ANONYMOUS"]})
    code, output = revert(pyinfra)
    assert code == 1
    assert "nothing is changed: the operator says NotReady True (InvalidConfigParameter" in output
    assert "Unsupported type list in configuration for key super.users" in output
    assert proven.mutations() == []


def test_a_change_that_is_under_way_is_not_mixed_with_ours(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(action="set", kafka_stuck=True)
    patch = {"spec": {"kafka": {"config": {"log.retention.hours": 24}}}}
    proven.fault(action="patch_object", kind="Kafka", patch=patch)
    code, output = revert(pyinfra)
    assert code == 1
    assert "the operator has not finished with an earlier change: Ready True; gen" in output
    assert proven.mutations() == []


def test_a_failure_of_the_new_generation_ends_it_at_once(proven: Lab, pyinfra: Pyinfra) -> None:
    proven.fault(action="set", kafka_never_ready=True)
    code, output = revert(pyinfra, KAFKA_READY_SECONDS="900")
    assert code == 1
    assert "it failed: the operator says NotReady True (StrimziTimeoutException: Exceeded" in output
    before_the_verdict = output.partition("\nFailed: ")[0]
    assert before_the_verdict.count("the operator says") == 1, "it waited again after putting back"
    proven.wait(lambda: anonymous_is_let(proven) == [True] * 3)


def test_an_operator_that_comes_to_no_end_keeps_the_old_ready(
    proven: Lab, pyinfra: Pyinfra
) -> None:
    proven.fault(action="set", kafka_stuck=True)
    code, output = revert(pyinfra, KAFKA_READY_SECONDS="2")
    assert code == 1
    assert "not Ready after 2 s: the operator says Ready True; generation 2, observed 1" in output
    assert "putting the fields back: PATCH" in output
    assert proven.state()["kafka"]["super_users"] == ["User:ANONYMOUS"]


def test_a_later_change_of_somebody_else_is_not_waited_for_and_not_widened(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    """A run was killed; the next change of somebody else takes long for a reason of its own."""
    proven.fault(action="set", kafka_stuck=True)
    process = pyinfra.start("inventory.py", "deploys/revert_super_users.py", "-y")
    wait_for(lambda: proven.state()["kafka"]["super_users"] == [])
    kill(process)
    patch = {"spec": {"kafka": {"config": {"log.retention.hours": 24}}}}
    proven.fault(action="patch_object", kind="Kafka", patch=patch)
    sent = len(patches(proven))
    code, output = revert(pyinfra, KAFKA_READY_SECONDS="1")
    assert "putting the fields back" not in output
    assert len(patches(proven)) == sent
    assert proven.state()["kafka"]["super_users"] == []
    assert not json.loads(proof.read_text()).get("complete")
    assert code == 1  # The brokers are not rolled yet, so they still let them in.


def test_a_note_that_cannot_be_written_is_said_and_lets_nobody_in_later(
    proven: Lab, pyinfra: Pyinfra, proof: Path
) -> None:
    proven.fault(action="set", kafka_roll_seconds=2)
    process = pyinfra.start("inventory.py", "deploys/revert_super_users.py", "-y")
    wait_for(lambda: proven.state()["kafka"]["super_users"] == [])
    # As a full disk would, it keeps the note from being written.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert f"{proof} could not be marked as complete (" in output
    assert "File too large" in output and "so it was removed" in output
    assert not proof.exists()
    # Later the cluster breaks for another reason.
    proven.fault(action="set", kafka_stuck=True)
    sent = len(patches(proven))
    code, output = revert(pyinfra, KAFKA_READY_SECONDS="1")
    assert code == 0, output
    assert len(patches(proven)) == sent
