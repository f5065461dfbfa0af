"""What a person sees: the plan in order, its summary, 80 columns, colour on a terminal only."""

import json
import re

import pytest
from lab_process import Lab, Pyinfra
from terminal import on_a_terminal

STEPS = [
    "Save all runner settings",
    "Migration | Record the start",
    "Migration | Keep the pod from eviction",
    "Migration | Run it down and up",
    "Migration | Let the pod be evicted again",
    "Migration | Record the end",
    "Write the enforcer's script",
    "Suspend the enforcer",
    "Set the tags",
    "Prove that the tags last",
    "Set the enforcer's regular schedule",
    "Record what the proof rests on",
]


def lines(output: str) -> list[str]:
    return [line.strip() for line in output.splitlines()]


def names(plan: list[str]) -> list[str]:
    """The operations of a plan, without what follows their names."""
    return [
        name for line in plan for name in STEPS if re.match(rf"{re.escape(name)}( [(\[]|:|$)", line)
    ]


def test_the_plan_has_the_order_of_the_deploy_and_goes_to_stdout(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    _, output, errors = pyinfra.streams("inventory.py", "deploys/fix_tags.py", "--dry")
    plan = output.splitlines()[output.splitlines().index("Plan:") :]
    assert names(plan) == STEPS
    runners = re.findall(r"\[@gitlab/runners/(\d+)\] tag_list", output)
    assert [int(number) for number in runners] == list(range(6, 18))
    assert len((output + errors).splitlines()) <= 60
    assert "tag_list" not in errors
    assert "18 hosts: Connected" in errors
    assert "--> Connecting" not in errors
    assert "may not include every change" not in errors
    assert plan[-2].startswith("Pending: 11 operations of fix_tags, ")
    assert plan[-1] == "next:     pyinfra inventory.py deploys/fix_tags.py"


def test_with_v_nothing_is_left_out(lab: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.deploy("fix_tags", "--dry", "-v")
    assert 'would PUT /runners/6 {"tag_list": ["kubernetes"]}' in output
    assert "+exit $failed" in output
    assert "more lines" not in output
    summary = lines(output[output.index("Summary of changes:") :])
    rows = {re.split(r"  +", row)[0]: re.split(r"  +", row)[1:] for row in summary if "  " in row}
    assert rows["Operation"] == ["Change", "Conditional", "Unknown until run", "Check"]
    assert rows["Migration | Run it down and up"] == ["-", "-", "1", "-"]
    assert rows["Set the tags"] == ["12", "-", "-", "-"]
    assert rows["Prove that the tags last"] == ["-", "-", "-", "1"]
    assert rows["Set the enforcer's regular schedule"] == ["-", "1", "-", "-"]
    assert rows["Grand total"] == ["18", "3", "1", "1"]


def test_a_program_is_told_that_changes_are_pending(lab: Lab, pyinfra: Pyinfra) -> None:
    wanted = ("fix_tags", "--dry", "--limit", "runners")
    assert pyinfra.deploy(*wanted)[0] == 0
    assert pyinfra.deploy(*wanted, "--data", "detailed_exit_code=true")[0] == 2
    assert pyinfra.deploy(*wanted, DETAILED_EXIT_CODE="1")[0] == 2
    assert lab.mutations() == []
    lab.fault(action="set", loss_delay=3600)
    assert pyinfra.deploy(*wanted[:1], "-y", *wanted[2:])[0] == 0
    code, output = pyinfra.deploy(*wanted, DETAILED_EXIT_CODE="1")
    assert code == 0, output
    assert "No changes: all that fix_tags looks after is as wanted" in output


def test_the_plan_so_far_is_shown_when_a_host_stops_the_run(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=17, tags=["extra"])
    code, output = pyinfra.deploy("fix_tags", "--dry", "--limit", "runners")
    assert code == 1
    assert "this would take away {extra}" in output
    assert "[@gitlab/runners/6] tag_list: {} -> {kubernetes} (k8s-runner)" in lines(output)


def test_hosts_without_a_part_are_shown_only_when_asked_for(lab: Lab, pyinfra: Pyinfra) -> None:
    arguments = ("fix_tags", "-y", "--limit", "@gitlab/runners/6", "--limit", "project")
    _, quiet = pyinfra.deploy(*arguments)
    assert "Skipped" not in quiet
    lab.reset()
    _, verbose = pyinfra.deploy(*arguments, "-v")
    assert "Skipped" in verbose


@pytest.mark.parametrize("arguments", [("--dry",), ("-y",)])
def test_json_goes_to_stdout_alone(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]) -> None:
    code, output, errors = pyinfra.streams(
        "inventory.py", "deploys/fix_tags.py", "--json", *arguments
    )
    assert code == 0, errors
    document = json.loads(output)
    assert [step["operation"] for step in document["plan"]] == STEPS
    if arguments == ("-y",):
        assert "failed" not in [result["outcome"] for result in document["results"]]
    else:
        assert "[@gitlab/runners/6] tag_list: {} -> {kubernetes} (k8s-runner)" in errors


def test_a_terminal_of_80_columns_is_enough(lab: Lab, pyinfra: Pyinfra) -> None:
    output = on_a_terminal(pyinfra, 80, "inventory.py", "deploys/fix_tags.py", "--dry")
    assert "\x1b[32m" in output
    plain = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", output).replace("\r\n", "\n")
    plan = plain[plain.index("Plan:") :]
    too_long = [line for line in plan.split("\n") if len(line.rpartition("\r")[2]) > 80]
    # Only a single word that is longer than a line may be.
    assert all(len(line.split()) == 1 for line in too_long), too_long
    assert "[@gitlab/runners/6] tag_list: {} -> {kubernetes} (k8s-runner)" in plan


def test_without_a_terminal_there_is_no_colour(lab: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.deploy("fix_tags", "--dry")
    assert "\x1b" not in output
