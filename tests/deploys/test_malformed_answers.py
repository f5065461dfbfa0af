"""An answer of another form is one line of its host, without a value of it, and no traceback."""

import json
from typing import Any

import pytest
from lab_process import Lab, Pyinfra

SECRET = "canary-of-an-answer"
RUNNER_FACT = ("fact", "ops.gitlab.facts.runners.Runner")

READ = """
from pyinfra import host
from ops.api.operation import operation, read
from ops.gitlab.facts.runners import Runner

@operation
def look():
    live = read(host, Runner)
    if host.name == "@gitlab/runners/17" and {fault}:
        int(live["description"])
    yield from ()
    host.noop("looked at " + str(live["id"]))

look(name="Look")
"""


def about(output: str, host: str) -> list[str]:
    return [line for line in output.splitlines() if line.strip().startswith(f"[{host}]")]


def nodes(lab: Lab, **changed: Any) -> dict[str, Any]:
    """The answer about all runners, in which the fields of runner 17 are changed."""
    names = {"tag_list": "tagList", "run_untagged": "runUntagged"}
    found = [
        {
            **{names.get(name, name): runner[name] for name in ("tag_list", "paused", "locked")},
            **{"id": f"gid://gitlab/Ci::Runner/{number}", "status": "ONLINE"},
            **{"description": runner["description"], "accessLevel": "NOT_PROTECTED"},
            **{"runUntagged": runner["run_untagged"], "maximumTimeout": None},
            **{"maintenanceNote": None, "contactedAt": None},
            **(changed if number == 17 else {}),
        }
        for number, runner in lab.runners().items()
    ]
    page = {"hasNextPage": False, "endCursor": None}
    return {"data": {"runners": {"nodes": found, "pageInfo": page}}}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tag_list": None}, "Expected array, got null - at $.tag_list"),
        ({"tag_list": [SECRET, 5]}, "Expected str, got int - at $.tag_list[1]"),
        ({"paused": SECRET}, "Expected bool, got str - at $.paused"),
        ({"id": SECRET}, "Expected int, got str - at $.id"),
    ],
)
def test_a_runner_of_another_form_is_said_and_the_others_are_read(
    lab: Lab, pyinfra: Pyinfra, changed: dict[str, Any], message: str
) -> None:
    runner = {**lab.runners()[17], "id": 17, **changed}
    # Connecting reads all runners at once, and each one by itself where that says too little.
    bad = nodes(lab, tagList=None)
    lab.fault(system="gitlab", path="graphql", action="malformed", body=bad, times=-1)
    lab.fault(system="gitlab", path="/runners/17$", action="malformed", body=runner, times=-1)
    _, output = pyinfra.run("inventory.py", *RUNNER_FACT, "--limit", "runners")
    [line] = [line for line in about(output, "@gitlab/runners/17") if "unknown form" in line]
    assert message in line
    assert "the answer for Runner has" in line
    assert output.count("unknown form") == 1
    assert output.count('"tag_list"') == 11  # of the others
    assert SECRET not in output
    assert "Traceback" not in output


def test_no_write_follows_from_tags_that_are_null(lab: Lab, pyinfra: Pyinfra) -> None:
    bad = nodes(lab, tagList=None)
    lab.fault(system="gitlab", path="graphql", action="malformed", body=bad, times=-1)
    lab.fault(
        system="gitlab", path="/runners/17$", method="GET", action="malformed", times=-1,
        body={**lab.runners()[17], "id": 17, "tag_list": None},
    )  # fmt: skip
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 1
    assert "PUT /api/v4/runners/17" not in lab.mutations()
    assert "Expected array, got null" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("option", ["--dry", "-y"])
