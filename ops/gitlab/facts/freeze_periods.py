"""Facts of a project's deploy freeze periods (https://docs.gitlab.com/api/freeze_periods/)."""

from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.gitlab import forms
from ops.gitlab.facts.pipelines import ProjectFact
from ops.http.request import Request, get

FIELDS = ("id", "freeze_start", "freeze_end", "cron_timezone")


class FreezePeriods(ProjectFact):
    """Return the deploy freeze periods of a project, all pages (GET /projects/:id/freeze_periods).

    ```python
    [{"id": 1, "freeze_start": "0 23 * * 5", "freeze_end": "0 8 * * 1", "cron_timezone": "UTC"}]
    ```
    """

    form = list[forms.FreezePeriod]

    @override
    def command(self) -> Request:
        return get(f"{host.data.gitlab_path}/freeze_periods", all_pages=True)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return [{name: period[name] for name in FIELDS} for period in document]
