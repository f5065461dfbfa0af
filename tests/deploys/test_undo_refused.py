"""deploys/undo.py: what has moved, records that are not what they were, runs that were killed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import document_of
from lab_process import Lab, Pyinfra
from moments import TAGS, kill, wait_for
from pipeline_site import someone
from undo_site import APPROVAL, is_state, last, runners_have_some, state, undo

DESCRIBE = """
from pyinfra import host
from ops.gitlab import runners

if host.name in ("@gitlab/runners/7", "@gitlab/runners/8"):
    runners.runner(name="Describe it", description="described", maximum_timeout=700)
"""

SET_TAGS = ("inventory.py", "deploys/unblock_pipeline.py", "-y", "--limit", "runners")
# What is not answered is waited for until the test kills the run.
PATIENT = ("--data", "gitlab_timeout=3600", "--data", "gitlab_deadline=3600")


@pytest.fixture
def quiet(lab: Lab, pyinfra: Pyinfra) -> Lab:
    """The site where nobody but the run changes anything."""
    lab.fault(action="set", loss_delay=3600, job_seconds=3600)
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})
    runners_have_some(lab)
    return lab


@pytest.fixture
def record(quiet: Lab, pyinfra: Pyinfra) -> str:
    """The record of a run that has changed two settings of two runners."""
    code, output = pyinfra.run("inventory.py", pyinfra.write(DESCRIBE), "-y")
    assert code == 0, output
    return last(pyinfra)


@pytest.fixture
def runs(pyinfra: Pyinfra) -> Path:
    """Where records are kept."""
    return Path(pyinfra.environment["RECORD_DIRECTORY"])


@pytest.mark.parametrize("how", ["--dry", "-y"])
def test_what_has_moved_since_is_refused_and_nothing_is_sent(
    quiet: Lab, pyinfra: Pyinfra, record: str, how: str
) -> None:
    someone(quiet, "PUT", "/runners/8", {"description": "somebody's"})
    sent = quiet.mutations()
    code, output = undo(pyinfra, record, how)
    assert code == 4, output
    assert 'moved since that run: description: then "described", now "somebody\'s"' in output
    assert "Moved: the state is no longer that of the record" in output
    assert quiet.mutations() == sent


def test_the_document_says_what_has_moved(quiet: Lab, pyinfra: Pyinfra, record: str) -> None:
    someone(quiet, "PUT", "/runners/8", {"maximum_timeout": 800})
    code, document, errors = document_of(pyinfra, "undo", "-y", "--data", f"record={record}")
    assert code == 4, errors
    assert document["verdict"]["word"] == "Moved"
    assert document["verdict"]["moved"] == ["@gitlab/runners/8: maximum_timeout: then 700, now 800"]


def test_what_is_back_already_is_nothing_to_do(quiet: Lab, pyinfra: Pyinfra, record: str) -> None:
    someone(quiet, "PUT", "/runners/8", {"description": "node6-macos-arm"})
    code, output = undo(pyinfra, record, "-y")
    assert code == 0, output
    assert quiet.runners()[8]["maximum_timeout"] != 700
    put = [r for r in quiet.requests(mutating="true") if r["path"].endswith("/runners/8")][-1]
    assert set(put["body"]) == {"maximum_timeout"}


def test_a_script_that_was_edited_since(quiet: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("fix_tags", "-y", TAG_VERIFICATION_SECONDS="1")
    assert code == 0, output
    name = "runner-tag-enforcer-script"
    text = quiet.object("ConfigMap", name)["data"]["enforce.sh"]
    edited = {"enforce.sh": text.replace("set -u", "set -eu")}
    quiet.fault(action="patch_object", kind="ConfigMap", name=name, patch={"data": edited})
    sent = quiet.mutations()
    code, output = undo(pyinfra, last(pyinfra), "-y", *APPROVAL)
    assert code == 4, output
    assert 'data.enforce.sh: line 3: then "set -u", now "set -eu"' in output
    assert quiet.mutations() == sent


def edited(runs: Path, record: str) -> None:
    file = runs / record / "record.json"
    file.write_text(file.read_text().replace('"node6-macos-arm"', '"node6"'))


def reordered(runs: Path, record: str) -> None:
    file = runs / record / "record.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "sequence": 2}))


def without_its_chain(runs: Path, record: str) -> None:
    (runs / "chain.json").unlink()


def of_another_site(runs: Path, record: str) -> None:
    """As of a record that another GitLab's run has left, in a chain of its own."""
    file = runs / record / "record.json"
    document = json.loads(file.read_text())
    for change in document["changes"]:
        change["endpoint"] = "https://gitlab.example.org"
    file.write_text(json.dumps({**document, "sequence": None, "previous": None}))
    (runs / "chain.json").unlink()


