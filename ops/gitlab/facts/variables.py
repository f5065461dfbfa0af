"""Facts of a project's CI/CD variables (https://docs.gitlab.com/api/project_level_variables/)."""

from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.api.secret import Secret
from ops.gitlab.facts.pipelines import ProjectFact
from ops.http.request import Request, get


class CiVariables(ProjectFact):
    """Return the CI/CD variables of a project by key and environment scope; values are secrets.

    ```python
    {("DB_PASSWORD", "*"): {"value": Secret(…), "masked": True, "protected": False,
      "raw": False, "hidden": False, "variable_type": "env_var", "description": None}}
    ```
    """

    @override
    def command(self) -> Request:
        return get(f"{host.data.gitlab_path}/variables", all_pages=True)

    @override
    def pick(self, document: Any) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (variable["key"], variable["environment_scope"]): {
                **variable,
                # GitLab gives no value of a hidden variable.
                "value": None if variable.get("value") is None else Secret(variable["value"]),
            }
            for variable in document
        }
