"""deploys/unblock_pipeline.py: tags that are lost again, and those who may not set them."""

import re

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import TAGS, wait_for
from pipeline_site import (
    ACTIVE,
    LIVE,
    WAITING,
    bodies,
    pending,
    sent,
    set_all_tags,
    statuses,
)  # fmt: skip
from record_files import observed

ONLY_GITLAB = ("--limit", "runners", "--limit", "project")


def resets(lab: Lab) -> list[set[str]]:
    """The tags that runner 8 was given. It is busy with the same job of an older pipeline."""
    return [set(body["tag_list"]) for body in bodies(lab, "PUT", "/runners/8")]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "refuse_ssh", "seconds": 600},
        {"system": "kubernetes", "action": "status", "status": 503, "times": -1},
    ],
    ids=["no-ssh", "no-cluster"],
)
def test_the_cluster_may_be_down(lab: Lab, pyinfra: Pyinfra, fault: dict[str, object]) -> None:
    lab.fault(**fault)
    lab.fault(action="set", loss_delay=3600, job_seconds=2)
    code, output = pyinfra.deploy("unblock_pipeline", "-y", *ONLY_GITLAB)
    assert code == 0, output
    assert lab.tags() == TAGS
    assert not WAITING & pending(lab)
    assert lab.requests(system="kubernetes") == []


def test_a_tag_is_taken_away_only_with_approval(lab: Lab, pyinfra: Pyinfra) -> None:
    """With -y, too, no runner is changed before the one with a tag too many is found."""
    set_all_tags(lab, job_seconds=2)
    lab.fault(action="set_tags", runner=6, tags=[])
    lab.fault(action="set_tags", runner=17, tags=["more", *TAGS[17]])
    code, output = pyinfra.deploy("unblock_pipeline", "-y", *ONLY_GITLAB)
    assert code == 1
    assert "this would take away {more}" in output
    assert "To approve: --data allow_tag_removal=true" in output
    assert sent(lab) == []
    code, output = pyinfra.deploy(
        "unblock_pipeline", "-y", *ONLY_GITLAB, "--data", "allow_tag_removal=true"
    )
    assert lab.tags() == TAGS


def test_a_lost_tag_is_set_again_at_once(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=1, job_seconds=5)
    code, output = pyinfra.deploy("unblock_pipeline", "-y")
    assert code == 0, output
    assert len(resets(lab)) >= 3
    assert all(tags == TAGS[8] for tags in resets(lab))
    assert "runner 8 lacked {arm64, macos}: PUT /runners/8" in output
    [watch] = observed(pyinfra)["tags"]
    kinds = [change["kind"] for change in watch["changes"] if change["runner"] == 8]
    assert "lost, set" in ", ".join(kinds)
    assert lab.jobs(LIVE)["build-macos-arm"]["runner"] == 8


def test_what_a_runner_has_beside_its_own_tags_stays(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=6)
    process = pyinfra.start("inventory.py", "deploys/unblock_pipeline.py", "-y")
    wait_for(lambda: statuses(lab, ACTIVE)["build-macos-arm"] == "running")
    lab.fault(action="set_tags", runner=8, tags=["more"])
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert resets(lab)[-1] == {"more", *TAGS[8]}


def test_setting_lost_tags_again_ends_at_the_deadline(lab: Lab, pyinfra: Pyinfra) -> None:
    """At most once for each look; then the database is named."""
    lab.fault(action="set", loss_delay=0.1, job_seconds=60)
    data = ("--data", "unblock_seconds=4", "--data", "watch_interval=1")
    code, output = pyinfra.deploy("unblock_pipeline", "-y", *data)
    assert code == 1
    assert re.search(r"tags were lost \d+ times meanwhile", output)
    assert "repair the database first, with deploys/fix_tags.py" in output
    assert 2 <= len(resets(lab)) <= 1 + 6  # by "Set the tags", and by the watch


def test_a_refused_put_is_not_blamed_on_the_database(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600, job_seconds=60)
    lab.fault(
        system="gitlab", method="PUT", path="/runners/8$", action="status", status=400, times=-1
    )
    code, output = pyinfra.deploy(
        "unblock_pipeline", "-y", "--limit", "project", "--data", "unblock_seconds=3"
    )
    assert code == 1
    assert "PUT /runners/8 -> 400" in output
    assert "still waiting after 3 s: " in output
    assert "tags were lost" not in output  # Only that they were, when it began, is the database.
    assert "repair the database first" not in output


def test_a_token_that_may_not_set_tags_ends_the_watch(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(
        system="gitlab", method="PUT", path="/runners/", action="status", status=403, times=-1
    )
    code, output = pyinfra.deploy("unblock_pipeline", "-y", "--limit", "project")
    assert code == 1
    assert len(lab.mutations()) == 1
    assert "-> 403" in output
    assert "still waiting" not in output