def of_an_earlier_version(runs: Path, record: str) -> None:
    file = runs / record / "record.json"
    document = json.loads(file.read_text())
    del document["changes"]
    file.write_text(json.dumps({**document, "sequence": None, "previous": None}))
    (runs / "chain.json").unlink()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (edited, "was edited (`runs verify`)"),
        (reordered, "was edited (`runs verify`)"),
        (of_another_site, "the record is of https://gitlab.example.org, and this is https://"),
        (of_an_earlier_version, "it is of an earlier version, which kept nothing that takes"),
    ],
)
def test_a_record_that_is_not_of_this_site_or_not_what_it_was(
    quiet: Lab, pyinfra: Pyinfra, record: str, runs: Path,
    damage: Callable[[Path, str], None], words: str,
) -> None:  # fmt: skip
    damage(runs, record)
    sent = quiet.mutations()
    code, output = undo(pyinfra, record, "-y")
    assert code == 1, output
    assert words in output
    assert "Traceback" not in output
    assert quiet.mutations() == sent


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("", "name the record to undo: --data record=NUMBER"),
        ("last", "name the record to undo: --data record=NUMBER"),
        ("7", "there is no record 7 in "),
        ("nothing", "there is no record nothing in "),
    ],
)
def test_a_record_has_to_be_named(lab: Lab, pyinfra: Pyinfra, which: str, words: str) -> None:
    code, output = undo(pyinfra, which, "-y")
    assert code == 1, output
    assert words in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def test_it_is_named_by_its_number_or_its_path(
    quiet: Lab, pyinfra: Pyinfra, record: str, runs: Path
) -> None:
    for which in ("1", record[-6:], str(runs / record), str(runs / record / "record.json")):
        code, output = undo(pyinfra, which, "--dry")
        assert code == 0, output
        assert "Pending: 1 operation of undo" in output


def test_hosts_that_were_not_changed_are_not_asked_for(
    quiet: Lab, pyinfra: Pyinfra, record: str
) -> None:
    code, output = undo(pyinfra, record, "--dry", "--limit", "operator")
    assert code == 1, output
    assert "no such host" in output


def test_a_run_that_was_killed(quiet: Lab, pyinfra: Pyinfra, runs: Path) -> None:
    """What it has done is undone; of what got no answer the site says whether it was done."""
    before = state(quiet)
    hanging = {"system": "gitlab", "method": "PUT", "seconds": 3600, "times": -1}
    quiet.fault(**hanging, path="/runners/7$", action="apply_then_hang")
    quiet.fault(**hanging, path="/runners/8$", action="timeout")
    process = pyinfra.start(*SET_TAGS, *PATIENT)
    wait_for(lambda: {n for n in TAGS if quiet.tags()[n] == TAGS[n]} == {*TAGS} - {8})
    wait_for(lambda: "/runners/8" in str(quiet.requests(mutating="true")))
    code, output = undo(pyinfra, last(pyinfra), "--dry", *APPROVAL)
    assert code == 1, output
    assert "its run still goes on" in output
    kill(process)
    quiet.ask("/faults", method="DELETE")

    code, output = undo(pyinfra, last(pyinfra), "-y", *APPROVAL)
    assert code == 0, output
    assert "was killed: what it has sent last is looked at" in output
    assert "tag_list: whether the run has changed it is not in its record, but it is" in output
    is_state(quiet, before)


def test_an_undo_that_is_killed_is_run_again(quiet: Lab, pyinfra: Pyinfra) -> None:
    before = state(quiet)
    code, output = pyinfra.run(*SET_TAGS)
    assert code == 0, output
    record = last(pyinfra)
    quiet.fault(
        system="gitlab", method="PUT", path="/runners/8$", action="timeout", seconds=3600, times=-1
    )
    arguments = ("inventory.py", "deploys/undo.py", "-y", "--data", f"record={record}")
    process = pyinfra.start(*arguments, *APPROVAL, *PATIENT)
    wait_for(lambda: {n for n in TAGS if quiet.tags()[n] == TAGS[n]} - {6, 15, 16} == {8})
    kill(process)
    quiet.ask("/faults", method="DELETE")
    sent = len(quiet.mutations())
    code, output = undo(pyinfra, record, "-y", *APPROVAL)
    assert code == 0, output
    is_state(quiet, before)
    assert quiet.mutations()[sent:] == ["PUT /api/v4/runners/8"]
