"""A clone runs with its own environment and settings, from whatever folder it is started."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab_process import ROOT, SCRIPT, Lab, Pyinfra
from limits import LIMIT

JOB = ("inventory.py", "deploys/fix_tags.py", "--dry")


@pytest.fixture
def pyinfra(lab: Lab, tmp_path: Path) -> Pyinfra:
    """pyinfra as an operator starts it: where it finds what it imports is what is tested."""
    return Pyinfra(lab.environment, tmp_path)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another clone, for which nothing was set up."""
    clone = tmp_path / "other clone"
    for folder in ("ops", "deploys", "group_data"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, clone / folder, ignore=ignored)
    for file in ("config.py", "inventory.py"):
        shutil.copy(ROOT / file, clone)
    return clone


def refusal(lab: Lab, pyinfra: Pyinfra, *arguments: str, **environment: str) -> str:
    """Return the line with which a run ends before it has sent anything."""
    code, output = pyinfra.run(*arguments, **environment)
    assert code == 1, output
    assert "Traceback" not in output
    assert lab.requests() == []
    *before, line = output.partition("\n\nRefused: ")[0].splitlines()
    assert all(text.startswith("--> Loading") for text in before), output
    return line


@pytest.mark.parametrize("path", ["", str(ROOT)], ids=["own ops", "ops of the other one"])
def test_the_environment_of_another_clone_is_refused(
    lab: Lab, pyinfra: Pyinfra, other: Path, path: str
) -> None:
    line = refusal(lab, pyinfra, "--chdir", str(other), *JOB, PYTHONPATH=path)
    assert f"{other} is not the clone that {sys.prefix} is for ({ROOT})" in line
    assert f"run `make setup` and `. .venv/bin/activate` in {other}" in line


def test_an_inventory_from_elsewhere_is_refused(lab: Lab, pyinfra: Pyinfra, other: Path) -> None:
    line = refusal(lab, pyinfra, str(other / "inventory.py"), *JOB[1:])
    assert f"pyinfra --chdir '{other}' inventory.py" in line


def test_from_another_folder_it_says_how_to_run_it(
    lab: Lab, pyinfra: Pyinfra, tmp_path: Path
) -> None:
    paths = [str(ROOT / path) for path in JOB[:2]]
    line = refusal(lab, pyinfra, "--chdir", str(tmp_path), *paths, "--dry")
    assert f"config.py of {ROOT} is not loaded" in line
    assert f"pyinfra --chdir {ROOT} inventory.py" in line


def test_it_runs_from_cron(lab: Lab) -> None:
    """There is no home and no terminal, another folder, and only the system's programs."""
    done = subprocess.run(
        [str(SCRIPT), "--chdir", str(ROOT), *JOB],
        cwd="/",
        env={**lab.environment, "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout
    assert "[@gitlab/runners/17] tag_list: {} -> {experiment, kubernetes}" in done.stdout
