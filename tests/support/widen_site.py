"""What the tests of widen_changes_filter share."""

import difflib

from lab_process import Lab
from remotes import file_of, log_of

FILE = ".gitlab-ci.yml"
TITLE = "Run experiment:build for changes of further paths"
# experiment:build and :upload-results share one; :preflight, :reset, what the databases extend.
ADDED = 4 * [
    '        - "k8s/**/*"\n',
    '        - "src/cpp/config.example.json"\n',
    '        - "scripts/reset/**/*"\n',
]
COMMITS = "POST /api/v4/projects/280/repository/commits"
LINT = {"system": "gitlab", "method": "POST", "path": "/ci/lint$"}


def differing(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] != " "]


def is_done(lab: Lab, start: str, text: str) -> None:
    """One commit, and its only difference to a text are the new lines."""
    assert log_of(lab, start)[0] == TITLE
    assert log_of(lab, start).count(TITLE) == 1
    assert differing(text, file_of(lab, FILE)) == [f"+ {line}" for line in ADDED]
