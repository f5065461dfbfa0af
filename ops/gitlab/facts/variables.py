"""Facts of CI/CD variables: a project's, and those that it has from above.

https://docs.gitlab.com/api/project_level_variables/,
https://docs.gitlab.com/api/group_level_variables/,
https://docs.gitlab.com/api/instance_level_ci_variables/
"""

from typing import Any
from urllib.parse import quote

from pyinfra import host
from typing_extensions import override

from ops.api.secret import Secret
from ops.gitlab import forms
from ops.gitlab.facts.pipelines import ProjectFact
from ops.http.request import Request, get


class CiVariables(ProjectFact):
    """Return the CI/CD variables of a project by key and environment scope; values are secrets.

    ```python
    {("DB_PASSWORD", "*"): {"value": Secret(…), "masked": True, "protected": False,
      "raw": False, "hidden": False, "variable_type": "env_var", "description": None}}
    ```
    """

    form = list[forms.Variable]

    @override
    def command(self) -> Request:
        return get(f"{host.data.gitlab_path}/variables", all_pages=True)

    @override
    def pick(self, document: Any) -> dict[tuple[str, str], dict[str, Any]]:
        return _by_key_and_scope(document)


class GroupVariables(ProjectFact):
    """Return the CI/CD variables of a group as `CiVariables` does (GET /groups/:id/variables).

    + group: its full path
    """

    form = list[forms.Variable]

    @override
    def command(self, group: str) -> Request:
        return get(f"/groups/{quote(group, safe='')}/variables", all_pages=True)

    @override
    def pick(self, document: Any) -> dict[tuple[str, str], dict[str, Any]]:
        return _by_key_and_scope(document)


class InstanceVariables(ProjectFact):
    """Return the CI/CD variables of the whole GitLab (GET /admin/ci/variables).

    They have no environment scope, which is `*` here.
    """

    form = list[forms.Variable]

    @override
    def command(self) -> Request:
        return get("/admin/ci/variables", all_pages=True)

    @override
    def pick(self, document: Any) -> dict[tuple[str, str], dict[str, Any]]:
        return _by_key_and_scope(document)


def _by_key_and_scope(document: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (variable["key"], variable.get("environment_scope", "*")): {
            **variable,
            # GitLab gives no value of a hidden variable.
            "value": None if variable.get("value") is None else Secret(variable["value"]),
        }
        for variable in document
    }
