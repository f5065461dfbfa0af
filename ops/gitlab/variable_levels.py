"""The CI/CD variables of a project and of what is above it, as far as the token may see them."""

from collections.abc import Callable
from typing import Any

from pyinfra.api.host import Host

from ops.api.visible import cut
from ops.gitlab.facts.protection import ProjectGroups, ProtectedBranches
from ops.gitlab.facts.variables import CiVariables, GroupVariables, InstanceVariables
from ops.gitlab.precedence import INSTANCE, PROJECT, Level, is_protected
from ops.http.watch import READ_ERRORS, ask


def levels(project: Host) -> list[Level]:
    """Return the variables of the project, of its groups and of the instance: earlier ones win.

    + project: the host

    Raises OSError or FactProcessError where the project cannot be read. What is above it needs more
    rights: there a refusal is a level that cannot be seen, and never one without variables.
    """
    return [Level(PROJECT, ask(project, CiVariables)), *above(project)]


def above(project: Host) -> list[Level]:
    """Return the variables of the project's groups, from the nearest on, and of the instance.

    + project: the host
    """
    groups = [
        _level(f"group {path}", lambda path=path: ask(project, GroupVariables, group=path))  # type: ignore[misc]
        for path in ask(project, ProjectGroups)
    ]
    return [*groups, _level(INSTANCE, lambda: ask(project, InstanceVariables))]


def branch_is_protected(project: Host, branch: str) -> bool:
    """Return whether a branch is protected, by its name or by a wildcard.

    + project: the host
    + branch: its name
    """
    return is_protected(branch, ask(project, ProtectedBranches))


def _level(name: str, look: Callable[[], Any]) -> Level:
    try:
        return Level(name, look())
    except READ_ERRORS as error:
        status = getattr(error, "status", 0) or cut(str(error), 80)
        return Level(name, None, f"{name} cannot be seen ({status})")
