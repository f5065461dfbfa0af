"""LAB_URL: what was received, what the state is, faults, and back to the beginning."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from operator import attrgetter
from typing import Any

from aiohttp import web

from lab.kubernetes.apply.patches import merge
from lab.kubernetes.resources import of_kind
from lab.kubernetes.state import ApiError
from lab.kubernetes.workloads.templates import Template
from lab.server.faults import UnknownFault
from lab.server.refused import Refused
from lab.site.crowd import Crowd
from lab.site.project_control import ProjectControl
from lab.site.site import Site

SETTINGS = {
    "speed": ("clock", "speed"),
    "gitlab_version": ("gitlab", "version"),
    "loss_delay": ("gitlab", "loss_delay"),
    "tags_vanish_after": ("gitlab", "tags_vanish_after"),
    "repair_works": ("gitlab", "repair_works"),
    "decomposed": ("gitlab", "decomposed"),
    "job_seconds": ("project.scheduler", "job_seconds"),
    "cancel_seconds": ("project.pipelines", "cancel_seconds"),
    "process_seconds": ("project.pipelines", "process_seconds"),
    "push_seconds": ("project", "push_seconds"),
    "kafka_log": ("project.traces", "kafka_log"),
    "gitlab_refuses": ("project.remotes", "gitlab_refuses"),
    "github_refuses": ("project.remotes", "github_refuses"),
    "rake_boot": ("toolbox", "boot"),
    "rake_down": ("toolbox", "down"),
    "rake_up": ("toolbox", "up"),
    "pod_ready_seconds": ("pods", "ready_seconds"),
    "pod_grace_seconds": ("pods", "grace_seconds"),
    "kubernetes_version": ("kubernetes.served", "version"),
    "strimzi_versions": ("kubernetes.served", "strimzi"),
    "kafka_roll_seconds": ("kafka", "roll_seconds"),
    "kafka_never_ready": ("kafka", "never_ready"),
    "kafka_old_broker": ("kafka", "old_broker"),
    "kafka_stuck": ("kafka", "stuck"),
    "kafka_unreachable": ("kafka_logins", "unreachable"),
    "kafka_login_seconds": ("kafka_logins", "seconds"),
}

# Standing faults, which need no system to be told apart.
DENY = {"system": "rbac", "action": "deny", "times": -1}
NEVER_READY = {"system": "pods", "action": "never_ready", "times": -1}


class Control:
    """The control API of a site. Its own requests are not in the log."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.faults.happen = self._add_fault
        self.app = web.Application()
        self.app.router.add_get("/requests", self._requests)
        self.app.router.add_get("/state", self._state)
        self.app.router.add_get("/faults", self._faults)
        self.app.router.add_post("/faults", self._add_faults)
        self.app.router.add_delete("/faults", self._forget_faults)
        self.app.router.add_post("/reset", self._reset)
        self.app.router.add_post("/rake/{step}", self._rake)
        self.app.router.add_post("/kafka/connect", self._kafka)
        self._immediate: dict[str, Callable[[dict[str, Any]], Awaitable[None] | None]] = {
            "set": self._set,
            "advance": lambda f: self.site.clock.advance(f["seconds"]),
            "set_tags": lambda f: self._gitlab.set_tags(f["runner"], f["tags"], "fault"),
            "lose_tags": self._lose_tags,
            "remove_runner": self._remove_runner,
            "register_runner": lambda f: self._gitlab.register_runner(
                f["runner"], f.get("description")
            ),
            "describe_runner": lambda f: self._gitlab.runner(f["runner"]).update(
                description=f["description"]
            ),
            "patch_object": self._patch_object,
            "create_object": self._create_object,
            "delete_object": self._delete_object,
            "set_online": lambda f: self._gitlab.set_online(f["runner"], f["online"]),
            "replace_pod": lambda f: self.site.pods.replace_by_label(f["pod"], f.get("grace", 0)),
            "lose_node": lambda f: self.site.pods.lose_node(f["pod"]),
            "add_pod": self._add_pod,
            "drop_ssh": lambda f: self._part("control_node").drop(),
            "refuse_ssh": lambda f: self._part("control_node").refuse(f["seconds"]),
            "fire_cronjob": lambda f: self._part("enforcer").fire(),
            "add": Crowd(site.project).add,
            "remove": Crowd(site.project).remove,
            **ProjectControl(site.project).actions(),
            "deny": lambda f: self.site.faults.add({**DENY, **f}),
            "never_ready": lambda f: self.site.faults.add({**NEVER_READY, **f}),
        }

    @property
    def _gitlab(self) -> Any:
        return self.site.gitlab

    async def _requests(self, request: web.Request) -> web.Response:
        mutating = request.query.get("mutating")
        return web.json_response(
            self.site.log.select(
                request.query.get("system"),
                None if mutating is None else mutating == "true",
                int(request.query.get("since", 0)),
            )
        )

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.site.state())

    async def _faults(self, request: web.Request) -> web.Response:
        return web.json_response(self.site.faults.show())

    async def _forget_faults(self, request: web.Request) -> web.Response:
        self.site.faults.clear()
        return web.json_response([])

    async def _add_faults(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
            for fault in body if isinstance(body, list) else [body]:
                await self._add_fault(dict(fault))
        except (ApiError, Refused, KeyError, TypeError, ValueError) as error:
            return web.json_response({"message": f"not understood: {error}"}, status=400)
        return web.json_response(self.site.faults.show())

    async def _add_fault(self, fault: dict[str, Any]) -> None:
        action = self._immediate.get(fault.get("action", ""))
        if "system" in fault:
            self.site.faults.add(fault)
        elif action is None:
            known = ", ".join(sorted(self._immediate))
            raise UnknownFault(f"neither a system nor one of the actions {known}")
        else:
            del fault["action"]
            acting = action(fault)
            if isawaitable(acting):
                await acting

    def _set(self, values: dict[str, Any]) -> None:
        unknown = set(values) - set(SETTINGS)
        if unknown:
            raise UnknownFault(f"no setting {', '.join(sorted(unknown))}")
        for name, value in values.items():
            part, attribute = SETTINGS[name]
            setattr(self._part(part), attribute, value)

    def _part(self, name: str) -> Any:
        part = attrgetter(name)(self.site)
        if part is None:
            raise UnknownFault(f"this site has no {name}")
        return part

    def _patch_object(self, fault: dict[str, Any]) -> None:
        """Change an object, as somebody else would; without a name the only one of its kind."""
        for (plural, namespace, name), live in self.site.kubernetes.objects.items():
            if live["kind"] == fault["kind"] and fault.get("name", name) == name:
                wanted = merge(live, fault["patch"])
                self.site.kubernetes.replace(plural, namespace, name, wanted, False)
                return
        raise UnknownFault(f"no object of kind {fault['kind']}")

    def _create_object(self, fault: dict[str, Any]) -> None:
        document = fault["document"]
        namespace = document["metadata"].get("namespace", "")
        self.site.kubernetes.create(of_kind(document["kind"]).plural, namespace, document)

    def _add_pod(self, fault: dict[str, Any]) -> None:
        other = {name: fault.pop(name) for name in ("ready", "created") if name in fault}
        self.site.pods.add(Template(**fault), **other)

    def _delete_object(self, fault: dict[str, Any]) -> None:
        plural = of_kind(fault["kind"]).plural
        self.site.kubernetes.delete(plural, fault.get("namespace", ""), fault["name"])

    def _remove_runner(self, fault: dict[str, Any]) -> None:
        del self._gitlab.runners[fault["runner"]]

    def _lose_tags(self, fault: dict[str, Any]) -> None:
        numbers = fault["runners"]
        self._gitlab.lose_tags(list(self._gitlab.runners) if numbers == "all" else numbers)

    async def _reset(self, request: web.Request) -> web.Response:
        self.site.reset()
        return web.json_response({})

    async def _rake(self, request: web.Request) -> web.Response:
        document = await request.json()
        step = request.match_info["step"]
        if step == "start":
            return web.json_response(self.site.toolbox.start(document))
        if step == "wait":
            await self.site.clock.sleep(document)
            return web.json_response({})
        act = self.site.toolbox.begin if step == "begin" else self.site.toolbox.finish
        return web.json_response(act(document))

    async def _kafka(self, request: web.Request) -> web.Response:
        answer = self._part("kafka").programs.run(await request.json())
        await self.site.clock.sleep(answer["seconds"])
        return web.json_response(answer)
