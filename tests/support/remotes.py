"""The two remotes of the project as git itself sees them: in the clone, and in what they serve."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from lab_process import Lab
from limits import LIMIT

REMOTES = ("gitlab", "github")


def run_git(directory: Path, *arguments: str) -> str:
    """Run git and return what it prints, to the byte."""
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments], capture_output=True, check=True, timeout=LIMIT
    )
    return done.stdout.decode()


def clone(lab: Lab) -> Path:
    return Path(lab.environment["OPERATOR_CLONE"])


def url(lab: Lab, remote: str) -> str:
    return run_git(clone(lab), "remote", "get-url", remote).strip()


def served(lab: Lab, remote: str) -> Path:
    """The bare repository that a remote serves."""
    return clone(lab).parent.parent / remote / urlsplit(url(lab, remote)).path.strip("/")


def file_of(lab: Lab, path: str, branch: str = "development") -> str:
    """The text of a file on GitLab."""
    return run_git(served(lab, "gitlab"), "show", f"{branch}:{path}")


def log_of(lab: Lab, since: str, branch: str = "development") -> list[str]:
    """The titles of the commits on GitLab since a commit, the newest first."""
    output = run_git(served(lab, "gitlab"), "log", "--format=%s", f"{since}..{branch}")
    return output.splitlines()


def somebody_commits(lab: Lab, path: str, text: str | None) -> None:
    lab.fault(action="commit", remote="gitlab", branch="development", files={path: text})
