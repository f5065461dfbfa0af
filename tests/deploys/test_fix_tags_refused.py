"""deploys/fix_tags.py: answers that refuse, and losses during the proof."""

import re

import pytest
from fix_tags_faults_site import converges
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import (
    ALERT,
    ENDLESS_PROOF,
    TAGS,
    is_proving,
    wait_for,
    wait_for_looks,
)
from record_files import observed

pytestmark = pytest.mark.long


def test_one_runner_answers_500(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(
        system="gitlab", method="PUT", path="/runners/9$", action="status", status=500, times=-1
    )
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "PUT /runners/9 -> 500" in output
    assert lab.enforcer() == ALERT
    tags = lab.tags()
    assert {number: tags[number] for number in TAGS if number != 9} == {
        number: TAGS[number] for number in TAGS if number != 9
    }
    lab.ask("/faults", method="DELETE")
    converges(lab, pyinfra)


def test_one_runner_is_missing(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="remove_runner", runner=9)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "GET /runners/9 -> 404" in output
    assert lab.mutations() == []
    lab.fault(action="register_runner", runner=9)
    converges(lab, pyinfra)


def test_a_wrong_token(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y", GITLAB_TOKEN="wrong")
    assert code == 1
    assert "401" in output
    assert "GITLAB_TOKEN" in output
    assert "Traceback" not in output
    assert lab.mutations() == []
    converges(lab, pyinfra)


def test_an_untrusted_certificate(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y", GITLAB_CA_FILE="")
    assert code == 1
    assert "is not trusted" in output
    assert "GITLAB_CA_FILE" in output
    assert "Traceback" not in output
    assert lab.mutations() == []
    converges(lab, pyinfra)


def test_gitlab_17_10_is_refused(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", gitlab_version="17.10.1")
    code, output = pyinfra.deploy("fix_tags", "--dry")
    assert code == 1
    assert "17.10.1 has other tables" in output
    assert "migration_any_version=true" in output
    assert lab.mutations() == []
    assert lab.state()["rake"] == []
    converges(lab, pyinfra, "--data", "tag_repair=force-copy")


def test_tags_vanish_during_the_proof(lab: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    wait_for_looks(lab)
    lab.fault(action="lose_tags", runners=[17])
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "1 of 12 runners lost tags:" in output
    assert "k8s-runner-4" in output
    assert lab.enforcer() == ALERT
    [watch] = observed(pyinfra)["tags"]
    assert {runner["id"]: set(runner["tags"]) for runner in watch["runners"]} == TAGS
    [change] = watch["changes"]
    assert (change["runner"], change["kind"], set(change["tags"])) == (17, "lost", TAGS[17])
    assert 0 < change["seconds"] <= watch["seconds"] < watch["limit"] == 3600
    converges(lab, pyinfra)


def test_a_runner_that_is_removed_during_the_proof_is_no_loss_of_the_database(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: is_proving(lab))
    lab.fault(action="remove_runner", runner=9)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "1 of 12 runners lost tags" in output
    assert "These runners were removed from GitLab" in output
    assert "the other repair" not in output
    assert lab.enforcer() == ALERT
    [watch] = observed(pyinfra)["tags"]
    assert [(change["runner"], change["kind"]) for change in watch["changes"]] == [(9, "gone")]


def test_reads_fail_during_the_proof(lab: Lab, pyinfra: Pyinfra) -> None:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y")
    wait_for(lambda: is_proving(lab))
    lab.fault(
        system="gitlab", method="POST", path="/api/graphql", action="status", status=503, times=4
    )
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert re.search(r"\d\d:\d\d:\d\d \S+, not readable \(1\), trying again: ", output), output
    assert "lasted for" in output


def test_the_migration_takes_longer_than_the_limit(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", rake_down=4)
    code, output = pyinfra.deploy("fix_tags", "-y", "--data", "migration_timeout=1")
    assert code == 1
    assert "still runs after 1 s" in output
    assert "It was not stopped" in output
    converges(lab, pyinfra)
