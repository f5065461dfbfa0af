"""Where a run comes from: who, on which machine, which revision of this repository, with what."""

import os
import platform
import pwd
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("pyinfra", "python-gitlab", "kubernetes", "paramiko")
GIT_SECONDS = 20


def origin(folder: Path) -> dict[str, Any]:
    """Return the user, the machine, the revision and the versions, as a record has them.

    + folder: of this repository
    """
    user, machine = user_and_machine()
    return {
        "user": user,
        "host": machine,
        "revision": revision(folder),
        "versions": {"python": platform.python_version(), **{n: _version(n) for n in PACKAGES}},
    }


def user_and_machine() -> tuple[str, str]:
    """Return who runs this, and on which machine."""
    return _user(), platform.node()


def revision(folder: Path) -> dict[str, Any] | None:
    """Return the commit of a clone and whether its files are other ones; None where it is none."""
    commit = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain")
    if commit is None or changed is None:
        return None
    return {"commit": commit, "is_dirty": bool(changed)}


def _git(folder: Path, *arguments: str) -> str | None:
    # Without its optional locks it writes nothing, and several runs may ask at once. The monitor is
    # a program that the configuration of a clone may name.
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(folder)]
    try:
        # A hook that starts a run has GIT_DIR, which would lead to another project.
        local = subprocess.run(
            ["git", "rev-parse", "--local-env-vars"], capture_output=True, timeout=GIT_SECONDS
        )
        names = set(local.stdout.decode().split())
        environment = {name: value for name, value in os.environ.items() if name not in names}
        done = subprocess.run(
            [*command, *arguments], capture_output=True, timeout=GIT_SECONDS, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # As in a container.
        return str(os.getuid())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
