"""The rules of a CI job: `if:` expressions, `changes:` globs and `when:`.

After https://docs.gitlab.com/ci/jobs/job_rules/ and lib/gitlab/ci/build/rules/.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.gitlab.ci.expressions import evaluate
from lab.gitlab.ci.globs import TooMany, matches

# With more comparisons than this, GitLab takes it that something has changed.
MOST_COMPARISONS = 50_000
NAME = r"[A-Za-z_]\w*"
REFERENCE = re.compile(rf"\$({NAME})|\$\{{({NAME})\}}|%({NAME})%", re.ASCII)


@dataclass(frozen=True)
class Context:
    """What rules look at.

    + changed: the paths that a push has changed; None where there was no push, and then
      `changes:` is true
    """

    variables: Mapping[str, str]
    changed: list[str] | None = None


@dataclass(frozen=True)
class Verdict:
    """What the first rule that applies says; `when` is None where the job's own one holds."""

    when: str | None
    allow_failure: bool | None = None


def judge(rules: list[dict[str, Any]], context: Context) -> Verdict | None:
    """Return the verdict of the first rule that applies, or None where none does."""
    for rule in rules:
        if rule.get("if") is not None and not evaluate(rule["if"], context.variables):
            continue
        if "changes" in rule and not _touches(rule["changes"], context):
            continue
        return Verdict(rule.get("when"), rule.get("allow_failure"))
    return None


def _touches(changes: Any, context: Context) -> bool:
    listed = changes.get("paths", []) if isinstance(changes, dict) else changes
    if context.changed is None:
        return True
    globs = {_with_values(glob, context.variables) for glob in listed}
    if len(globs) * len(context.changed) > MOST_COMPARISONS:
        return True
    try:
        return any(matches(glob, path) for glob in globs for path in context.changed)
    except (
        TooMany
    ):  # Only the values of variables can bring it about: the linter looks at the rest.
        return True


def _with_values(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with the values of variables; the name of one that is not set stays."""

    def value(found: re.Match[str]) -> str:
        return variables.get(found[1] or found[2] or found[3], found[0])

    return REFERENCE.sub(value, text)


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """Return a name with the values of variables; one that is not set leaves nothing.

    lib/expand_variables.rb in https://gitlab.com/gitlab-org/gitlab
    """
    return REFERENCE.sub(lambda found: variables.get(found[1] or found[2] or found[3], ""), text)
