"""Pipeline schedules and their variables (https://docs.gitlab.com/api/pipeline_schedules/).

None is ever started: the lab has no clock for them.
"""

from typing import Any

from aiohttp import web

from lab.gitlab.pages import page
from lab.gitlab.rules import boolean
from lab.server.http import Handler, parameters
from lab.server.refused import Refused


class Schedules:
    """The schedules of the project, and their routes."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all schedules."""
        self.schedules: dict[int, dict[str, Any]] = {}

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        one = "/pipeline_schedules/{schedule:\\d+}"
        return [
            ("GET", "/pipeline_schedules", self._list),
            ("POST", "/pipeline_schedules", self._create),
            ("GET", one, self._get),
            ("POST", f"{one}/variables", self._add_variable),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        # The list has no variables.
        return page(request, [_without(found) for found in self.schedules.values()])

    async def _create(self, request: web.Request) -> web.Response:
        given = parameters(request)
        for name in ("description", "ref", "cron"):
            if not given.get(name):
                raise Refused(400, f"{name} is missing", "error")
        ref = str(given["ref"]).removeprefix("refs/heads/")
        made: dict[str, Any] = {
            "id": len(self.schedules) + 1,
            "description": str(given["description"]),
            "ref": f"refs/heads/{ref}",
            "cron": str(given["cron"]),
            "active": boolean("active", given.get("active", True)),
            "variables": [],
        }
        self.schedules[made["id"]] = made
        return web.json_response(made, status=201)

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self._find(request))

    async def _add_variable(self, request: web.Request) -> web.Response:
        given = parameters(request)
        variable = {
            "key": str(given["key"]),
            "value": str(given["value"]),
            "variable_type": str(given.get("variable_type", "env_var")),
            "raw": False,
        }
        self._find(request)["variables"].append(variable)
        return web.json_response(variable, status=201)

    def _find(self, request: web.Request) -> dict[str, Any]:
        found = self.schedules.get(int(request.match_info["schedule"]))
        if found is None:
            raise Refused(404, "404 Pipeline Schedule Not Found")
        return found


def _without(schedule: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schedule.items() if name != "variables"}
