"""Which jobs of a configuration use a variable, and the environment of each.

https://docs.gitlab.com/ci/yaml/#environment, lib/gitlab/ci/variables/builder.rb in
https://gitlab.com/gitlab-org/gitlab
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ops.gitlab.ci.configuration import Configuration
from ops.gitlab.ci.document import Reference
from ops.gitlab.ci.start import Start, as_pattern

NONE = ""  # A job without an environment.
# What GitLab also takes from the top of the document for a job that has none of its own.
_DEFAULTS = ("before_script", "after_script", "image", "services", "cache")
_LONGEST_SLUG = 63


def of_users(
    configuration: Configuration, variable: str, branch: str, overridden: Collection[str] = ()
) -> dict[str, str]:
    """Return the environment of each job that uses a variable; raise Unchangeable.

    + configuration: with all that is included
    + variable: its name; where no job has it in its keywords, any of them may use it in a program
    + branch: whose pipelines are meant
    + overridden: names of variables of the project and above, which win over those of the file

    A name with `*` in it is not decided: that stands for the value of a variable.
    """
    jobs = {name: _whole(configuration, name) for name in configuration.names()}
    named = re.compile(rf"\b{re.escape(variable)}\b")
    # The variables of a workflow rule are those of all jobs.
    given = [rule.content.get("variables") for rule in configuration.workflow_rules() or ()]
    users = (
        jobs
        if any(named.search(text) for text in _texts(configuration, given, set()))
        else {
            name: job
            for name, job in jobs.items()
            if any(named.search(text) for text in _texts(configuration, job, set()))
        }
    )
    return {
        name: _environment(configuration, name, job, branch, overridden)
        for name, job in (users or jobs).items()
    }


def slug(text: str) -> str:
    """Return a name as GitLab makes it of one for addresses, such as CI_COMMIT_REF_SLUG."""
    return re.sub(r"[^a-z0-9]", "-", text.lower())[:_LONGEST_SLUG].strip("-")


def _whole(configuration: Configuration, name: str) -> dict[str, Any]:
    """Return the keywords of a job, with what it has by default."""
    entries, job = configuration.entries, configuration.job(name)
    default = configuration.resolved(entries.get("default"))
    above = {key: entries[key] for key in _DEFAULTS if key in entries}
    above |= default if isinstance(default, Mapping) else {}
    inherit = job.get("inherit")
    kept = inherit if isinstance(inherit, Mapping) else {}
    variables = _kept(configuration.resolved(entries.get("variables")), kept.get("variables"))
    own = configuration.resolved(job.get("variables"))
    variables |= own if isinstance(own, Mapping) else {}
    return {**_kept(above, kept.get("default")), **job, "variables": variables}


def _kept(above: Any, which: Any) -> dict[str, Any]:
    """Return what a job inherits, as `inherit` says: all of it, nothing, or what is listed."""
    if not isinstance(above, Mapping) or which is False:
        return {}
    return {k: v for k, v in above.items() if not isinstance(which, list) or k in which}


def _texts(configuration: Configuration, value: Any, seen: set[int]) -> Iterator[str]:
    if isinstance(value, Reference):
        if id(value) in seen:  # Its script may refer to itself.
            return
        seen.add(id(value))
        value = configuration.resolved(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(configuration, part, seen)


def _environment(
    configuration: Configuration,
    name: str,
    job: Mapping[str, Any],
    branch: str,
    overridden: Collection[str],
) -> str:
    found = configuration.resolved(job.get("environment"))
    if isinstance(found, Mapping):
        found = configuration.resolved(found.get("name"))
    if found is None:
        return NONE
    known: dict[str, str | None] = {
        **Start(branch, "").known(), "CI_COMMIT_REF_SLUG": slug(branch), "CI_JOB_NAME": name,
        "CI_PIPELINE_SOURCE": None,
    }  # fmt: skip
    rules = [*(configuration.job_rules(name) or ()), *(configuration.workflow_rules() or ())]
    # Rules and a matrix give them other values.
    if "parallel" not in job and not any("variables" in rule.content for rule in rules):
        written = {key: configuration.resolved(v) for key, v in job["variables"].items()}
        known |= {k: _plain(v) for k, v in written.items() if k not in overridden}
    return as_pattern(str(found), known)


def _plain(value: Any) -> str | None:
    value = value.get("value") if isinstance(value, Mapping) else value
    return None if value is None or "$" in str(value) else str(value)
