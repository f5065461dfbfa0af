"""deploys/revert_super_users.py: what is put back, and what is not."""

import pytest
from cluster import Cluster
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from super_users_site import (
    ANONYMOUS,
    FIELD,
    IGNORED,
    KAFKA,
    OTHER,
    PATH,
    is_settled,
    nobody,
    patches,
    revert,
    set_super_users,
    super_users,
)

pytestmark = pytest.mark.usefixtures("proof")


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
    [_, back] = patches(never_ready)
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
        system="kubernetes", method="PATCH", path="/kafkas/", action="status", status=503, times=2,
        after="PATCH .*/kafkas/",
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
    assert len(patches(never_ready)) == 1


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
