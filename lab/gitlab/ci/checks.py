"""What is wrong with a job or a rule of `.gitlab-ci.yml`, in GitLab's words.

What GitLab knows and the lab does not is an error as well: it must not be read as something else.
"""

from collections.abc import Iterator
from typing import Any, TypeGuard

from lab.gitlab.ci.expressions import Malformed, evaluate
from lab.gitlab.ci.globs import TooMany, compiled

BEYOND = ("trigger", "parallel", "only", "except")
RULE_KEYS = {"if", "changes", "when", "allow_failure", "variables"}
RULE_KEYS_BEYOND = {"exists", "needs"}
MOST_GLOBS = 50
WHENS = ("always", "never", "on_success", "on_failure", "manual")


def document_problems(document: dict[str, Any]) -> Iterator[str]:
    """Return what is wrong outside of jobs."""
    yield from (beyond(key) for key in BEYOND if key in document)
    if "tags" in (document.get("default") or {}):
        yield beyond("default:tags")


def job_problems(name: str, job: Any, stages: list[str], names: set[str]) -> Iterator[str]:
    """Return what is wrong with a job."""
    if not isinstance(job, dict) or not any(key in job for key in ("script", "run")):
        yield f"jobs:{name} config should implement the script:, run:, or trigger: keyword"
        return
    yield from (beyond(key) for key in BEYOND if key in job)
    stage = job.get("stage", "test")
    if stage not in stages:
        known = ", ".join(stages)
        yield f"{name} job: chosen stage {stage} does not exist; available stages are {known}"
    if not _is_texts(job.get("tags", [])):
        yield f"jobs:{name}:tags config should be an array of strings"
    if job.get("when", "on_success") not in WHENS:
        yield beyond(f"when: {job['when']}")
    for need in job.get("needs") or []:
        target = need.get("job") if isinstance(need, dict) else need
        if target not in names:
            yield f"{name} job: undefined need: {target}"
    yield from rules_problems(f"jobs:{name}", job.get("rules") or [])


def rules_problems(where: str, rules: Any) -> Iterator[str]:
    """Return what is wrong with the rules of a job, or of the workflow."""
    if not isinstance(rules, list):
        yield f"{where}:rules config should be an array"
        return
    for rule in rules:
        yield from (f"{where}:rules:rule{problem}" for problem in _rule_problems(rule))


def beyond(what: str) -> str:
    """Return the error for what the lab does not know."""
    return f"the lab does not simulate {what}"


def _rule_problems(rule: Any) -> Iterator[str]:
    if not isinstance(rule, dict):
        yield " config should be a hash"
        return
    yield from (f": {beyond(key)}" for key in sorted(RULE_KEYS_BEYOND & set(rule)))
    unknown = sorted(str(key) for key in set(rule) - RULE_KEYS - RULE_KEYS_BEYOND)
    if unknown:
        yield f" config contains unknown keys: {', '.join(unknown)}"
    if rule.get("when", "always") not in WHENS:
        yield f" when unknown value: {rule['when']}"
    yield from _changes_problems(rule.get("changes", []))
    try:
        # One without a value is no condition.
        evaluate("null" if rule.get("if") is None else rule["if"], {})
    except Malformed:
        yield " if invalid expression syntax"


def _changes_problems(changes: Any) -> Iterator[str]:
    globs = changes.get("paths") if isinstance(changes, dict) else changes
    if not _is_texts(globs):
        yield ":changes config should be an array of strings"
        return
    if len(globs) > MOST_GLOBS:
        yield f":changes config has too many entries (maximum {MOST_GLOBS})"
    if isinstance(changes, dict) and "compare_to" in changes:
        yield f": {beyond('changes:compare_to')}"
    for glob in globs:
        try:
            compiled(glob)
        except TooMany:
            yield f": {beyond('braces of so many texts')}"


def _is_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