def test_a_fault_of_the_program_is_one_line_of_its_host(
    lab: Lab, pyinfra: Pyinfra, option: str
) -> None:
    deploy = pyinfra.write(READ.format(fault=True))
    code, output = pyinfra.run("inventory.py", deploy, "--limit", "runners", option)
    assert code == 1
    line, *_ = [line for line in output.splitlines() if "fault of this" in line]
    assert "@gitlab/runners/17" in line
    assert "ValueError" in line
    assert "Traceback" not in output
    assert "invalid literal" not in output  # The text would have the value.
    assert lab.mutations() == []


def test_the_preview_goes_on_for_the_others_and_verbose_shows_the_way(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    deploy = pyinfra.write(READ.format(fault=True))
    code, output = pyinfra.run("inventory.py", deploy, "--limit", "runners", "--dry", "-v")
    assert code == 1
    assert len([line for line in output.splitlines() if "looked at" in line]) == 11
    assert 'deploy.py", line' in output
    assert "invalid literal" not in output  # The text would have the value.


def test_a_list_without_items_is_said_by_a_pod(lab: Lab, pyinfra: Pyinfra) -> None:
    pods = {"kind": "PodList", "items": [{"metadata": {"name": SECRET, "labels": 5}}]}
    lab.fault(system="kubernetes", path="/pods$", action="malformed", body=pods, times=-1)
    code, output = pyinfra.run(
        "@pod/gitlab/app=toolbox", "exec", "--data", "kubernetes_via=", "--", "true"
    )
    assert code == 1
    [line] = about(output, "@pod/gitlab/app=toolbox")
    assert "an answer of unknown form (Expected object | null, got int - at $.items[0]" in line
    assert SECRET not in output


def test_an_object_of_another_form_keeps_no_other_from_being_read(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    odd = {"kind": "CronJob", "metadata": {"annotations": {"a": {"b": SECRET}}}}
    lab.fault(system="kubernetes", path="runner-tag-enforcer$", action="malformed", body=odd,
              times=-1)  # fmt: skip
    _, output = pyinfra.run(
        "inventory.py", "fact", "ops.kubernetes.facts.Object", "--limit", "enforcer",
        "--limit", "enforcer_script",
    )  # fmt: skip
    assert output.count("unknown form") == 1
    assert "Expected str, got object - at $.metadata.annotations" in output
    assert '"kind": "ConfigMap"' in output
    assert SECRET not in output
    assert "Traceback" not in output


@pytest.mark.parametrize("option", ["--dry", "-y"])
def test_a_snapshot_that_cannot_be_written_is_said_before_anything_is_changed(
    lab: Lab, pyinfra: Pyinfra, option: str
) -> None:
    file = pyinfra.directory / "file"
    file.write_text("")
    given = ("--data", f"snapshot_directory={file}/snapshots")
    code, output = pyinfra.run("inventory.py", "deploys/fix_tags.py", *given, option)
    assert code == 1
    [line] = [line for line in output.splitlines() if "cannot be written" in line]
    assert "is no directory" in line
    assert "name another one" in line
    assert "@gitlab" in line
    assert lab.mutations() == []
    assert "Traceback" not in output


def test_what_a_library_lacks_is_named(lab: Lab, pyinfra: Pyinfra) -> None:
    """A kubeconfig may name a plugin whose package is not there."""
    text = """
from pyinfra import host
from ops.api.action import Action
from ops.api.operation import operation

@operation
def go():
    def work(state, host):
        import no_such_package
    yield Action("use a package", work)

go(name="Go")
"""
    code, output = pyinfra.run("@gitlab", pyinfra.write(text), "-y")
    assert code == 1
    assert "use a package -> the Python package no_such_package is missing: install it" in output
    assert "Traceback" not in output


def test_the_answers_of_this_file_are_those_of_the_lab(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", path="graphql", action="malformed", body=nodes(lab), times=1)
    code, output = pyinfra.run(
        "inventory.py", *RUNNER_FACT, "--limit", "@gitlab/runners/17", "--json"
    )
    assert code == 0, output
    [found] = json.loads(output[output.index("{") : output.rindex("}") + 1]).values()
    assert found["@gitlab/runners/17"]["tag_list"] == []
