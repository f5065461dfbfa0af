import re
import subprocess
from pathlib import Path

import pytest
from pyinfra.api.exceptions import OperationValueError

from ops.gitlab.runners.losses import Losses, missing_tags
from ops.gitlab.runners.operations import mass_wipe
from ops.site.tag_repair.enforcer import environment, script
from ops.site.tag_repair.repairs import REPAIRS

VARIABLES = ("GITLAB_URL", "GITLAB_TOKEN")
OUTPUT = """\
migration 20241219100359 is up
main: == 20241219100359 RequeueBackfillCiRunnersPartitionedTable: reverting ===
main: == 20241219100359 RequeueBackfillCiRunnersPartitionedTable: reverted (0.80s) ===
main: == 20241219100359 RequeueBackfillCiRunnersPartitionedTable: migrating ===
main: == 20241219100359 RequeueBackfillCiRunnersPartitionedTable: migrated (0.81s) ===
"""


def matches(output: str) -> list[bool]:
    lines = output.splitlines()
    patterns = REPAIRS["requeue"].success_lines()
    return [any(re.search(pattern, line) for line in lines) for pattern in patterns]


def test_a_good_run_has_both_lines() -> None:
    assert matches(OUTPUT) == [True, True]


@pytest.mark.parametrize(
    "output",
    [
        "",
        OUTPUT.replace("migrated (", "migrating ("),
        "-- The migration is skipped since it modifies the schemas: [gitlab_ci]",
        OUTPUT.replace("RequeueBackfill", "OtherBackfill"),
    ],
)
def test_an_exit_code_of_zero_without_the_line_is_no_success(output: str) -> None:
    assert matches(output)[1] is False


@pytest.mark.parametrize(
    ("repair", "version", "refused"),
    [
        ("requeue", "17.7.9", True),
        ("requeue", "17.8.0", False),
        ("requeue", "17.9.2-ee", False),
        ("requeue", "17.10.0", True),
        ("requeue", "18.0.0", True),
        ("requeue", "unknown", True),
        ("force-copy", "17.8.6", True),
        ("force-copy", "18.1.0", False),
    ],
)
def test_the_version_gate(repair: str, version: str, refused: bool) -> None:
    assert bool(REPAIRS[repair].refusal(version)) is refused


@pytest.mark.parametrize("repair", REPAIRS)
def test_the_script_is_shell(repair: str) -> None:
    text = REPAIRS[repair].script("/srv/gitlab", "ci")
    subprocess.run(["sh", "-n", "-c", text], check=True)
    assert "db:migrate" in text


def test_losses_remember_the_first_time_and_make_a_table() -> None:
    wanted = {17: {"kubernetes", "experiment"}, 6: {"kubernetes"}}
    live = {
        17: {"description": "k8s-runner-4", "tag_list": ["kubernetes", "experiment"]},
        6: {"description": "k8s-runner", "tag_list": ["kubernetes"]},
    }
    losses = Losses(wanted)
    assert losses.observe(live, 0) == []
    live[17]["tag_list"] = ["kubernetes"]
    [line] = losses.observe(live, 12)
    assert line == "after 12 s runner 17 (k8s-runner-4) has lost {experiment}"
    assert losses.observe(live, 15) == []
    del live[6]
    [line] = losses.observe(live, 20)
    assert "the runner is gone" in line
    assert [row.split() for row in losses.table()[2:]] == [
        ["6", "k8s-runner", "{kubernetes}", "20", "s"],
        ["17", "k8s-runner-4", "{experiment}", "12", "s"],
    ]


def test_missing_tags_compare_as_sets_with_case() -> None:
    assert missing_tags({1: ["a", "b"]}, {1: {"tag_list": ["b", "a", "c"]}}) == {}
    assert missing_tags({1: ["Linux"]}, {1: {"tag_list": ["linux"]}}) == {1: {"Linux"}}


def test_a_mass_wipe_is_named_and_a_single_loss_is_not() -> None:
    wanted = {number: {"tag"} for number in range(1, 13)}
    live = {number: {"tag_list": []} for number in wanted}
    assert "12 of 12 runners" in (mass_wipe(wanted, live) or "")
    assert "524402" in (mass_wipe(wanted, live) or "")
    live |= {number: {"tag_list": ["tag"]} for number in range(2, 13)}
    assert mass_wipe(wanted, live) is None


@pytest.mark.parametrize("url", ["https://gitlab.example", "https://gitlab.example/gitlab"])
def test_the_enforcer_sets_every_runner_and_hides_the_token(tmp_path: Path, url: str) -> None:
    """Run the generated script with a curl that writes down its arguments and its stdin."""
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\necho "$@" >>"$0.arguments"\ncat >>"$0.stdin"\n[ "$1" ]\n')
    curl.chmod(0o755)
    variables = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "GITLAB_URL": url,
        "GITLAB_TOKEN": "canary-4711-value",
    }
    text = script({17: {"kubernetes", "experiment"}, 6: {"kubernetes"}}, *VARIABLES)
    subprocess.run(["sh", "-c", text], env=variables, check=True)
    arguments = (tmp_path / "curl.arguments").read_text().splitlines()
    assert [line.split()[-3:] for line in arguments] == [
        ["--data-urlencode", "tag_list=kubernetes", f"{url}/api/v4/runners/6"],
        [
            "--data-urlencode",
            "tag_list=experiment,kubernetes",
            f"{url}/api/v4/runners/17",
        ],
    ]
    assert "canary" not in "".join(arguments)
    assert 'PRIVATE-TOKEN: canary-4711-value"' in (tmp_path / "curl.stdin").read_text()


def test_a_variable_that_the_cron_job_does_not_set_is_refused_in_words() -> None:
    with pytest.raises(OperationValueError, match=r"no variable GITLAB_TOKEN, .*sets: GITLAB_URL"):
        script({6: {"a"}}, *VARIABLES, environment={"GITLAB_URL"})
    assert script({6: {"a"}}, *VARIABLES, environment=None)


def test_the_variables_of_a_cron_job() -> None:
    def cron_job(**container: object) -> dict[str, object]:
        template = {"spec": {"containers": [container]}}
        return {"spec": {"jobTemplate": {"spec": {"template": template}}}}

    assert environment(cron_job(env=[{"name": "A"}, {"name": "B"}])) == {"A", "B"}
    assert environment(cron_job()) == set()
    assert environment(cron_job(envFrom=[{"secretRef": {"name": "x"}}])) is None


def test_the_enforcer_goes_on_after_a_runner_that_fails() -> None:
    text = script({6: {"a"}, 17: {"b"}}, *VARIABLES)
    result = subprocess.run(
        ["sh", "-c", text],
        env={"PATH": "/bin:/usr/bin", "GITLAB_URL": "http://127.0.0.1:9", "GITLAB_TOKEN": "x"},
        capture_output=True,
    )
    assert result.returncode == 1
