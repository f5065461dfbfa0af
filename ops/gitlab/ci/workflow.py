"""The workflow rules of a .gitlab-ci.yml: for which branches there are pipelines.

The first rule that matches decides; where none does there is no pipeline.
https://docs.gitlab.com/ci/yaml/#workflowrules
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.condition import holds
from ops.gitlab.ci.configuration import Configuration, Rule

# What starts a pipeline of a branch, as CI_PIPELINE_SOURCE says it.
SOURCES = ("push", "web", "api", "schedule", "trigger", "pipeline", "chat", "webide")
# What such a pipeline does not have.
_UNSET = ("CI_COMMIT_TAG", "CI_MERGE_REQUEST_ID", "CI_MERGE_REQUEST_IID")
_LONGEST = 100  # of a condition that is shown


@dataclass(frozen=True)
class _Finding:
    """What the rules say of a pipeline.

    + rule: words for the rule that makes it, or may make it; empty where it is not made
    + is_sure: whether the rule makes it, whatever the variables are that are not known
    """

    rule: str = ""
    is_sure: bool = True


def why_not_kept_off(configuration: Configuration, branch: str) -> str:
    """Return why the workflow rules do not keep CI off a branch, or an empty text where they do.

    + configuration: what the file says
    + branch: name of the branch

    Kept off is a branch that gets no pipeline, whatever starts it; pipelines of tags and of merge
    requests are not looked at. What depends on a variable that is not known is not kept off either,
    and the text says that it is undecided. It continues "the workflow rules".
    """
    undecided = f"may keep CI off {branch} or not, which is undecided:"
    try:
        rules = configuration.workflow_rules()
    except Unchangeable as error:
        return f"{undecided} {error}"
    if rules is None and configuration.includes():
        return f"{undecided} they may be in a file that is included"
    if not rules:
        return f"do not keep CI off {branch}: there are none"
    found = {source: _finding(rules, branch, source) for source in SOURCES}
    # A rule that surely makes a pipeline says more than one that may, whatever starts it.
    for source, finding in sorted(found.items(), key=lambda item: not item[1].is_sure):
        if finding.rule and finding.is_sure:
            return f"do not keep CI off {branch}: {finding.rule} matches {_start(source)}"
        if finding.rule:
            return f"{undecided} for {_start(source)} it depends on {finding.rule}"
    return ""


def _finding(rules: Sequence[Rule], branch: str, source: str) -> _Finding:
    found = _Finding()
    for rule in reversed(rules):
        found = _before(rule, found, branch, source)
    return found


def _before(rule: Rule, later: _Finding, branch: str, source: str) -> _Finding:
    """Return what rules say, if one is put before those that say something."""
    matches = _matches(rule.content, branch, source)
    if matches is False:
        return later
    words = f"rule {rule.number} ({_words(rule.content)})"
    if rule.content.get("when") != "never":
        return later if matches is None and _is_made(later) else _Finding(words, matches is True)
    if "changes" in rule.content and source == "push":
        return later  # There are pushes that it does not match.
    if matches:
        return _Finding()
    return _Finding(words, is_sure=False) if _is_made(later) else later


def _is_made(finding: _Finding) -> bool:
    return bool(finding.rule) and finding.is_sure


def _matches(rule: Mapping[str, Any], branch: str, source: str) -> bool | None:
    """Return whether a rule matches; one with `changes` does with some pushes, which is enough."""
    known: dict[str, str | None] = dict.fromkeys(_UNSET)
    known |= {"CI_COMMIT_BRANCH": branch, "CI_COMMIT_REF_NAME": branch}
    known["CI_PIPELINE_SOURCE"] = source
    matches = holds(rule["if"], known) if "if" in rule else True
    return None if matches and "exists" in rule else matches


def _start(source: str) -> str:
    return "a push" if source == "push" else f'a pipeline of the source "{source}"'


def _words(rule: Mapping[str, Any]) -> str:
    condition = " ".join(str(rule.get("if", "")).split())
    if len(condition) > _LONGEST:
        condition = f"{condition[:_LONGEST]}…"
    parts = [f"if: {condition}"] if condition else []
    parts += [name for name in ("changes", "exists") if name in rule]
    return ", ".join([*parts, f"when: {rule.get('when', 'always')}"])
