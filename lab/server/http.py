"""What the simulated HTTP APIs share: the request log, faults, and 501 for unknown routes."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from lab.server.faults import Fault, Faults
from lab.server.refused import Refused
from lab.server.request_log import RequestLog

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST_BODY = 32 * 2**20
FETCH = "/git-upload-pack"
LONGEST_LINE = 2**18  # a command in the URL of an exec may be long


class Api:
    """An HTTP server of the lab.

    + system: its name in the request log and in faults
    + log, faults: those of the lab
    """

    # beginning of a media type -> what the request log keeps of such a body
    bodies: Mapping[str, Callable[[str, bytes], Any]] = {}

    def __init__(self, system: str, log: RequestLog, faults: Faults) -> None:
        self.system = system
        self.log = log
        self.faults = faults
        self.port = 0
        self.app = web.Application(middlewares=[self._middleware], client_max_size=LARGEST_BODY)
        self._server: web.AppRunner | None = None

    def add_routes(self, routes: list[tuple[str, str, Handler]]) -> None:
        """Add routes, and the one that answers 501 to everything else."""
        for method, path, handler in routes:
            self.app.router.add_route(method, path, handler)
        self.app.router.add_route("*", "/{unknown:.*}", self._unknown)

    async def start(self, context: ssl.SSLContext | None, port: int = 0) -> None:
        """Listen on a loopback port; a free one if none is given."""
        self._server = web.AppRunner(
            self.app,
            access_log=None,
            shutdown_timeout=0.2,
            max_line_size=LONGEST_LINE,
            handler_cancellation=True,
        )
        await self._server.setup()
        site = web.TCPSite(self._server, "127.0.0.1", port, ssl_context=context)
        await site.start()
        self.port = int(self._server.addresses[0][1])

    async def stop(self) -> None:
        """Close the server and its connections."""
        if self._server is not None:
            await self._server.cleanup()

    def is_mutating(self, request: web.Request, body: Any) -> bool:
        """Return whether a request changes something; GET, HEAD and a git fetch do not."""
        return request.method not in ("GET", "HEAD") and not request.path.endswith(FETCH)

    def logged(self, request: web.Request, what: Any) -> Any:
        """Return what of a body or a query is kept in the request log."""
        return what

    async def _body(self, request: web.Request) -> Any:
        if not request.can_read_body:
            return None
        kind = request.content_type
        for beginning, read in self.bodies.items():
            if kind.startswith(beginning):
                return read(kind, await request.read())
        text = (await request.read()).decode(errors="replace")
        if kind == "application/x-www-form-urlencoded":
            return dict(await request.post())
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await self._body(request)
        request["body"] = body
        entry = self.log.add(
            self.system,
            request.method,
            request.path,
            query=self.logged(request, _query(request)),
            body=self.logged(request, body),
            mutating=self.is_mutating(request, body),
        )
        request["entry"] = entry
        fault = self.faults.for_request(
            self.system, request.method, request.path, entry["mutating"]
        )
        try:
            if fault is not None:
                response = await self._fail(fault, request, handler)
            else:
                response = await handler(request)
        except web.HTTPException as error:
            entry["status"] = error.status
            raise
        entry["status"] = response.status
        return response

    async def _fail(
        self, fault: Fault, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        request["entry"]["fault"] = fault.action
        if fault.action == "then":
            response = await handler(request)
            if self.faults.happen is not None and fault.then is not None:
                await self.faults.happen(dict(fault.then))
            return response
        if fault.action.startswith("apply_then"):
            await handler(request)
        if fault.action == "malformed":
            return web.json_response(fault.body)
        if fault.action.endswith("status"):
            body = fault.body if fault.body is not None else {"message": f"{fault.status} by fault"}
            return web.json_response(body, status=fault.status, headers=fault.headers)
        if not fault.action.endswith("reset"):
            await asyncio.sleep(fault.seconds)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=499)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        request["entry"]["unknown"] = True
        text = f"the lab does not simulate {request.method} {request.path}"
        return web.json_response({"message": text}, status=501)


def parameters(request: web.Request) -> dict[str, Any]:
    """Return what a request gives in its query and its body together."""
    body = request["body"]
    return {**request.query, **(body if isinstance(body, dict) else {})}


def beyond(request: web.Request, *names: str) -> None:
    """Answer 501 to a parameter that the lab would have to ignore."""
    given = [name for name in names if name in parameters(request)]
    if given:
        raise Refused(501, f"the lab does not simulate the parameter {', '.join(given)}")


def _query(request: web.Request) -> dict[str, Any]:
    query: dict[str, Any] = {}
    for name in request.query:
        values = request.query.getall(name)
        query[name] = values if len(values) > 1 or name == "command" else values[0]
    return query
