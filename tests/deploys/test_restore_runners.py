"""deploys/restore_runners.py: a snapshot, every setting changed, and all of them back."""

import json
from pathlib import Path
from typing import Any

import gitlab
import pytest
from before_jobs import save_settings
from lab_process import Lab, Pyinfra
from moments import TAGS

SETTINGS = (
    *("description", "paused", "tag_list", "run_untagged", "locked", "access_level"),
    *("maximum_timeout", "maintenance_note"),
)
OTHER = {
    "description": "another",
    "tag_list": ["another"],
    "locked": True,
    "access_level": "ref_protected",
    "maximum_timeout": 700,
    "maintenance_note": "another",
}
APPROVAL = ("--data", "allow_tag_removal=true")


def settings(lab: Lab) -> dict[int, dict[str, Any]]:
    return {
        number: {name: runner[name] for name in SETTINGS} | {"tag_list": set(runner["tag_list"])}
        for number, runner in lab.runners().items()
    }


def put(lab: Lab, number: int, **body: Any) -> None:
    """Change a runner as somebody else would."""
    environment = lab.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
    ) as client:
        client.http_put(f"/runners/{number}", post_data=body)


@pytest.fixture
def saved(lab: Lab, pyinfra: Pyinfra) -> dict[int, dict[str, Any]]:
    """The settings of which there is a snapshot: with tags, and with empty ones of each kind."""
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})
    for number, tags in TAGS.items():
        lab.fault(action="set_tags", runner=number, tags=sorted(tags))
    lab.fault(action="set_tags", runner=6, tags=[])  # It takes jobs without tags.
    put(lab, 7, maintenance_note="", description="")
    before = settings(lab)
    assert {before[7]["maintenance_note"], before[8]["maintenance_note"]} == {"", "bare metal"}
    assert {before[7]["maximum_timeout"], before[9]["maximum_timeout"]} == {None, 7200}
    assert before[6]["maintenance_note"] is None
    save_settings(pyinfra)
    return before


def test_every_setting_comes_back_and_the_second_run_sends_nothing(
    lab: Lab, pyinfra: Pyinfra, saved: dict[int, dict[str, Any]]
) -> None:
    for number, before in saved.items():
        flipped = {name: not before[name] for name in ("paused", "run_untagged")}
        put(lab, number, **OTHER, **flipped)
    for number, now in settings(lab).items():
        assert not [name for name in SETTINGS if now[name] == saved[number][name]], number

    sent = len(lab.mutations())
    code, output = pyinfra.deploy("restore_runners", "--dry", "-v", *APPROVAL)
    assert code == 0, output
    assert "maximum_timeout: 700 -> null" in output
    assert 'maintenance_note: "another" -> ""' in output
    code, output = pyinfra.deploy("restore_runners", "-y")
    assert code == 1
    # Each runner that is refused is named, in the order of the inventory.
    assert "this would leave it without tags" in output
    assert "this would take away {another}" in output
    assert " hosts are refused, so nothing is executed" in output
    assert len(lab.mutations()) == sent

    code, output = pyinfra.deploy("restore_runners", "-y", *APPROVAL)
    assert code == 0, output
    assert settings(lab) == saved
    assert sorted(lab.mutations()[sent:]) == sorted(f"PUT /api/v4/runners/{n}" for n in TAGS)
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("restore_runners", "-y", *APPROVAL)
    assert code == 0, output
    assert len(lab.mutations()) == sent


def test_what_a_snapshot_does_not_hold_is_left_alone(
    lab: Lab, pyinfra: Pyinfra, saved: dict[int, dict[str, Any]]
) -> None:
    [file] = (pyinfra.directory / "snapshots").iterdir()
    document = json.loads(file.read_text())
    for runner in document["runners"]:
        for name in ("maximum_timeout", "maintenance_note", "locked"):
            del runner[name]
    Path(file).write_text(json.dumps(document))
    put(lab, 17, maximum_timeout=700, maintenance_note="another", locked=True, paused=True)
    code, output = pyinfra.deploy("restore_runners", "-y")
    assert code == 0, output
    kept = {"maximum_timeout": 700, "maintenance_note": "another", "locked": True}
    assert settings(lab)[17] == saved[17] | kept


def test_tags_that_were_lost_when_it_was_saved_are_not_taken_away(
    lab: Lab, pyinfra: Pyinfra, saved: dict[int, dict[str, Any]]
) -> None:
    """Two runners without tags at once are the bug, also where one takes jobs without tags."""
    [file] = (pyinfra.directory / "snapshots").iterdir()
    document = json.loads(file.read_text())
    next(r for r in document["runners"] if r["id"] == 17)["tag_list"] = []
    Path(file).write_text(json.dumps(document))
    lab.fault(action="set_tags", runner=6, tags=["kubernetes"])
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("restore_runners", "-y", *APPROVAL)
    assert code == 0, output
    assert "had lost their tags when it was saved, so those stay: [6, 17]" in output
    assert settings(lab)[6]["tag_list"] == {"kubernetes"}
    assert settings(lab)[17]["tag_list"] == TAGS[17]
    assert len(lab.mutations()) == sent
