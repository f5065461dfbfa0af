"""`only` and `except`, which decide about jobs without rules (deprecated, and still in use).

https://docs.gitlab.com/ci/yaml/deprecated_keywords/, lib/gitlab/ci/build/policy/ in
https://gitlab.com/gitlab-org/gitlab
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.gitlab.ci.condition import holds
from ops.gitlab.ci.expression import Malformed, Pattern
from ops.gitlab.ci.matching import changed_matches
from ops.gitlab.ci.start import Start

# Where a job says nothing, and the workflow has no rules.
_DEFAULT = ["branches", "tags"]


def allows(job: Mapping[str, Any], start: Start, has_workflow_rules: bool) -> bool | None:
    """Return whether `only` and `except` let a job into a pipeline; None where that is undecided.

    + job: its keywords, without rules
    + start: what starts the pipeline
    + has_workflow_rules: whether the workflow has rules, and jobs no `only` by default
    """
    only = job.get("only")
    if only is None:
        only = {} if has_workflow_rules else {"refs": _DEFAULT}
    elif isinstance(only, Mapping):
        only = {"refs": _DEFAULT, **only}
    wanted = list(_satisfied(only, start))
    kept_out = list(_satisfied(job.get("except") or {}, start))
    if False in wanted or True in kept_out:
        return False
    return None if None in (*wanted, *kept_out) else True


def _satisfied(policy: Any, start: Start) -> Iterator[bool | None]:
    parts = policy if isinstance(policy, Mapping) else {"refs": policy}
    for kind, value in parts.items():
        if kind == "changes":
            yield changed_matches(value, start)
            continue
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or kind not in ("refs", "variables"):
            yield None
            continue
        decide = _is_of if kind == "refs" else _holds
        yield _any({decide(one, start) for one in values})


def _any(found: set[bool | None]) -> bool | None:
    if True in found:
        return True
    return None if None in found else False


def _holds(condition: Any, start: Start) -> bool | None:
    return holds(condition, start.known())


def _is_of(ref: Any, start: Start) -> bool | None:
    """Return whether a pipeline is of a kind: of branches, of a source, of a branch."""
    if not isinstance(ref, str) or "@" in ref:
        return None  # After the @ is the path of a project.
    plural = f"{start.source}{'es' if start.source.endswith('sh') else 's'}"
    if ref in ("branches", start.source, plural, start.branch):
        return True
    if not ref.startswith("/"):
        return False
    try:
        return Pattern(ref).is_in(start.branch)
    except (Malformed, UnicodeError):
        return None
