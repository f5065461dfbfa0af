"""The whole site: its systems, their files, and the environment that points a client at them."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from lab.git.github import GitHub
from lab.gitlab.project import Project
from lab.gitlab.routes import GitLabApi
from lab.gitlab.state import GitLab
from lab.gitlab.toolbox import Toolbox
from lab.kafka.state import Kafka
from lab.kafka.topics import Delivery
from lab.kubernetes.routes import KubernetesApi
from lab.kubernetes.state import Kubernetes
from lab.kubernetes.workloads.pods import Pods
from lab.server.clock import Clock
from lab.server.faults import Faults
from lab.server.request_log import RequestLog
from lab.server.tls import Authority
from lab.site import environment as client
from lab.site.description import Description
from lab.site.tag_enforcer import Enforcer
from lab.ssh.control_node import ControlNode


class Site:
    """Start, reset and stop everything.

    + description: what there is; a system that it lacks is None here
    + directory: an empty directory for files of the site
    + minute: seconds that a minute of the enforcer's schedule takes
    + control: makes the application behind LAB_URL; it knows the site, and the site not it
    """

    def __init__(
        self,
        description: Description,
        directory: Path,
        minute: float,
        speed: float,
        control: Callable[["Site"], web.Application],
    ) -> None:
        self.description = description
        self.directory = directory
        self.token = secrets.token_hex(20)
        self.github_token = secrets.token_hex(20)
        self.cluster_token = secrets.token_hex(20)
        self.clock = Clock(speed)
        self.log = RequestLog()
        self.faults = Faults()
        self.pod_environment: dict[str, str] = {}
        self._make_systems(minute)
        self.gitlab_api = GitLabApi(self.gitlab, self.project, self.token, self.log, self.faults)
        self.kubernetes_api = KubernetesApi(
            self.kubernetes, self.pods, self.cluster_token, self.log, self.faults
        )
        self.github = (
            GitHub(self.project.remotes, self.github_token, self.log, self.faults)
            if "github" in description.remotes
            else None
        )
        self._control = web.AppRunner(control(self), access_log=None, shutdown_timeout=0.2)
        self._tasks: list[asyncio.Task[None]] = []

    def _make_systems(self, minute: float) -> None:
        has, directory = self.description, self.directory
        self.gitlab = GitLab(has.gitlab, self.clock)
        self.toolbox = Toolbox(self.gitlab)
        self.kubernetes = Kubernetes(has.objects)
        self.pods = Pods(
            self.kubernetes,
            directory / "pods",
            self.pod_environment,
            self.faults,
            self.clock,
            has.pods,
            has.programs,
        )
        self.project = Project(self.gitlab, self.kubernetes, directory / "git", has.project)
        self.enforcer = (
            Enforcer(self.kubernetes, self.gitlab, self.clock, minute) if has.has_enforcer else None
        )
        self.kafka = (
            Kafka(self.kubernetes, self.pods, self.clock, self.kafka_password, self._deliveries)
            if has.has_kafka
            else None
        )
        self.kafka_logins = self.kafka.logins if self.kafka else None
        if self.kafka:
            self.project.traces.logs_in = self.kafka.logins.takes
        node = has.control_node
        self.control_node = ControlNode(node, directory, self.log) if node else None

    def _deliveries(self) -> list[Delivery]:
        """Return what the jobs that have ended have brought to Kafka."""
        ended = (j for j in self.project.pipelines.jobs() if j.started_at and j.finished_at)
        return [Delivery(j.started_at, j.finished_at, j.delivered) for j in ended if j.delivered]  # type: ignore[arg-type]

    @property
    def kafka_password(self) -> str:
        """The right password of Kafka's user dedup-lab."""
        return self.project.variables.store["DEDUP_KAFKA_PASSWORD"]

    @property
    def gitlab_url(self) -> str:
        """The URL of GitLab, with its relative one."""
        return f"https://localhost:{self.gitlab_api.port}{self.description.gitlab.root}"

    async def start(self) -> dict[str, str]:
        """Start all servers and return the environment that points a client at them."""
        authority = Authority(self.directory)
        local = ["localhost", "127.0.0.1"]
        await self.gitlab_api.start(authority.server_context("gitlab", local))
        servers = {"gitlab": self.gitlab_url}
        if self.github:
            await self.github.start(authority.server_context("github", local))
            servers["github"] = f"https://localhost:{self.github.port}"
        names = [*local, "kubernetes.default.svc"]
        names += [self.control_node.address.api[0]] if self.control_node else []
        await self.kubernetes_api.start(authority.server_context("kubernetes", names))
        await self._control.setup()
        await web.TCPSite(self._control, "127.0.0.1", 0).start()
        lab_url = f"http://127.0.0.1:{self._control.addresses[0][1]}"
        self.pod_environment["LAB_RAKE_URL"] = f"{lab_url}/rake"
        self.pod_environment["LAB_KAFKA_URL"] = f"{lab_url}/kafka"
        if self.control_node:
            await self.control_node.start(self.kubernetes_api.port)
        self.project.prepare(servers)
        self.reset()
        runs = [self.project.scheduler.run()] + ([self.enforcer.run()] if self.enforcer else [])
        self._tasks = [asyncio.create_task(run) for run in runs]
        return self._environment(lab_url, authority.file)

    def reset(self) -> None:
        """Go back to the broken state of the beginning."""
        self.faults.clear()
        self.clock.reset()
        self.gitlab.reset()
        self.toolbox.reset()
        self.kubernetes.reset()
        self.pods.reset()
        for system in (self.kafka, self.control_node, self.enforcer):
            if system:
                system.reset()
        self.project.reset()
        self.log.clear()

    async def stop(self) -> None:
        """Stop all servers and kill what runs in pods and on the control node."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self.kafka:
            self.kafka.stop()
        self.pods.stop()
        for server in (self.control_node, self.gitlab_api, self.github, self.kubernetes_api):
            if server:
                await server.stop()
        await self._control.cleanup()

    def state(self) -> dict[str, Any]:
        """Return the state of all systems; of one that there is not, None."""
        node = self.control_node
        return {
            "gitlab": self.gitlab.state(),
            "project": self.project.state(),
            "rake": self.toolbox.state(),
            "kubernetes": {"objects": self.kubernetes.state()},
            "pods": self.pods.state(),
            "kafka": self.kafka.state() if self.kafka else None,
            "cronjob": {"fires": self.enforcer.fires} if self.enforcer else None,
            "control_node": {"files": node.machine.files()} if node else None,
        }

    def _environment(self, lab_url: str, authority: Path) -> dict[str, str]:
        port, token = self.kubernetes_api.port, self.cluster_token
        near = client.kubeconfig(f"127.0.0.1:{port}", authority, token)
        configuration = client.python_gitlab(self.gitlab_url, authority, self.token)
        return {
            "LAB_URL": lab_url,
            "LAB_DIRECTORY": str(self.directory),
            "GITLAB_URL": self.gitlab_url,
            "GITLAB_TOKEN": self.token,
            "GITLAB_CA_FILE": str(authority),
            "PYTHON_GITLAB_CFG": self._write("python-gitlab.cfg", configuration),
            "KUBECONFIG": self._write("kubeconfig", near),
            "SNAPSHOT_DIRECTORY": str(self.directory / "snapshots"),
            "EVIDENCE_DIRECTORY": str(self.directory / "evidence"),
            "RECORD_DIRECTORY": str(self.directory / "runs"),
            "LOCK_DIRECTORY": str(self.directory),
            "OPERATOR_CLONE": str(self.project.remotes.clone),
            "GIT_SSL_CAINFO": str(authority),
            **self._of_parts(authority),
            **client.short(self.clock.speed),
            **self.project.variables.store,
            **client.no_proxy(),
        }

    def _of_parts(self, authority: Path) -> dict[str, str]:
        """Return the environment of what only some sites have."""
        found: dict[str, str] = {}
        if self.control_node:
            host, port = self.control_node.address.api
            far = client.kubeconfig(f"{host}:{port}", authority, self.cluster_token)
            self.control_node.set_kubeconfig(far)
            found["KUBERNETES_VIA"] = f"root@{self.control_node.address.name}"
            found["SSH_CONFIG_FILE"] = str(self.directory / "ssh_config")
        if self.description.has_toolbox:
            directory = self.directory / "images" / "toolbox" / "srv" / "gitlab"
            found["GITLAB_RAILS_DIRECTORY"] = client.rails_directory(directory)
        if self.kafka:
            found["KAFKA_CLIENT_LIBRARY"] = "librdkafka 2.8.0"
            found["KAFKA_BIN"] = ""  # Kafka's programs are on the PATH of a broker pod.
            found["KAFKA_READY_SECONDS"] = f"{60 / self.clock.speed:g}"
            found["SASL_REQUIRED_COMMIT"] = self.project.remotes.shas[-1]
        if self.github:
            found["GITHUB_TOKEN"] = self.github_token
        return found

    def _write(self, name: str, text: str) -> str:
        return client.write_private(self.directory / name, text)
