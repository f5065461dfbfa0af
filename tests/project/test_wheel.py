"""The wheel has every file of ops and lab, and the practice site runs out of it."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lab_process import ROOT
from limits import LIMIT

pytestmark = pytest.mark.site


def tracked(*paths: str) -> list[str]:
    """Return what git tracks below some paths."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *paths]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("this is no git repository, which knows the files that belong to it")
    return [path for path in done.stdout.split("\0") if path and (ROOT / path).exists()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the tracked files, built outside of the repository: setuptools leaves a cache."""
    directory = tmp_path_factory.mktemp("wheel")
    for path in tracked("ops", "lab", "pyproject.toml", "README.md", "LICENSE"):
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, directory / path)
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(directory / "dist"), str(directory))
    [built] = (directory / "dist").glob("*.whl")
    return built


def pip(command: str, *arguments: str) -> None:
    """Run pip without a registry."""
    settings = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    run = [sys.executable, "-m", "pip", command, *settings, *arguments]
    subprocess.run(run, check=True, timeout=120)


def test_the_wheel_has_the_files_of_ops_and_lab_and_no_others(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licenses = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    assert any(name.endswith("/project/.gitlab-ci.yml") for name in names)
    assert names == set(tracked("ops", "lab"))
    assert licenses


def test_the_practice_site_runs_out_of_the_wheel(wheel: Path, tmp_path: Path) -> None:
    pip("install", "--target", str(tmp_path / "installed"), str(wheel))
    where = f"import lab; assert lab.__file__.startswith({str(tmp_path)!r}), lab.__file__"
    done = subprocess.run(
        [sys.executable, "-m", "lab", "run", "--", sys.executable, "-c", where],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
