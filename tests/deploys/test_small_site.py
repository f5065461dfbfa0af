"""Every deploy in a copy in which only inventory.py and group_data/ are another site's."""

import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from another_site import Copy
from lab_process import ROOT, Lab

pytestmark = pytest.mark.long

WANTED = {
    3: {"amd64", "docker"},
    4: {"amd64", "docker"},
    5: {"arm64", "docker"},
    21: {"macos"},
    22: {"production", "shell"},
}
KEYS = ("SHOP_DB_PASSWORD", "SHOP_REGISTRY_TOKEN")
NOTHING = {
    "follow_experiment": "runner_pod",
    "kafka_config": "experiment_config",
    "verify_kafka_sasl": "kafka, kafka_user, kafka_secret",
    "revert_super_users": "kafka, kafka_broker",
    "experiment_rbac": "experiment_role",
}


@pytest.fixture
def copy(small: Lab, tmp_path: Path) -> Copy:
    return Copy(small.environment, tmp_path)


def deploy(copy: Copy, job: str, *arguments: str) -> tuple[int, str]:
    return copy.run("inventory.py", f"deploys/{job}.py", *arguments)


def must(copy: Copy, job: str, *arguments: str) -> str:
    code, output = deploy(copy, job, *arguments)
    assert code == 0, output
    return output


def tags_are_set(small: Lab) -> None:
    assert small.tags() == WANTED


def variables_are_right(small: Lab) -> None:
    live = {variable["key"]: variable for variable in small.project()["variables"]}
    for key in KEYS:
        assert live[key]["masked"]
        value = small.environment[key].encode()
        assert live[key]["digest"] == hashlib.sha256(value).hexdigest()


def a_complete_one_is_there(small: Lab) -> None:
    pipelines = small.pipelines()
    assert pipelines[902]["status"] == "canceled"
    assert pipelines[903]["source"] == "api"
    assert len(pipelines[903]["jobs"]) == 6


def stable_is_at_main(small: Lab) -> None:
    heads = small.heads("gitlab")
    assert heads["stable"] == heads["main"]


def runner_has_its_name(small: Lab) -> None:
    assert small.runners()[5]["description"] == "build-arm"
    tags_are_set(small)


def lint_was_taken(small: Lab) -> None:
    tags_are_set(small)
    assert small.jobs(902)["lint"]["runner"] in (3, 4, 5)


# job -> what must be so afterwards, and which requests have brought that about
JOBS: dict[str, tuple[Callable[[Lab], None], str]] = {
    "fix_tags": (tags_are_set, r"PUT /gitlab/api/v4/runners/\d+"),
    "ci_variables": (variables_are_right, r"(PUT|POST) /gitlab/api/v4/projects/42/variables.*"),
    "pipelines": (a_complete_one_is_there, r"POST /gitlab/api/v4/projects/42/pipeline.*"),
    "unblock_pipeline": (lint_was_taken, r"PUT /gitlab/api/v4/runners/\d+"),
    "sync_master": (stable_is_at_main, r"POST /gitlab/acme/web/shop\.git/git-receive-pack"),
    "restore_runners": (runner_has_its_name, r"PUT /gitlab/api/v4/runners/5"),
}


@pytest.mark.parametrize("job", JOBS)
def test_it_previews_runs_and_is_silent_then(small: Lab, copy: Copy, job: str) -> None:
    is_right, request = JOBS[job]
    if job == "restore_runners":
        must(copy, "fix_tags", "-y")
        output = must(copy, job, "-y")  # The newest snapshot is that of the empty tags.
        assert "had lost their tags when it was saved, so those stay" in output
        small.fault(action="describe_runner", runner=5, description="renamed")
    before = len(small.mutations())
    must(copy, job, "--dry")
    assert small.mutations()[before:] == []
    must(copy, job, "-y")
    sent = small.mutations()[before:]
    assert sent
    assert [line for line in sent if not re.fullmatch(request, line)] == []
    is_right(small)
    must(copy, job, "-y")
    assert small.mutations()[before:] == sent


def test_the_filter_of_another_file_and_job_is_widened(small: Lab, copy: Copy) -> None:
    must(copy, "widen_changes_filter", "--dry")
    assert small.mutations() == []
    before = small.heads("gitlab")["main"]
    output = must(copy, "widen_changes_filter", "-y")
    assert "ci/pipeline.yml" in output
    assert small.mutations() == ["POST /gitlab/api/v4/projects/42/repository/commits"]
    assert small.heads("gitlab")["main"] != before
    must(copy, "widen_changes_filter", "-y")
    assert len(small.mutations()) == 1


