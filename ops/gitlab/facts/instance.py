"""Facts of a GitLab installation: its version, its background migrations.

https://docs.gitlab.com/api/version/, https://docs.gitlab.com/api/admin/batched_background_migrations/
"""

from typing import Any

from typing_extensions import override

from ops.gitlab import forms
from ops.http.fact import ResourceFact
from ops.http.request import Request, get


class Version(ResourceFact):
    """Return the version of GitLab, such as "17.9.2" (GET /version)."""

    form = forms.Version

    @override
    def command(self) -> Request:
        return get("/version")

    @override
    def pick(self, document: Any) -> str:
        return str(document["version"])


class BatchedBackgroundMigrations(ResourceFact):
    """Return the batched background migrations of a job class, newest last.

    GitLab gives the newest 20 of them, and no pages.

    + job_class_name: for example "BackfillCiRunnersPartitionedTable"
    + database: "main", or "ci" where the databases are decomposed

    ```python
    [{"id": 71, "status": "finished", "created_at": "2026-02-23T10:00:00.000Z", ...}]
    ```
    """

    form = list[forms.Migration]

    @override
    def command(self, job_class_name: str, database: str = "main") -> Request:
        path = "/admin/batched_background_migrations"
        return get(path, database=database, job_class_name=job_class_name)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return sorted(document, key=lambda migration: str(migration["created_at"]))
