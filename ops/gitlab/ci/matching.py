"""Whether a rule of a job or of the workflow matches: its `if`, `changes` and `exists`.

All of them have to; what is not known is not guessed.
lib/gitlab/ci/build/rules/rule/clause/ in https://gitlab.com/gitlab-org/gitlab
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.gitlab.ci.condition import holds
from ops.gitlab.ci.configuration import changes_of
from ops.gitlab.ci.globs import any_matches, matches
from ops.gitlab.ci.start import Start, Unread, with_values

MOST_GLOBS = 50  # More make the whole configuration invalid.
# Here GitLab takes it that a file exists.
_MOST_LOOKED_FOR = 10_000


def rule_matches(rule: Mapping[str, Any], start: Start) -> bool | None:
    """Return whether a rule matches, or None where that cannot be decided.

    + rule: its keywords
    + start: what starts the pipeline
    """
    condition = condition_holds(rule, start)
    if condition is False:
        return False
    return both(condition, files_match(rule, start))


def condition_holds(rule: Mapping[str, Any], start: Start) -> bool | None:
    """Return whether the `if` of a rule is true; a rule without one has no condition."""
    return holds(rule["if"], start.known()) if "if" in rule else True


def files_match(rule: Mapping[str, Any], start: Start) -> bool | None:
    """Return whether `changes` and `exists` of a rule match."""
    changed = _has_changed(rule, start) if "changes" in rule else True
    return both(changed, _exists(rule["exists"], start) if "exists" in rule else True)


def both(one: bool | None, other: bool | None) -> bool | None:
    """Return whether both are true, as far as that is known."""
    if one is False or other is False:
        return False
    return True if one and other else None


def changed_matches(globs: Any, start: Start) -> bool | None:
    """Return whether GitLab sees a change of one of some globs."""
    if start.changed is None:
        return True
    if isinstance(start.changed, Unread) or not _are_texts(globs):
        return None
    if not start.changed or not globs:
        return False
    known, is_partly_known = _known(globs, start)
    if any_matches(start.changed, known):
        return True
    return None if is_partly_known else False


def _has_changed(rule: Mapping[str, Any], start: Start) -> bool | None:
    changes = rule["changes"]
    if isinstance(changes, Mapping) and set(changes) != {"paths"}:
        return None  # `compare_to` is another comparison than that of the push.
    return changed_matches(changes_of(rule), start)


def _exists(exists: Any, start: Start) -> bool | None:
    if isinstance(exists, Mapping):
        if set(exists) != {"paths"}:
            return None  # It looks into another project, or at another commit.
        exists = exists["paths"]
    if isinstance(start.files, Unread) or not _are_texts(exists):
        return None
    known, is_partly_known = _known(exists, start)
    if len(known) * len(start.files) > _MOST_LOOKED_FOR:
        return True
    if any(matches(path, glob) for glob in known for path in start.files):
        return True
    return None if is_partly_known else False


def _are_texts(globs: Any) -> bool:
    is_list = isinstance(globs, list) and len(globs) <= MOST_GLOBS
    return is_list and all(isinstance(glob, str) for glob in globs)


def _known(globs: Sequence[str], start: Start) -> tuple[list[str], bool]:
    """Return the globs whose variables are known, and whether there are others."""
    variables = start.known()
    values = [with_values(glob, variables) for glob in globs]
    return [value for value in values if value is not None], None in values
