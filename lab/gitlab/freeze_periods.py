"""Deploy freeze periods (https://docs.gitlab.com/api/freeze_periods/).

After lib/api/freeze_periods.rb and app/models/ci/freeze_period.rb. The lab computes nothing of
them, and takes whatever has five fields for an expression; GitLab's own jobs see none here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from lab.gitlab.pages import page
from lab.server.http import Handler, parameters
from lab.server.refused import Refused

_NAMES = ("freeze_start", "freeze_end", "cron_timezone")


class FreezePeriods:
    """The freeze periods of the project, and their routes."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all of them."""
        self.periods: dict[int, dict[str, Any]] = {}
        self._made = 0

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes below /projects/:id."""
        one = "/freeze_periods/{period:\\d+}"
        return [
            ("GET", "/freeze_periods", self._list),
            ("POST", "/freeze_periods", self._create),
            ("GET", one, self._get),
            ("PUT", one, self._update),
            ("DELETE", one, self._delete),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        # By the time at which they were made, the oldest first.
        return page(request, list(self.periods.values()))

    async def _create(self, request: web.Request) -> web.Response:
        return web.json_response(self.add(parameters(request)), status=201)

    def add(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make a freeze period, and return it."""
        given = {"cron_timezone": "UTC", **_known(parameters)}
        for name in ("freeze_start", "freeze_end"):
            if name not in given:
                raise Refused(400, f"{name} is missing", "error")
        _validate(given)
        self._made += 1
        made = {"id": self._made, **given, "created_at": _time(), "updated_at": _time()}
        self.periods[self._made] = made
        return made

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self._find(request))

    async def _update(self, request: web.Request) -> web.Response:
        found, given = self._find(request), _known(parameters(request))
        _validate({**found, **given})
        found.update(given, updated_at=_time())
        return web.json_response(found)

    async def _delete(self, request: web.Request) -> web.Response:
        del self.periods[self._find(request)["id"]]
        return web.Response(status=204)

    def _find(self, request: web.Request) -> dict[str, Any]:
        found = self.periods.get(int(request.match_info["period"]))
        if found is None:
            raise Refused(404, "404 Not found")
        return found


def _time() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _known(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(given[name]).strip() for name in _NAMES if name in given}


def _validate(period: dict[str, Any]) -> None:
    for name in ("freeze_start", "freeze_end"):
        if len(period[name].split()) != 5:
            raise Refused(400, {name: ["syntax is invalid"]})
    if not period["cron_timezone"]:
        raise Refused(400, {"cron_timezone": ["can't be blank"]})
