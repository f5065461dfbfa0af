"""Which CI/CD variables a job gets, and what it sees of them.

After https://docs.gitlab.com/ci/variables/#cicd-variable-precedence,
lib/gitlab/ci/variables/builder.rb, app/models/concerns/has_environment_scope.rb and GitLab Runner's
shells/abstract.go.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lab.gitlab.variables import Variable, Variables

EXPORT = re.compile(r'\s*export\s+(\w+)=("?)(.*)\2\s*')
USED = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class Levels:
    """The variables of a project, and those above it.

    + path: of the project, below its groups
    + project: its own variables
    """

    def __init__(self, path: str, project: Variables) -> None:
        parts = path.split("/")[:-1]
        self.path = path
        self.project = project
        self.groups = {"/".join(parts[: n + 1]): Variables() for n in range(len(parts))}
        self.instance = Variables(scoped=False)

    def reset(self) -> None:
        """Go back to the beginning: there are none but the project's."""
        for level in (self.project, self.instance, *self.groups.values()):
            level.reset()

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Return those above the project for `GET /state`."""
        above = {"instance": self.instance, **self.groups}
        return {name: level.state() for name, level in above.items()}

    def exist(self, key: str) -> bool:
        """Return whether there is a variable with a key on any level."""
        return any(variable["key"] == key for level in self._levels() for variable in level)

    def of_job(
        self, is_protected: bool, environment: str, of_pipeline: Mapping[str, str]
    ) -> dict[str, str]:
        """Return what a job has in its environment.

        + is_protected: whether the branch is
        + environment: the job's; empty where it has none
        + of_pipeline: variables that its pipeline was started with, which win
        """
        found: dict[str, str] = {}
        for level in self._levels():
            given = [v for v in level if is_protected or not v["protected"]]
            given = [v for v in given if _fits(v["environment_scope"], environment)]
            given.sort(key=lambda v: _rank(v["environment_scope"], environment))
            found |= {v["key"]: self._seen(v) for v in given}
        return {**found, **of_pipeline}

    def _levels(self) -> Sequence[Sequence[Variable]]:
        """Return them so that a later level wins."""
        levels = (self.instance, *self.groups.values(), self.project)
        return [level.variables for level in levels]

    def _seen(self, variable: Variable) -> str:
        # The runner writes the value of a file variable to a file beside the checkout.
        is_file = variable["variable_type"] == "file"
        return f"/builds/{self.path}.tmp/{variable['key']}" if is_file else variable["value"]


def exports(script: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the programs that a script starts after its exports."""
    environment = dict(variables)
    for line in script:
        found = EXPORT.fullmatch(line)
        if found:
            environment[found[1]] = USED.sub(
                lambda used: environment.get(used[1] or used[2], ""), found[3]
            )
    return environment


def _fits(scope: str, environment: str) -> bool:
    if not environment:
        return scope == "*"
    return re.fullmatch(re.escape(scope).replace(r"\*", ".*"), environment) is not None


def _rank(scope: str, environment: str) -> int:
    return 0 if scope == "*" else 2 if scope == environment else 1
