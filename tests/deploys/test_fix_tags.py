"""deploys/fix_tags.py against the practice site: preview, run, proof, second run, restore."""

import json
import re
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from moments import ALERT, RELAXED, TAGS


def test_the_preview_shows_every_change_and_sends_none(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("fix_tags", "--dry", "-v")
    assert code == 0, output
    assert lab.mutations() == []
    assert lab.state()["rake"] == []
    lines = {line.strip() for line in output.splitlines()}
    for number, tags in TAGS.items():
        wanted = "{" + ", ".join(sorted(tags)) + "}"
        body = json.dumps({"tag_list": sorted(tags)})
        name = lab.runners()[number]["description"]
        assert f"[@gitlab/runners/{number}] tag_list: {{}} -> {wanted} ({name})" in lines
        assert f"[@gitlab/runners/{number}] would PUT /runners/{number} {body}" in lines
    assert "12 of 12 runners have no tags at once" in output
    assert "issues/524402" in output
    for step in (
        "would save the settings of 12 runners",
        "would start job migration-requeue",
        "would wait at most 600 s for job migration-requeue",
        "spec.suspend: false -> true",
        "would watch 12 runners for 6 s, every 1 s",
        "conditional: would PATCH",
        'spec.schedule: "* * * * *" -> "*/5 * * * *"',
    ):
        assert step in output, step
    assert not (pyinfra.directory / "snapshots").exists()


def test_the_preview_leaves_no_trace_in_pods_and_machines(lab: Lab, pyinfra: Pyinfra) -> None:
    before = lab.state()
    pyinfra.deploy("fix_tags", "--dry")
    after = lab.state()
    assert after["pods"] == before["pods"]
    assert after["control_node"] == before["control_node"]
    assert after["kubernetes"] == before["kubernetes"]


def test_the_run_repairs_and_proves_and_the_second_one_does_nothing(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert lab.tags() == TAGS
    assert lab.enforcer() == RELAXED
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]
    verdict = output[output.rindex("\nDone: fix_tags, ") :].splitlines()
    assert re.search(r"^changed:  Set the tags \(12 hosts\); ", verdict[2])
    assert re.search(r"^proven: .*all tags of 12 runners lasted for \d+ s", verdict[3])
    assert verdict[4].startswith("report:   ")
    assert verdict[5] == "next:     pyinfra inventory.py deploys/overview.py --dry"
    script = lab.object("ConfigMap", "runner-tag-enforcer-script")["data"]["enforce.sh"]
    for number, tags in TAGS.items():
        assert f"set_tags {number} {','.join(sorted(tags))}\n" in script
    for number, runner in lab.runners().items():
        assert set(runner["tag_list"]) == TAGS[number]

    sent = len(lab.mutations())
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert len(lab.mutations()) == sent
    assert "proven before, nothing to do" in output
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]


