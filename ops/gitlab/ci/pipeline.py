"""Which jobs a pipeline of a branch has by the rules, and which rule decides that.

The first rule that matches decides; where none does, there is no job. With what is not known there
may be two outcomes, and then it is undecided. lib/gitlab/ci/build/rules.rb and
lib/gitlab/ci/pipeline/seed/ in https://gitlab.com/gitlab-org/gitlab
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import Configuration, Rule
from ops.gitlab.ci.fate import Fate, is_there
from ops.gitlab.ci.matching import condition_holds, rule_matches
from ops.gitlab.ci.policies import allows
from ops.gitlab.ci.refused import refusal
from ops.gitlab.ci.start import Start

_EDGES = (".pre", ".post")


@dataclass(frozen=True)
class Outcome:
    """What comes of a start.

    + pipeline: whether the workflow lets there be a pipeline
    + jobs: what becomes of each job of the configuration, by name
    + unmet: jobs that would exist without one that they need: then GitLab makes no pipeline
    + is_whole: whether these are the jobs; what is included may have others, inputs other names
    """

    pipeline: Fate
    jobs: Mapping[str, Fate]
    unmet: Sequence[tuple[str, str]] = ()
    is_whole: bool = True

    def is_made(self) -> bool | None:
        """Return whether there is a pipeline, which has a job then; None: undecided."""
        jobs = {fate.exists for fate in self.jobs.values() if not fate.is_at_edge}
        if self.pipeline.exists is False or (self.is_whole and jobs <= {False}):
            return False
        return True if self.pipeline.exists and True in jobs and not self.unmet else None

    def lacking(self, present: Collection[str]) -> list[str]:
        """Return the jobs that surely have to be there without a person, and are not."""
        return [name for name in self.required() if not is_there(name, self.jobs[name], present)]

    def required(self) -> list[str]:
        """Return the jobs of the pipeline; manual ones and what is undecided are none of them."""
        if self.pipeline.exists is not True:
            return []
        return [name for name, fate in self.jobs.items()
                if fate.exists and not fate.is_manual and not fate.is_bridge]  # fmt: skip

    def undecided(self) -> list[str]:
        """Return the jobs of which it cannot be decided whether they exist."""
        return [name for name, fate in self.jobs.items() if fate.exists is None]


def outcome(configuration: Configuration, start: Start) -> Outcome:
    """Return which jobs a pipeline has.

    + configuration: what the file says, or GitLab's merged view of it
    + start: what starts the pipeline

    Where something is included, jobs and rules may stand elsewhere: then what the file does not say
    itself is undecided.
    """
    start = replace(start, overridden=_names_in(configuration, configuration.entries))
    has_rules, pipeline = _workflow(configuration, start)
    start = replace(start, overridden=start.overridden | _of_workflow(configuration))
    jobs = {name: _job(configuration, name, start, has_rules) for name in _names(configuration)}
    unmet = _unmet(configuration, jobs)
    why = _unjudged(configuration)
    if why:
        return Outcome(Fate(None, why=why), jobs, unmet, is_whole=False)
    return Outcome(pipeline, jobs, unmet, configuration.is_whole)


def _unjudged(configuration: Configuration) -> str:
    """Return why the rules make no difference, or cannot be judged; empty where they can."""
    if configuration.entries.has_inputs:  # Also names of jobs may be made of them.
        return "the values of its inputs are not known"
    return refusal(configuration) if configuration.is_whole else ""


def _names_in(configuration: Configuration, entry: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the variables of a part of the configuration."""
    try:
        found = configuration.resolved(entry.get("variables"))
    except Unchangeable:
        return frozenset()
    return frozenset(map(str, found)) if isinstance(found, Mapping) else frozenset()


def _of_workflow(configuration: Configuration) -> frozenset[str]:
    """Return the names of the variables that the rules of the workflow give to jobs."""
    try:
        rules = configuration.workflow_rules() or ()
    except Unchangeable:
        return frozenset()
    names = (_names_in(configuration, rule.content) for rule in rules)
    return frozenset[str]().union(*names)


def _names(configuration: Configuration) -> list[str]:
    try:
        return configuration.names()
    except Unchangeable:
        return []


def _workflow(configuration: Configuration, start: Start) -> tuple[bool, Fate]:
    try:
        rules = configuration.workflow_rules()
    except Unchangeable as error:
        return True, Fate(None, why=str(error))
    if rules is not None:
        return True, _by_rules(rules, "always", start)
    if configuration.includes():
        return False, Fate(None, why=_elsewhere(configuration))
    return False, Fate(True)


def _job(configuration: Configuration, name: str, start: Start, has_workflow_rules: bool) -> Fate:
    try:
        job = configuration.job(name)
        rules = configuration.job_rules(name)
    except Unchangeable as error:
        return Fate(None, why=str(error))
    start = replace(start, overridden=start.overridden | _names_in(configuration, job))
    when = str(job.get("when") or "on_success")
    if rules is not None:
        fate = _by_rules(rules, when, start)
    elif configuration.includes() and not {"only", "except"} & set(job):
        fate = Fate(None, why=_elsewhere(configuration))
    else:
        fate = Fate(allows(job, start, has_workflow_rules), when == "manual")
    return replace(
        fate,
        is_bridge="trigger" in job,
        has_copies="parallel" in job,
        is_at_edge=job.get("stage") in _EDGES,
    )


def _elsewhere(configuration: Configuration) -> str:
    return f"the rules may be in what is included: {'; '.join(configuration.includes())}"


def _by_rules(rules: Sequence[Rule], default_when: str, start: Start) -> Fate:
    fate = Fate(False)
    for rule in reversed(rules):
        matches = rule_matches(rule.content, start)
        when = str(rule.content.get("when", default_when))
        this = Fate(when != "never", when == "manual", rule)
        if matches:
            fate = this
        elif matches is None:
            fate = _one_of(this, fate)
        elif when != "never" and condition_holds(rule.content, start):
            fate = replace(fate, unmatched=(rule, *fate.unmatched))
    return fate


def _one_of(this: Fate, later: Fate) -> Fate:
    is_manual = this.is_manual or later.is_manual
    if this.exists is later.exists:
        return replace(later, is_manual=is_manual)
    return Fate(None, is_manual, this.rule)


def _unmet(configuration: Configuration, jobs: Mapping[str, Fate]) -> list[tuple[str, str]]:
    found = []
    for name in (name for name, fate in jobs.items() if fate.exists):
        for need in _needs(configuration.job(name)):
            fate = jobs.get(need)
            if fate is not None and fate.exists is False:
                found.append((name, need))
    return found


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs")
    if not isinstance(needs, list):
        return []
    return [name for name in map(_need, needs) if isinstance(name, str)]


def _need(need: Any) -> Any:
    if not isinstance(need, Mapping):
        return need
    # What is optional, or of another pipeline, may be absent.
    is_free = need.get("optional") or "pipeline" in need or "project" in need
    return None if is_free else need.get("job")
