"""The link of the CI/CD variable: what each job that uses it gets, by its own environment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyinfra.api.host import Host

from ops.api.secret import Secret
from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci import environments
from ops.gitlab.merged import configuration
from ops.gitlab.precedence import (
    PROJECT,
    Found,
    Level,
    candidates,
    of_key,
    reaches,
    winners,
)
from ops.gitlab.started_with import started_with
from ops.gitlab.variable_levels import branch_is_protected, levels
from ops.kafka.chain_settings import Settings

_MOST_NAMES = 3


@dataclass(frozen=True)
class _Jobs:
    """Jobs of one environment; the empty one is that of jobs without any."""

    environment: str
    names: Sequence[str]

    def __str__(self) -> str:
        more = len(self.names) - _MOST_NAMES
        rest = f" and {more} more" if more > 0 else ""
        where = f"of environment {self.environment}" if self.environment else "of no environment"
        return f"{', '.join(self.names[:_MOST_NAMES])}{rest} ({where})"


class _Link:
    """What is seen of the variable; `wrong` is empty where all jobs get the password.

    + project: the host
    + settings: what the variable is called
    + password: the one that it should be, as the Secret has it
    """

    def __init__(self, project: Host, settings: Settings, password: list[Secret]) -> None:
        self.settings, self.password = settings, password
        self.levels = levels(project)
        self.all = of_key(self.levels, settings.variable)
        protects = any(one.settings["protected"] for one in self.all)
        self.is_protected = not protects or branch_is_protected(project, settings.ci_branch)
        self.right: dict[str, None] = {}
        self.wrong: dict[str, None] = {}
        self.others: dict[str, None] = {}

    def judge(self, groups: Sequence[_Jobs]) -> None:
        """Look at what the jobs of each environment get."""
        without = [jobs for jobs in groups if not self._judge(jobs, len(groups) > 1)]
        if not without:
            return
        name = f"{self.settings.variable} ({self.settings.scope})"
        scopes = ", ".join(dict.fromkeys(one.scope for one in self.all))
        if not self.all:
            self._is_wrong(f"{name} does not exist")
        elif len(without) < len(groups):
            self._is_wrong(f"{'; '.join(map(str, without))}: they get no {self.settings.variable}")
        else:
            self._is_wrong(
                f"{self.settings.variable} ({scopes}) reaches no job: no job that uses it has an"
                " environment that this scope covers"
            )

    def _judge(self, jobs: _Jobs, is_one_of_several: bool) -> bool:
        """Look at what the jobs of an environment get; return whether there is something."""
        environment = jobs.environment
        if "*" in environment:
            possible = of_key(self.levels, self.settings.variable, environment)
            if any(one.scope != "*" for one in possible):
                self._is_wrong(f"unknown what {jobs} get: that name has variables")
                return True
            environment = ""
        found = candidates(self.levels, self.settings.variable, environment)
        got = [one for one in found if reaches(one, self.is_protected)]
        self.others |= dict.fromkeys(self._others(found, got[:1]))
        if found and not got:
            self._is_wrong(f"{self._named(found[0])} {self._protected()}")
        around = f" for {jobs}" if is_one_of_several else ""
        for one in winners(got, environment):
            problem = _problem(one.settings, self.password)
            text = problem or f"is masked, {one.settings['value']}"
            (self.wrong if problem else self.right)[f"{self._named(one)} {text}{around}"] = None
        return bool(found)

    def _others(self, found: Sequence[Found], got: Sequence[Found]) -> Iterator[str]:
        for one in found if got else ():
            if not reaches(one, self.is_protected):
                yield f"{one.where} has one, too, which {self._protected()}"
            elif one not in got:
                yield f"{one.where} has one, too, which is not used"

    def _protected(self) -> str:
        return f"is protected, and {self.settings.ci_branch} is no protected branch"

    def _named(self, one: Found) -> str:
        name = f"{self.settings.variable} ({one.scope})"
        return name if one.level == PROJECT else f"{name} of {one.level}"

    def _is_wrong(self, text: str) -> None:
        self.wrong[text] = None


def variable(project: Host, settings: Settings, password: list[Secret]) -> tuple[bool, str]:
    """Return whether the jobs that use it get the password in the variable that wins, and hide it.

    + project, settings, password: as of the other links
    """
    link = _Link(project, settings, password)
    try:
        link.judge(_groups(project, settings, link.levels))
    except Unchangeable as error:
        link.wrong[f"unknown which jobs use {settings.variable}: {error}"] = None
    wrong, remarks = _started_with(project, settings, password)
    unseen = [level.why for level in link.levels if level.why]
    seen = [*link.wrong, *link.right, *wrong, *link.others, *unseen, *remarks]
    return not (link.wrong or wrong), "; ".join(seen)


def _groups(project: Host, settings: Settings, above: Sequence[Level]) -> list[_Jobs]:
    found = configuration(project, settings.ci_file, settings.ci_branch)
    if not found.names():
        raise Unchangeable(f"{settings.ci_file} of {settings.ci_branch} has no job")
    overridden = {key for level in above for key, _ in level.variables or {}}
    users = environments.of_users(found, settings.variable, settings.ci_branch, overridden)
    names: dict[str, list[str]] = {}
    for job, environment in users.items():
        names.setdefault(environment, []).append(job)
    return [_Jobs(environment, jobs) for environment, jobs in names.items()]


def _started_with(
    project: Host, settings: Settings, password: list[Secret]
) -> tuple[list[str], list[str]]:
    """Return which pipelines have another password of their own, and what else is to be said."""
    wrong: list[str] = []
    remarks: list[str] = []
    for level in started_with(project, settings.ci_branch):
        if level.why:
            remarks.append(level.why)
        live = (level.variables or {}).get((settings.variable, "*"))
        if live is None:
            continue
        is_right = live["variable_type"] == "env_var" and [live["value"]] == password[:1]
        text = f"{level.name} has its own, which wins there"
        (remarks if is_right else wrong).append(text if is_right else f"{text}: another password")
    return wrong, remarks


def _problem(live: Mapping[str, Any], password: list[Secret]) -> str:
    """Return what is wrong with a variable that is to be the password; empty: nothing."""
    if live["variable_type"] != "env_var":
        return f"is of type {live['variable_type']}: a job gets a path in its place"
    if not live["masked"]:
        return "is not masked"
    if live["value"] is None:
        return "is hidden: its value cannot be compared"
    if not password:
        return "cannot be compared: the Secret has no password to compare it with"
    return "" if live["value"] == password[0] else f"has another value: {live['value']}"
