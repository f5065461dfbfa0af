"""What a record has of each request that changes something: what takes it back (docs/undo.md)."""

import json
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from moments import ENDLESS_PROOF, TAGS, kill, wait_for
from record_files import all_of, chain, names, read


@pytest.fixture
def runs(pyinfra: Pyinfra) -> Path:
    """Where records are kept."""
    return Path(pyinfra.environment["RECORD_DIRECTORY"])


def test_each_change_has_its_values_before_and_after(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    lab.fault(action="set", loss_delay=3600)
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    [record] = all_of(runs)
    found = record["changes"]
    assert {change["state"] for change in found} == {"done"}
    assert len(found) == len(lab.mutations())
    tags = {c["host"]: c["values"] for c in found if c["operation"] == "Set the tags"}
    assert tags == {
        f"@gitlab/runners/{number}": [
            {"path": ["tag_list"], "before": [], "after": sorted(TAGS[number])}
        ]
        for number in TAGS
    }
    assert {c["endpoint"] for c in found if c["host"].startswith("@gitlab")} == {
        lab.environment["GITLAB_URL"]
    }
    [script] = [c for c in found if c["operation"] == "Write the enforcer's script"]
    assert set(script["values"][0]) == {"path", "text"}
    assert script["uid"]
    assert not list(runs.glob("*/changes.jsonl"))


def test_of_a_secret_it_has_nothing(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    [record] = all_of(runs)
    assert len(record["changes"]) == len(lab.mutations())
    assert {change["request"]["method"] for change in record["changes"]} == {"POST", "PUT"}
    for change in record["changes"]:
        with_value = [v for v in change["values"] if v["path"] == ["value"]]
        assert with_value in ([], [{"path": ["value"], "is_secret": True}])
        is_secret = bool(with_value) or change["request"]["method"] == "POST"
        assert bool(change["never"]) is is_secret
    assert "secret:" not in json.dumps(record["changes"])


def test_what_was_refused_is_no_change_and_what_got_no_answer_may_be(
    lab: Lab, pyinfra: Pyinfra, runs: Path
) -> None:
    lab.fault(action="set", loss_delay=3600)
    site = {"system": "gitlab", "action": "status", "times": -1}
    lab.fault(**site, method="PUT", path="/runners/7", status=403)
    # Neither the write nor the look at it is answered.
    lab.fault(**site, method="PUT", path="/runners/8", status=502)
    lab.fault(**site, method="GET", path="/runners/8", status=401, after="PUT .*/runners/8")
    code, _ = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    [record] = all_of(runs)
    states = {c["host"]: c["state"] for c in record["changes"] if c["operation"] == "Set the tags"}
    assert "@gitlab/runners/7" not in states
    assert states["@gitlab/runners/8"] == "sent"
    assert states["@gitlab/runners/9"] == "done"


def test_a_killed_run_has_them_too(lab: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    lab.fault(action="set", loss_delay=3600)
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", **ENDLESS_PROOF)
    wait_for(lambda: lab.tags() == TAGS)
    kill(process)
    [name] = names(runs)
    notes = runs / name / "changes.jsonl"
    assert notes.stat().st_mode & 0o777 == 0o600
    assert notes.read_text().count("Set the tags") == len(TAGS)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert not notes.exists()
    killed = read(runs, chain(runs)[0])
    assert killed["id"] == name
    assert sum(c["operation"] == "Set the tags" for c in killed["changes"]) == len(TAGS)
