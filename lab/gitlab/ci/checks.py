"""What is wrong with a job or a rule of `.gitlab-ci.yml`, in GitLab's words.

What GitLab knows and the lab does not is an error as well: it must not be read as something else.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeGuard

from lab.gitlab.ci.expressions import Malformed, evaluate
from lab.gitlab.ci.globs import TooMany, compiled

BEYOND = ("trigger", "parallel", "only", "except")
JOB_KEYS = {
    "tags", "script", "image", "services", "start_in", "artifacts", "cache", "dependencies",
    "before_script", "after_script", "hooks", "environment", "coverage", "retry", "parallel",
    "interruptible", "timeout", "release", "id_tokens", "publish", "pages", "manual_confirmation",
    "run", "secrets", "identity", "dast_configuration", "extends", "stage", "only", "except",
    "rules", "variables", "inherit", "allow_failure", "when", "needs", "resource_group", "trigger",
}  # fmt: skip
RULE_KEYS = {"if", "changes", "when", "allow_failure", "variables", "interruptible"}
WORKFLOW_RULE_KEYS = {"if", "changes", "when", "variables", "auto_cancel"}
RULE_KEYS_BEYOND = {"exists", "needs", "start_in"}
MOST_GLOBS = 50
WHENS = ("on_success", "on_failure", "always", "manual", "delayed")
RULE_WHENS = (*WHENS, "never")
WORKFLOW_WHENS = ("always", "never")
ON_NEW_COMMIT = ("conservative", "interruptible", "none")


def document_problems(document: dict[str, Any]) -> Iterator[str]:
    """Return what is wrong outside of jobs."""
    yield from (beyond(key) for key in BEYOND if key in document)
    if "tags" in (document.get("default") or {}):
        yield beyond("default:tags")


def job_problems(name: str, job: Any, stages: list[str], jobs: Mapping[str, Any]) -> Iterator[str]:
    """Return what is wrong with a job.

    + stages: their names, in their order
    + jobs: all jobs of the file
    """
    if not isinstance(job, dict) or not any(key in job for key in ("script", "run")):
        yield f"jobs:{name} config should implement the script:, run:, or trigger: keyword"
        return
    unknown = sorted(str(key) for key in set(job) - JOB_KEYS)
    if unknown:
        yield f"jobs:{name} config contains unknown keys: {', '.join(unknown)}"
    yield from (beyond(key) for key in BEYOND if key in job)
    stage = job.get("stage", "test")
    if stage not in stages:
        known = ", ".join(stages)
        yield f"{name} job: chosen stage {stage} does not exist; available stages are {known}"
    if not _is_texts(job.get("tags", [])):
        yield f"jobs:{name}:tags config should be an array of strings"
    when = job.get("when", "on_success")
    if when not in WHENS:
        yield f"jobs:{name} when should be one of: {', '.join(WHENS)}"
    if when == "delayed":
        yield beyond("when: delayed")
    yield from _needs_problems(name, job, stages, jobs)
    yield from rules_problems(f"jobs:{name}", job.get("rules") or [], RULE_KEYS, RULE_WHENS)


def _needs_problems(
    name: str, job: Mapping[str, Any], stages: list[str], jobs: Mapping[str, Any]
) -> Iterator[str]:
    for need in job.get("needs") or []:
        is_optional = isinstance(need, dict) and need.get("optional")
        target = need.get("job") if isinstance(need, dict) else need
        if target not in jobs:
            if not is_optional:
                yield f"{name} job: undefined need: {target}"
            continue
        other = jobs[str(target)]
        places = [
            stages.index(stage)
            for stage in (part.get("stage", "test") for part in (other, job))
            if stage in stages
        ]
        if len(places) == 2 and places[0] > places[1]:
            yield f"{name} job: need {target} is not defined in current or prior stages"


def workflow_problems(workflow: Mapping[str, Any], rules: Any) -> Iterator[str]:
    """Return what is wrong with the workflow.

    + rules: those of the workflow
    """
    unknown = sorted(str(key) for key in set(workflow) - {"name", "rules", "auto_cancel"})
    if unknown:
        yield f"workflow config contains unknown keys: {', '.join(unknown)}"
    on_commit = (workflow.get("auto_cancel") or {}).get("on_new_commit", "none")
    if on_commit not in ON_NEW_COMMIT:
        known = ", ".join(ON_NEW_COMMIT)
        yield f"workflow:auto_cancel on new commit must be one of: {known}"
    yield from rules_problems("workflow", rules, WORKFLOW_RULE_KEYS, WORKFLOW_WHENS)


def rules_problems(
    where: str, rules: Any, keys: Collection[str], whens: Collection[str]
) -> Iterator[str]:
    """Return what is wrong with the rules of a job, or of the workflow.

    + keys, whens: the keywords, and values of `when`, that are allowed there
    """
    if not isinstance(rules, list):
        yield f"{where}:rules config should be an array"
        return
    for rule in rules:
        found = _rule_problems(rule, keys, whens)
        yield from (f"{where}:rules:rule{problem}" for problem in found)


def beyond(what: str) -> str:
    """Return the error for what the lab does not know."""
    return f"the lab does not simulate {what}"


def _rule_problems(rule: Any, keys: Collection[str], whens: Collection[str]) -> Iterator[str]:
    if not isinstance(rule, dict):
        yield " config should be a hash"
        return
    yield from (f": {beyond(key)}" for key in sorted(RULE_KEYS_BEYOND & set(rule)))
    unknown = sorted(str(key) for key in set(rule) - set(keys) - RULE_KEYS_BEYOND)
    if unknown:
        yield f" config contains unknown keys: {', '.join(unknown)}"
    if rule.get("when", "always") not in whens:
        yield f" when unknown value: {rule['when']}"
    if rule.get("when") == "delayed":
        yield f": {beyond('when: delayed')}"
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
