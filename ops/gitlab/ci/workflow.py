"""The workflow rules of a .gitlab-ci.yml: what makes a pipeline of a branch, and what does not.

The first rule that matches decides; where none does there is no pipeline.
https://docs.gitlab.com/ci/yaml/#workflowrules
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.condition import holds
from ops.gitlab.ci.configuration import Configuration, Rule

PUSH = "push"
# What else starts a pipeline of a branch, as CI_PIPELINE_SOURCE says it.
SOURCES = ("web", "api", "schedule", "trigger", "pipeline", "chat", "webide")
# What such a pipeline does not have.
_UNSET = ("CI_COMMIT_TAG", "CI_MERGE_REQUEST_ID", "CI_MERGE_REQUEST_IID")
_LONGEST = 100  # of a condition that is shown


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a branch.

    + kept_off: whether a push to the branch makes no pipeline; None where that is undecided
    + text: the same in words, with the rule that decides
    + remarks: what else starts a pipeline of the branch, or may
    """

    kept_off: bool | None
    text: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Finding:
    """What the rules say of a pipeline.

    + rule: words for the rule that makes it, or may make it; empty where it is not made
    + is_sure: whether the rule makes it, whatever the variables are that are not known
    """

    rule: str = ""
    is_sure: bool = True


def undecided(branch: str, why: object) -> Verdict:
    """Return the verdict where it cannot be said what a push to a branch does."""
    return Verdict(None, f"whether a push to {branch} makes a pipeline is undecided: {why}")


def verdict(configuration: Configuration, branch: str, default_branch: str = "") -> Verdict:
    """Return what the workflow rules say of pipelines of a branch.

    + configuration: what the file says
    + branch: name of the branch
    + default_branch: of the project; empty where it is not known

    A pipeline that a rule makes has the jobs whose own rules let them; those are not looked at, and
    pipelines of tags and of merge requests neither. What depends on a variable that is not known is
    undecided.
    """
    try:
        rules = configuration.workflow_rules()
    except Unchangeable as error:
        return undecided(branch, error)
    if rules is None and configuration.includes():
        return undecided(branch, "its workflow rules may be in a file that is included")
    if not rules:
        return Verdict(False, f"a push to {branch} makes a pipeline: there are no workflow rules")
    known = {"CI_COMMIT_BRANCH": branch, "CI_COMMIT_REF_NAME": branch}
    if default_branch:
        known["CI_DEFAULT_BRANCH"] = default_branch
    remarks = tuple(_remarks(rules, known))
    push = _finding(rules, known, PUSH)
    if not push.rule:
        return Verdict(True, f"a push to {branch} makes no pipeline", remarks)
    if push.is_sure:
        return Verdict(False, f"a push to {branch} makes a pipeline: {push.rule} matches", remarks)
    return Verdict(None, undecided(branch, f"it depends on {push.rule}").text, remarks)


def _remarks(rules: Sequence[Rule], known: Mapping[str, str]) -> list[str]:
    sources: dict[_Finding, list[str]] = {}
    for source in SOURCES:
        finding = _finding(rules, known, source)
        if finding.rule:
            sources.setdefault(finding, []).append(source)
    return [
        f"source {', '.join(names)} {'makes' if found.is_sure else 'may make'} one: {found.rule}"
        for found, names in sources.items()
    ]


def _finding(rules: Sequence[Rule], known: Mapping[str, str], source: str) -> _Finding:
    found = _Finding()
    for rule in reversed(rules):
        found = _before(rule, found, known, source)
    return found


def _before(rule: Rule, later: _Finding, known: Mapping[str, str], source: str) -> _Finding:
    """Return what rules say, if one is put before those that say something."""
    matches = _matches(rule.content, known, source)
    if matches is False:
        return later
    words = f"rule {rule.number} ({_words(rule.content)})"
    if rule.content.get("when") != "never":
        return later if matches is None and _is_made(later) else _Finding(words, matches is True)
    if "changes" in rule.content and source == PUSH:
        return later  # There are pushes that it does not match.
    if matches:
        return _Finding()
    return _Finding(words, is_sure=False) if _is_made(later) else later


def _is_made(finding: _Finding) -> bool:
    return bool(finding.rule) and finding.is_sure


def _matches(rule: Mapping[str, Any], known: Mapping[str, str], source: str) -> bool | None:
    """Return whether a rule matches; one with `changes` does with some pushes, which is enough."""
    variables = {**dict.fromkeys(_UNSET), **known, "CI_PIPELINE_SOURCE": source}
    matches = holds(rule["if"], variables) if "if" in rule else True
    return None if matches and "exists" in rule else matches


def _words(rule: Mapping[str, Any]) -> str:
    condition = " ".join(str(rule.get("if", "")).split())
    if len(condition) > _LONGEST:
        condition = f"{condition[:_LONGEST]}…"
    parts = [f"if: {condition}"] if condition else []
    parts += [name for name in ("changes", "exists") if name in rule]
    return ", ".join([*parts, f"when: {rule.get('when', 'always')}"])
