"""What a person sees: the plan in order, its summary, 80 columns, colour on a terminal only."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lab_process import ROOT, Lab, Pyinfra
from limits import LIMIT
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


def test_the_plan_has_the_order_of_the_deploy(lab: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.deploy("fix_tags", "--dry")
    plan = output[output.index("--> Detected changes:") : output.index("--> Summary of changes:")]
    assert [line for line in lines(plan) if line in STEPS] == STEPS
    runners = re.findall(r"\[@gitlab/runners/(\d+)\] tag_list", plan)
    assert [int(number) for number in runners] == list(range(6, 18))


def test_the_summary_counts_each_class(lab: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.deploy("fix_tags", "--dry")
    summary = lines(output[output.index("--> Summary of changes:") :])
    rows = {re.split(r"  +", row)[0]: re.split(r"  +", row)[1:] for row in summary if "  " in row}
    assert rows["Operation"] == ["Change", "Conditional", "Unknown until run", "Check"]
    assert rows["Migration | Run it down and up"] == ["-", "-", "1", "-"]
    assert rows["Set the tags"] == ["12", "-", "-", "-"]
    assert rows["Prove that the tags last"] == ["-", "-", "-", "1"]
    assert rows["Set the enforcer's regular schedule"] == ["-", "1", "-", "-"]
    assert rows["Grand total"] == ["18", "3", "1", "1"]


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
    command = ("inventory.py", "deploys/fix_tags.py", "--json", *arguments)
    done = subprocess.run(
        [str(Path(sys.executable).with_name("pyinfra")), *command],
        cwd=ROOT,
        env=pyinfra.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [step["name"] for step in document["plan"]] == STEPS
    if arguments == ("-y",):
        assert document["results"]["totals"]["error"] == 0
    else:
        assert "[@gitlab/runners/6] tag_list: {} -> {kubernetes} (k8s-runner)" in done.stderr


def test_a_terminal_of_80_columns_is_enough(lab: Lab, pyinfra: Pyinfra) -> None:
    output = on_a_terminal(pyinfra, 80, "inventory.py", "deploys/fix_tags.py", "--dry")
    assert "\x1b[32m" in output
    plain = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", output).replace("\r\n", "\n")
    plan = plain[plain.index("--> Detected changes:") :]
    too_long = [line for line in plan.split("\n") if len(line.rpartition("\r")[2]) > 80]
    # Only a single word that is longer than a line may be.
    assert all(len(line.split()) == 1 for line in too_long), too_long
    assert "[@gitlab/runners/6] tag_list: {} -> {kubernetes} (k8s-runner)" in plan


def test_without_a_terminal_there_is_no_colour(lab: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.deploy("fix_tags", "--dry")
    assert "\x1b" not in output