def test_without_enforcer_and_toolbox_it_is_said_what_is_proven(small: Lab, copy: Copy) -> None:
    output = must(copy, "fix_tags", "-y")
    assert "It is not repaired here, for the inventory has no toolbox" in output
    assert "So the repair comes first" not in output
    assert "all tags of 5 runners lasted for" in output
    output = must(copy, "fix_tags", "-y")
    assert "no enforcer hides a loss: nothing to do" in output
    assert "proven before" not in output


def test_tags_that_vanish_fail_the_proof_with_other_advice(small: Lab, copy: Copy) -> None:
    small.fault(action="set", tags_vanish_after=2)
    code, output = deploy(copy, "fix_tags", "-y")
    assert code == 1
    assert "5 of 5 runners lost tags:" in output
    assert "this run has not repaired it (no toolbox" in output
    assert "tag_repair=" not in output


@pytest.mark.parametrize("how", ["--dry", "-y"])
@pytest.mark.parametrize("job", NOTHING)
def test_a_job_with_nothing_to_act_on_says_so(small: Lab, copy: Copy, job: str, how: str) -> None:
    code, output = deploy(copy, job, how)
    assert code == 1
    text = f"deploys/{job}.py needs hosts of {NOTHING[job]}, and the inventory has none"
    [line] = [line for line in output.splitlines() if "pyinfra error" in line]
    assert line.endswith(f"{text}: nothing was done")
    assert "Traceback" not in output
    assert small.mutations() == []


def test_the_site_runs_what_there_is_and_notes_the_rest(small: Lab, copy: Copy) -> None:
    output = must(copy, "site", "--dry")
    assert small.mutations() == []
    for job, groups in NOTHING.items():
        note = f"deploys/{job}.py needs hosts of {groups}, and the inventory has none"
        assert output.count(note) == 1
    must(copy, "site", "-y")
    tags_are_set(small)
    variables_are_right(small)
    stable_is_at_main(small)
    sent = len(small.mutations())
    must(copy, "site", "-y")
    assert len(small.mutations()) == sent


def test_the_overview_shows_the_areas_that_there_are(small: Lab, copy: Copy) -> None:
    code, output = deploy(copy, "overview", "--dry")
    assert code == 1
    assert re.findall(r"^(\S.*): (?:ok|needs attention)$", output, re.MULTILINE) == [
        "Runners", "Pipelines of main", "CI/CD configuration", "Branches", "CI/CD variables",
    ]  # fmt: skip
    assert "could not be read" not in output
    must(copy, "site", "-y")
    code, output = deploy(copy, "overview", "--dry")
    assert code == 0, output
    assert "Nothing needs attention." in output


def test_the_kubernetes_api_is_reached_with_a_kubeconfig_alone(small: Lab, copy: Copy) -> None:
    code, output = copy.run("@pod/ci/app=build-1", "exec", "--", "echo", "hello")
    assert code == 0, output
    assert "[@pod/ci/app=build-1] hello" in output
    systems = {request["system"] for request in small.requests()}
    assert systems == {"kubernetes"}


def test_lists_of_several_pages_go_on_below_the_path(small: Lab, copy: Copy) -> None:
    """GitLab's links to the next page name the path as well."""
    body = json.dumps([{"key": f"FURTHER_{n}", "value": str(n)} for n in range(120)])
    copy.shell(
        f"""{sys.executable} - <<'END'
import gitlab, json, os
with gitlab.Gitlab(os.environ["GITLAB_URL"], private_token=os.environ["GITLAB_TOKEN"],
                   ssl_verify=os.environ["GITLAB_CA_FILE"]) as client:
    variables = client.projects.get(42, lazy=True).variables
    for variable in json.loads('{body}'):
        variables.create(variable)
END"""
    )
    must(copy, "ci_variables", "-y")
    variables_are_right(small)
    pages = {
        request["query"].get("page")
        for request in small.requests()
        if request["path"] == "/gitlab/api/v4/projects/42/variables" and request["method"] == "GET"
    }
    assert "2" in pages
    assert not [request["path"] for request in small.requests() if request["status"] == 501]


def test_the_walk_through_for_another_site(small: Lab, tmp_path: Path) -> None:
    """docs/adopt.md, command by command, in a copy that begins with this repository's inventory."""
    copy = Copy(small.environment, tmp_path, ROOT)
    text = (ROOT / "docs" / "adopt.md").read_text()
    commands = re.findall(r"^ {4}((?:cp|rm|pyinfra) .*)$", text, re.MULTILINE)
    assert len(commands) >= 14
    for command in commands:
        program, *arguments = command.split()
        if program != "pyinfra":
            copy.shell(command)
            continue
        preview = "--dry" in command or "debug-inventory" in command
        code, output = copy.run(*arguments, *([] if preview else ["-y"]))
        assert "Traceback" not in output
        if "overview" not in command:
            assert code == 0, output
    assert "Nothing needs attention." in output
    tags_are_set(small)
