"""Facts of GitLab: runners, version, background migrations.

https://docs.gitlab.com/api/runners/, https://docs.gitlab.com/api/version/,
https://docs.gitlab.com/api/admin/batched_background_migrations/
"""

from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.gitlab.runner_query import RUNNERS_QUERY, SETTINGS, runners_page
from ops.http.fact import ResourceFact
from ops.http.request import Request, get, graphql


class Runner(ResourceFact):
    """Return the settings of a runner (GET /runners/:id).

    + runner: its id; None for the runner that the host is

    ```python
    {"id": 17, "description": "k8s-runner-4", "online": True, "paused": False,
     "contacted_at": "2026-02-23T09:58:12.000Z",
     "tag_list": ["experiment", "kubernetes"], "run_untagged": False, "locked": False,
     "access_level": "not_protected", "maximum_timeout": 3600, "maintenance_note": None}
    ```
    """

    path_prefix = "/runners/"

    @override
    def command(self, runner: int | None = None) -> Request:
        return get(host.data.gitlab_path if runner is None else f"/runners/{runner}")

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        return {name: document.get(name) for name in SETTINGS} | {
            "id": document["id"],
            "online": document.get("online"),
            "contacted_at": document.get("contacted_at"),
            "tag_list": sorted(document["tag_list"]),
        }


class Runners(ResourceFact):
    """Return the settings of all runners of the installation by id, in one GraphQL query.

    Of an installation with more than 100 runners only the first 100 are read, which is refused.

    ```python
    {17: {"id": 17, "description": "k8s-runner-4", "tag_list": ["experiment", "kubernetes"], ...}}
    ```
    """

    @override
    def command(self) -> Request:
        return graphql(RUNNERS_QUERY, after=None)

    @override
    def pick(self, document: Any) -> dict[int, dict[str, Any]]:
        runners, following = runners_page(document)
        if following is not None:
            raise ValueError("more than 100 runners")
        return runners


class Version(ResourceFact):
    """Return the version of GitLab, such as "17.9.2" (GET /version)."""

    @override
    def command(self) -> Request:
        return get("/version")

    @override
    def pick(self, document: Any) -> str:
        return str(document["version"])


class BatchedBackgroundMigrations(ResourceFact):
    """Return the batched background migrations of a job class, newest last.

    + job_class_name: for example "BackfillCiRunnersPartitionedTable"
    + database: "main", or "ci" where the databases are decomposed

    ```python
    [{"id": 71, "status": "finished", "created_at": "2026-02-23T10:00:00.000Z", ...}]
    ```
    """

    @override
    def command(self, job_class_name: str, database: str = "main") -> Request:
        path = "/admin/batched_background_migrations"
        return get(path, database=database, job_class_name=job_class_name)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return sorted(document, key=lambda migration: str(migration["created_at"]))
