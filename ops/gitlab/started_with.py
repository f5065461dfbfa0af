"""Variables with which pipelines of a branch are started: they win over the project's own."""

from collections.abc import Iterator
from typing import Any

from pyinfra.api.host import Host

from ops.api.visible import cut
from ops.gitlab.facts.pipelines import Pipelines
from ops.gitlab.facts.started_with import PipelineSchedules, PipelineVariables, ScheduleVariables
from ops.gitlab.precedence import Level
from ops.http.watch import READ_ERRORS, ask


def started_with(project: Host, branch: str) -> Iterator[Level]:
    """Return the variables of the branch's newest pipeline, and of each of its schedules.

    + project: the host
    + branch: its name

    Each holds for its own pipelines only. One that cannot be read says so.
    """
    for pipeline in ask(project, Pipelines, ref=branch, newest=1):
        number = pipeline["id"]
        yield _level(project, f"pipeline {number}", PipelineVariables, pipeline=number)
    try:
        schedules = ask(project, PipelineSchedules)
    except READ_ERRORS as error:
        yield Level("schedules", None, f"schedules cannot be seen ({_reason(error)})")
        return
    for found in (schedule for schedule in schedules if schedule["branch"] == branch):
        name = f"schedule {found['description']}"
        yield _level(project, name, ScheduleVariables, schedule=found["id"])


def _level(project: Host, name: str, fact: type[Any], **arguments: Any) -> Level:
    try:
        found = ask(project, fact, **arguments)
    except READ_ERRORS as error:
        return Level(name, None, f"variables of {name} cannot be seen ({_reason(error)})")
    return Level(name, {(key, "*"): settings for key, settings in found.items()})


def _reason(error: Exception) -> str:
    return str(getattr(error, "status", 0) or cut(str(error), 80))
