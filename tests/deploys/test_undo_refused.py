"""deploys/undo.py: what has moved, and records that are not what they were."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from confirmed import run_confirmed
from documents import document_of
from lab_process import Lab, Pyinfra
from pipeline_site import someone
from rbac_site import NAME
from undo_site import APPROVAL, last, runners_have_some, undo

DESCRIBE = """
from pyinfra import host
from ops.gitlab import runners

if host.name in ("@gitlab/runners/7", "@gitlab/runners/8"):
    runners.runner(name="Describe it", description="described", maximum_timeout=700)
"""


@pytest.fixture
def quiet(undisturbed: Lab) -> Lab:
    """The site where nobody but the run changes anything, and no runner is without tags."""
    runners_have_some(undisturbed)
    return undisturbed


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


def test_what_moves_between_the_question_and_the_run_is_not_written_over(
    quiet: Lab, pyinfra: Pyinfra, record: str
) -> None:
    def somebody_changes_it() -> None:
        someone(quiet, "PUT", "/runners/8", {"description": "somebody's"})

    pyinfra.environment["UNDO_RECORD"] = record
    code, output = run_confirmed(pyinfra, "undo", somebody_changes_it)
    assert code == 4, output
    assert 'moved since that run: description: then "described", now "somebody\'s"' in output
    assert "Moved: the state is no longer that of the record, and undo ended there" in output
    assert quiet.runners()[8]["description"] == "somebody's"


def test_a_part_of_a_run_is_undone(quiet: Lab, pyinfra: Pyinfra, record: str) -> None:
    code, output = undo(pyinfra, record, "-y", "--limit", "@gitlab/runners/8")
    assert code == 0, output
    assert quiet.runners()[8]["description"] == "node6-macos-arm"
    assert quiet.runners()[7]["description"] == "described"


def test_a_host_that_the_inventory_has_no_longer_is_named(
    quiet: Lab, pyinfra: Pyinfra, record: str
) -> None:
    hosts = "@gitlab/runners/8,@gitlab/runners/9"
    code, output = pyinfra.run(hosts, "deploys/undo.py", "-y", "--data", f"record={record}")
    assert code == 0, output
    assert "[@gitlab/runners/7] not undone: it is in no inventory of this run" in output
    assert quiet.runners()[8]["description"] == "node6-macos-arm"
    assert quiet.runners()[7]["description"] == "described"


def test_a_binding_that_somebody_has_changed_since_is_not_deleted(
    bare: Lab, undisturbed: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    record = last(pyinfra)
    subjects = undisturbed.object("RoleBinding", NAME)["subjects"]
    more = [*subjects, {**subjects[0], "name": "another"}]
    which = {"kind": "RoleBinding", "name": NAME, "namespace": "databases"}
    undisturbed.fault(action="patch_object", **which, patch={"subjects": more})
    sent = undisturbed.mutations()
    code, output = undo(pyinfra, record, "-y")
    assert code == 4, output
    assert "moved since that run: subjects: then " in output
    assert undisturbed.mutations() == sent

    undisturbed.fault(action="patch_object", **which, patch={"subjects": subjects})
    undisturbed.fault(action="delete_object", **which)
    code, output = undo(pyinfra, record, "-y")
    assert code == 0, output
    deleted = [r for r in undisturbed.requests(mutating="true") if r["method"] == "DELETE"]
    assert deleted == []


def test_where_no_records_are_kept(quiet: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.environment["RECORD_DIRECTORY"] = ""
    code, output = undo(pyinfra, "1", "-y")
    assert code == 1, output
    assert "record 1: record_directory is empty, so there are no records: name its path" in output
    assert quiet.mutations() == []