def test_only_the_tags_of_a_runner_are_sent(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.deploy("fix_tags", "-y")
    puts = [r for r in lab.requests(system="gitlab") if r["method"] == "PUT"]
    assert len(puts) == 12
    assert all(set(put["body"]) == {"tag_list"} for put in puts)


def test_an_unattended_run_prints_the_same_lines_as_the_preview(lab: Lab, pyinfra: Pyinfra) -> None:
    _, preview = pyinfra.deploy("fix_tags", "--dry")
    _, log = pyinfra.deploy("fix_tags", "-y")
    for line in preview.splitlines():
        if " -> " in line and "@gitlab/runners" in line:
            assert line in log


def test_limited_to_a_runner_only_that_one_is_set(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "@gitlab/runners/17")
    assert code == 0, output
    assert lab.mutations() == ["PUT /api/v4/runners/17"]


@pytest.mark.parametrize("limit", ["@gitlab", "enforcer", "toolbox"])
def test_a_limit_without_the_enforcer_or_the_toolbox_proves_nothing(
    lab: Lab, pyinfra: Pyinfra, limit: str
) -> None:
    """With the enforcer at work, tags that last prove nothing; nor does a record without a run."""
    before = lab.object("CronJob", "runner-tag-enforcer")
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", limit)
    assert code == 0, output
    assert "the database is not repaired, and nothing is proven" in output
    assert "Prove that the tags last" not in output
    assert lab.state()["rake"] == []
    assert [m for m in lab.mutations() if "/runners/" not in m] == []
    after = lab.object("CronJob", "runner-tag-enforcer")
    assert [after["spec"], after["metadata"]] == [before["spec"], before["metadata"]]


def test_the_snapshot_restores_what_was(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", repair_works=True, loss_delay=3600)
    pyinfra.deploy("fix_tags", "-y")
    before = lab.runners()
    pyinfra.deploy("fix_tags", "-y", "--data", "enforcer_suspend=true")
    [_, snapshot] = sorted((pyinfra.directory / "snapshots").iterdir())
    assert snapshot.stat().st_mode & 0o777 == 0o600
    lab.fault(action="lose_tags", runners="all")
    lab.fault(action="set_tags", runner=17, tags=["kubernetes", "experiment", "extra"])
    arguments = ("restore_runners", "-y", "--data", f"snapshot={snapshot}")
    code, output = pyinfra.deploy(*arguments)
    assert code == 1
    assert "take away {extra}" in output
    code, output = pyinfra.deploy(*arguments, "--data", "allow_tag_removal=true")
    assert code == 0, output
    after = lab.runners()
    for number, runner in before.items():
        settings = {k: v for k, v in runner.items() if k not in ("tag_list", "contacted_at")}
        assert settings == {k: after[number][k] for k in settings}
        assert set(after[number]["tag_list"]) == TAGS[number]
    sent = len(lab.mutations())
    code, output = pyinfra.deploy(*arguments)
    assert code == 0, output
    assert len(lab.mutations()) == sent


def test_a_snapshot_that_is_none_is_refused_before_anything_is_sent(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_text("{}")
    code, output = pyinfra.deploy(
        "restore_runners", "-y", "--data", f"snapshot={tmp_path}/other.json"
    )
    assert code == 1
    assert "is no snapshot of runners" in output
    assert lab.mutations() == []


def test_taking_tags_away_needs_approval(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=17, tags=["kubernetes", "experiment", "extra"])
    code, output = pyinfra.deploy("fix_tags", "-y", "--limit", "@gitlab/runners/17")
    assert code == 1
    assert "@gitlab/runners/17 (k8s-runner-4): this would take away {extra}" in output
    assert lab.mutations() == []
    code, output = pyinfra.deploy(
        "fix_tags", "-y", "--limit", "@gitlab/runners/17", "--data", "allow_tag_removal=true"
    )
    assert code == 0, output
    assert lab.tags()[17] == TAGS[17]


@pytest.mark.parametrize("suspended", [True, False])
def test_the_enforcer_can_be_left_suspended_as_data_says(
    lab: Lab, pyinfra: Pyinfra, suspended: bool
) -> None:
    arguments = ("-y", "--data", f"enforcer_suspend={suspended}")
    code, output = pyinfra.deploy("fix_tags", *arguments)
    assert code == 0, output
    assert lab.enforcer() == ("*/5 * * * *", suspended)
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("fix_tags", *arguments)
    assert (code, len(lab.mutations())) == (0, sent), output


def test_the_proof_fails_when_the_repair_does_not_work(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", repair_works=False)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "12 of 12 runners lost tags:" in output
    assert re.search(r"17 +k8s-runner-4 +\{experiment, kubernetes\} +\d+ s", output)
    assert "--data tag_repair=force-copy" in output
    assert lab.enforcer() == ALERT


def test_the_other_repair_works_then(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", gitlab_version="17.11.0")
    code, output = pyinfra.deploy("fix_tags", "-y", "--data", "tag_repair=force-copy")
    assert code == 0, output
    assert lab.tags() == TAGS
    assert lab.enforcer() == RELAXED
