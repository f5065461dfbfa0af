"""`detached.command` on a pod, on a machine over SSH and on this one."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, read_until, wait_for

TARGETS = ("toolbox", "control_node", "operator")
# Each run of the job adds a line to `runs`, which tells how often it ran.
COUNTED = "echo run >>runs; echo begun; sleep 2; echo all is done"
# This one ends when a test says so, however long the test takes to come that far.
HELD = "echo run >>runs; echo begun; until [ -e go ]; do sleep 0.05; done; echo all is done"


@dataclass
class Target:
    """A host of the inventory on which a job runs."""

    group: str
    lab: Lab
    pyinfra: Pyinfra

    def arguments(self, command: str, **settings: object) -> list[str]:
        values = "".join(f", {name}={value!r}" for name, value in settings.items())
        text = f"""
from ops.shell import detached
detached.command(name="Job", command={command!r}, job="test-job", interval=0.2{values})
"""
        return ["inventory.py", self.pyinfra.write(text), "--limit", self.group]

    def run(self, command: str, **settings: object) -> tuple[int, str]:
        return self.pyinfra.run(*self.arguments(command, **settings), "-y")

    def home(self) -> Path:
        """The home directory of the host, as a directory of this machine."""
        if self.group == "operator":
            return self.pyinfra.directory
        root = Path(self.lab.environment["KUBECONFIG"]).parent
        if self.group == "control_node":
            return root / "control-node" / "home"
        [home] = (root / "pods").glob("gitlab-toolbox-*/home")
        return home

    def file(self, name: str) -> str:
        path = self.home() / name
        return path.read_text() if path.exists() else ""


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, lab: Lab, pyinfra: Pyinfra) -> Target:
    # A command on @local starts where pyinfra does; a job starts at home, wherever it runs.
    return Target(request.param, lab, pyinfra)


JOB = ".local/state/detached/test-job"


def test_a_job_runs_once_and_its_output_is_shown(target: Target) -> None:
    command = f"cd; {COUNTED}"
    code, output = target.run(command, success=["^all is done$"])
    assert code == 0, output
    assert "| begun" in output
    assert "job test-job finished, exit code 0" in output
    code, output = target.run(command, success=["^all is done$"])
    assert code == 0, output
    assert "No changes" in output
    assert target.file("runs") == "run\n"
    code, output = target.run(command, success=["^all is done$"], again=True)
    assert code == 0, output
    assert target.file("runs") == "run\nrun\n"


def test_the_preview_starts_nothing(target: Target) -> None:
    code, output = target.pyinfra.run(*target.arguments("cd; echo x >started"), "--dry")
    assert code == 0, output
    assert "would start job test-job: cd; echo x >started" in output
    assert "would wait at most 3600 s for job test-job" in output
    assert not target.file("started")
    assert not (target.home() / ".local").exists()


def test_a_killed_run_attaches_again_and_starts_nothing_anew(target: Target) -> None:
    arguments = (*target.arguments(f"cd; {HELD}"), "-y")
    process = target.pyinfra.start(*arguments)
    wait_for(lambda: target.file("runs"))
    kill(process)
    process = target.pyinfra.start(*arguments)
    output = read_until(process, "| begun")
    (target.home() / "go").touch()
    output += process.communicate(timeout=LIMIT)[0]
    assert process.returncode == 0, output
    assert "start job" not in output
    assert "| all is done" in output
    assert target.file("runs") == "run\n"


def test_a_failed_job_says_so_and_starts_again(target: Target) -> None:
    command = "cd; echo run >>runs; echo why >&2; [ -e mended ]"
    code, output = target.run(command)
    assert code == 1
    assert "| why" in output
    assert re.search(r"job test-job failed: exit code 1\. Its output: \S+/test-job/log", output)
    (target.home() / "mended").touch()
    code, output = target.run(command)
    assert code == 0, output
    assert target.file("runs") == "run\nrun\n"
    # What the failed job left is kept.
    assert len(list((target.home() / JOB).parent.glob("test-job.*/log"))) == 1


def test_an_exit_code_of_zero_alone_is_no_success(target: Target) -> None:
    code, output = target.run("echo something else", success=["^all is done$"])
    assert code == 1
    assert "exit code 0, but no line of its output matches '^all is done$'" in output


def test_after_the_time_limit_the_job_still_runs(target: Target) -> None:
    code, output = target.run(f"cd; {COUNTED}", timeout=1)
    assert code == 1
    found = re.search(
        r"still runs after 1 s \(pid (\d+), output \S+/log; to stop it: (.*)\)", output
    )
    assert found
    assert found[2] == f"kill -- -{found[1]}"
    assert "It was not stopped. Run again to go on waiting." in output
    wait_for(lambda: target.file(f"{JOB}/exit"))
    assert target.file(f"{JOB}/exit") == "0\n"
    code, output = target.run(f"cd; {COUNTED}")
    assert code == 0, output
    assert target.file("runs") == "run\n"


def test_a_job_whose_process_was_killed_is_lost_and_starts_again(target: Target) -> None:
    command = "cd; echo run >>runs; [ $(wc -l <runs) -gt 1 ] || kill -9 $PPID"
    code, output = target.run(command)
    assert code == 1
    assert "job test-job is lost: its process is gone" in output
    code, output = target.run(command)
    assert code == 0, output
    assert target.file("runs") == "run\nrun\n"


def test_a_job_without_its_shell_still_runs(target: Target) -> None:
    """The shell around the command is killed; what it started goes on, and is waited for."""
    command = "cd; echo run >>runs; kill -9 $PPID; sleep 2; echo all is done"
    code, output = target.run(command)
    assert code == 1
    assert "| all is done" in output
    assert "job test-job is lost: its process is gone" in output
    assert target.file("runs") == "run\n"


def test_output_may_hold_any_bytes_and_end_without_a_newline(target: Target) -> None:
    code, output = target.run(r"printf 'caf\351\nall is done\nthe end'", success=["^all is done$"])
    assert code == 0, output
    assert "| caf\ufffd" in output
    assert "| the end" in output


def test_a_line_of_success_counts_wherever_it_stands(target: Target) -> None:
    command = "echo all is done; head -c 300000 /dev/zero | tr '\\0' 'x' | fold -w 100"
    code, output = target.run(command, success=["^all is done$"])
    assert code == 0, output
    assert output.count("x" * 100) == 3000
    code, output = target.run(command, success=["^all is done$"])
    assert "No changes" in output


def test_output_of_a_megabyte_comes_whole(target: Target) -> None:
    command = "i=0; while [ $i -lt 20000 ]; do echo line-$i-$(printf %040d 0); i=$((i+1)); done"
    code, output = target.run(command)
    assert code == 0, output
    numbers = re.findall(r"\| line-(\d+)-", output)
    assert [int(number) for number in numbers] == list(range(20000))


def test_a_wrong_id_is_refused_before_anything_starts(target: Target) -> None:
    text = """
from ops.shell import detached
detached.command(name="Job", command="true", job="../escape")
"""
    code, output = target.pyinfra.run(
        "inventory.py", target.pyinfra.write(text), "--limit", target.group, "-y"
    )
    assert code == 1
    assert "'../escape' is no job id" in output
