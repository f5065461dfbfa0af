"""Facts of variables with which pipelines are started: those win over the project's.

https://docs.gitlab.com/api/pipelines/, https://docs.gitlab.com/api/pipeline_schedules/
"""

from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.api.secret import Secret
from ops.gitlab import forms
from ops.gitlab.facts.pipelines import ProjectFact
from ops.http.request import Request, get

_HEADS = "refs/heads/"


class PipelineVariables(ProjectFact):
    """Return the variables that a pipeline was started with, by key.

    + pipeline: its id (GET …/pipelines/:id/variables)
    """

    form = list[forms.PassedVariable]

    @override
    def command(self, pipeline: int) -> Request:
        return get(f"{host.data.gitlab_path}/pipelines/{pipeline}/variables", all_pages=True)

    @override
    def pick(self, document: Any) -> dict[str, dict[str, Any]]:
        return _by_key(document)


class PipelineSchedules(ProjectFact):
    """Return the active pipeline schedules (GET …/pipeline_schedules).

    ```python
    [{"id": 3, "description": "Every night", "branch": "main"}]
    ```
    """

    form = list[forms.Schedule]

    @override
    def command(self) -> Request:
        return get(f"{host.data.gitlab_path}/pipeline_schedules", all_pages=True, scope="active")

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": int(schedule["id"]),
                "description": str(schedule["description"]),
                "branch": str(schedule["ref"]).removeprefix(_HEADS),
            }
            for schedule in document
            if schedule["active"]
        ]


class ScheduleVariables(ProjectFact):
    """Return the variables that a schedule starts pipelines with, by key.

    + schedule: its id (GET …/pipeline_schedules/:id)

    Who may not see them gets none: GitLab shows them to Maintainers and to the schedule's owner.
    """

    form = forms.ScheduleWithVariables

    @override
    def command(self, schedule: int) -> Request:
        return get(f"{host.data.gitlab_path}/pipeline_schedules/{schedule}")

    @override
    def pick(self, document: Any) -> dict[str, dict[str, Any]]:
        return _by_key(document.get("variables") or [])


def _by_key(variables: Any) -> dict[str, dict[str, Any]]:
    return {one["key"]: {**one, "value": Secret(one["value"])} for one in variables}
