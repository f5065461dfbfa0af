"""What GitLab refuses of a configuration, as far as the rules depend on it: then nothing runs.

lib/gitlab/ci/config/entry/ (jobs, processable, rules/rule) and entry/workflow.rb in
https://gitlab.com/gitlab-org/gitlab
"""

from collections.abc import Collection, Iterator, Sequence

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import Configuration, Rule
from ops.gitlab.ci.fate import words

_OF_WORKFLOW = ("always", "never")
_OF_JOBS = ("on_success", "on_failure", "always", "manual", "delayed")


def refusal(configuration: Configuration) -> str:
    """Return the first thing that GitLab refuses, in words; empty where there is none.

    + configuration: all of it
    """
    return next(_refusals(configuration), "")


def _refusals(configuration: Configuration) -> Iterator[str]:
    names = _names(configuration)
    if not names:
        yield "GitLab refuses the configuration: it has no job that is not hidden"
    rules = _rules(configuration, None)
    if rules == []:
        yield "GitLab refuses the configuration: its workflow rules are an empty list"
    yield from _of_rules("workflow", rules or (), _OF_WORKFLOW)
    for name in names:
        try:
            when = configuration.job(name).get("when") or _OF_JOBS[0]
        except Unchangeable:
            continue
        if when not in _OF_JOBS:
            yield _wrong(f"{name} has when: {when}", _OF_JOBS)
        yield from _of_rules(name, _rules(configuration, name) or (), (*_OF_JOBS, "never"))


def _of_rules(where: str, rules: Sequence[Rule], whens: Collection[str]) -> Iterator[str]:
    for rule in rules:
        if rule.content.get("when", "always") not in whens:
            yield _wrong(f"{where} has {words(rule)}", whens)


def _wrong(what: str, whens: Collection[str]) -> str:
    return (
        f"GitLab refuses the configuration: {what}, and `when` is one of {', '.join(whens)} there"
    )


def _names(configuration: Configuration) -> list[str]:
    try:
        return configuration.names()
    except Unchangeable:
        return []


def _rules(configuration: Configuration, job: str | None) -> list[Rule] | None:
    """Return the rules of a job or of the workflow, or None where none can be read."""
    try:
        return configuration.workflow_rules() if job is None else configuration.job_rules(job)
    except Unchangeable:
        return None
