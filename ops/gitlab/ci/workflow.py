"""The workflow rules of a .gitlab-ci.yml: for which branches there are pipelines.

The first rule that matches decides; where none does there is no pipeline.
https://docs.gitlab.com/ci/yaml/#workflowrules
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.gitlab.ci.condition import holds

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


def why_not_kept_off(document: Any, branch: str) -> str:
    """Return why the workflow rules do not keep CI off a branch, or an empty text where they do.

    + document: the configuration
    + branch: name of the branch

    Kept off is a branch that gets no pipeline, whatever starts it; pipelines of tags and of merge
    requests are not looked at. What depends on a variable that is not known is not kept off either,
    and the text says that it is undecided. It continues "the workflow rules".
    """
    undecided = f"may keep CI off {branch} or not, which is undecided:"
    workflow = document.get("workflow")
    rules = workflow.get("rules") if isinstance(workflow, Mapping) else workflow
    if rules is None and "include" in document:
        return f"{undecided} they may be in a file that is included"
    if not rules:
        return f"do not keep CI off {branch}: there are none"
    if not isinstance(rules, list):
        return f"{undecided} they are no list"
    numbered = list(enumerate(_flat(rules), start=1))
    found = {source: _finding(numbered, branch, source) for source in SOURCES}
    # A rule that surely makes a pipeline says more than one that may, whatever starts it.
    for source, finding in sorted(found.items(), key=lambda item: not item[1].is_sure):
        if finding.rule and finding.is_sure:
            return f"do not keep CI off {branch}: {finding.rule} matches {_start(source)}"
        if finding.rule:
            return f"{undecided} for {_start(source)} it depends on {finding.rule}"
    return ""


def _finding(rules: Sequence[tuple[int, Any]], branch: str, source: str) -> _Finding:
    if not rules:
        return _Finding()
    (number, rule), rest = rules[0], rules[1:]
    if not isinstance(rule, Mapping):
        return _Finding(f"rule {number} (which is not written out)", is_sure=False)
    matches = _matches(rule, branch, source)
    later = _finding(rest, branch, source)
    if matches is False:
        return later
    words = f"rule {number} ({_words(rule)})"
    if rule.get("when") != "never":
        return later if matches is None and _is_made(later) else _Finding(words, matches is True)
    if "changes" in rule and source == "push":
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


def _flat(rules: Sequence[Any]) -> Iterator[Any]:
    """Yield the rules, those of lists in the list included; `!reference` stays as it is."""
    for rule in rules:
        if isinstance(rule, list) and rule.tag.value is None:  # type: ignore[attr-defined]
            yield from _flat(rule)
        else:
            yield rule


def _start(source: str) -> str:
    return "a push" if source == "push" else f'a pipeline of the source "{source}"'


def _words(rule: Mapping[str, Any]) -> str:
    condition = " ".join(str(rule.get("if", "")).split())
    if len(condition) > _LONGEST:
        condition = f"{condition[:_LONGEST]}…"
    parts = [f"if: {condition}"] if condition else []
    parts += [name for name in ("changes", "exists") if name in rule]
    return ", ".join([*parts, f"when: {rule.get('when', 'always')}"])
