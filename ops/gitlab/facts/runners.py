"""Facts of GitLab's runners (https://docs.gitlab.com/api/runners/)."""

from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.gitlab import forms
from ops.gitlab.runner_query import RUNNERS_QUERY, SETTINGS, runners_of
from ops.http.fact import ResourceFact
from ops.http.request import Request, get, graphql


class Runner(ResourceFact):
    """Return the settings of a runner (GET /runners/:id).

    + runner: its id; None for the runner that the host is

    ```python
    {"id": 17, "description": "build-1", "online": True, "paused": False,
     "contacted_at": "2026-02-23T09:58:12.000Z",
     "tag_list": ["amd64", "docker"], "run_untagged": False, "locked": False,
     "access_level": "not_protected", "maximum_timeout": 3600, "maintenance_note": None}
    ```
    """

    path_prefix = "/runners/"
    form = forms.Runner

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
    """Return the settings of all runners of the installation by id: 100 in a GraphQL query.

    ```python
    {17: {"id": 17, "description": "build-1", "tag_list": ["amd64", "docker"], ...}}
    ```
    """

    form = forms.RunnersAnswer

    @override
    def command(self) -> Request:
        return graphql(RUNNERS_QUERY)

    @override
    def pick(self, document: Any) -> dict[int, dict[str, Any]]:
        return runners_of(document)
