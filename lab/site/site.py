"""The whole site: its systems, their files, and the environment that points a client at them."""

import asyncio
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from lab.git.github import GitHub
from lab.gitlab import initial
from lab.gitlab.project import Project
from lab.gitlab.routes import GitLabApi
from lab.gitlab.state import GitLab
from lab.gitlab.toolbox import Toolbox
from lab.kafka.state import Kafka
from lab.kubernetes.routes import KubernetesApi
from lab.kubernetes.state import Kubernetes
from lab.kubernetes.workloads.pods import Pods
from lab.server.faults import Faults
from lab.server.request_log import RequestLog
from lab.server.tls import Authority
from lab.site import initial as site_initial
from lab.site.tag_enforcer import Enforcer
from lab.ssh.control_node import API_ADDRESS, NAME, ControlNode


class Site:
    """Start, reset and stop everything.

    + directory: an empty directory for files of the site
    + minute: seconds that a minute of the enforcer's schedule takes
    + control: makes the application behind LAB_URL; it knows the site, and the site not it
    """

    def __init__(
        self, directory: Path, minute: float, control: Callable[["Site"], web.Application]
    ) -> None:
        self.directory = directory
        self.token = secrets.token_hex(20)
        self.github_token = secrets.token_hex(20)
        self.cluster_token = secrets.token_hex(20)
        self.log = RequestLog()
        self.faults = Faults()
        self.gitlab = GitLab()
        self.toolbox = Toolbox(self.gitlab)
        self.kubernetes = Kubernetes(site_initial.objects)
        self.pod_environment: dict[str, str] = {}
        self.pods = Pods(
            self.kubernetes,
            directory / "pods",
            self.pod_environment,
            self.faults,
            site_initial.templates(),
            site_initial.PROGRAMS,
        )
        self.enforcer = Enforcer(self.kubernetes, self.gitlab, minute)
        self.control_node = ControlNode(directory, self.log)
        self.project = Project(self.gitlab, self.kubernetes, directory / "git")
        self.kafka = Kafka(self.kubernetes, self.pods, self.kafka_password)
        self.kafka_logins = self.kafka.logins
        self.gitlab_api = GitLabApi(self.gitlab, self.project, self.token, self.log, self.faults)
        self.github = GitHub(self.project.remotes, self.github_token, self.log, self.faults)
        self.kubernetes_api = KubernetesApi(
            self.kubernetes, self.pods, self.cluster_token, self.log, self.faults
        )
        self._control = web.AppRunner(control(self), access_log=None, shutdown_timeout=0.2)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def kafka_password(self) -> str:
        """The right password of Kafka's user dedup-lab."""
        return self.project.variables.store["DEDUP_KAFKA_PASSWORD"]

    async def start(self) -> dict[str, str]:
        """Start all servers and return the environment that points a client at them."""
        authority = Authority(self.directory)
        local = ["localhost", "127.0.0.1"]
        await self.gitlab_api.start(authority.server_context("gitlab", local))
        await self.github.start(authority.server_context("github", local))
        names = ["127.0.0.1", "localhost", API_ADDRESS[0], "kubernetes.default.svc"]
        await self.kubernetes_api.start(authority.server_context("kubernetes", names))
        await self._control.setup()
        await web.TCPSite(self._control, "127.0.0.1", 0).start()
        lab_url = f"http://127.0.0.1:{self._control.addresses[0][1]}"
        self.pod_environment["LAB_RAKE_URL"] = f"{lab_url}/rake"
        self.pod_environment["LAB_KAFKA_URL"] = f"{lab_url}/kafka"
        await self.control_node.start(self.kubernetes_api.port)
        servers = {"gitlab": self.gitlab_api.port, "github": self.github.port}
        self.project.prepare({n: f"https://localhost:{port}" for n, port in servers.items()})
        self.reset()
        runs = (self.enforcer.run(), self.project.scheduler.run())
        self._tasks = [asyncio.create_task(run) for run in runs]
        return self._environment(lab_url, authority)

    def reset(self) -> None:
        """Go back to the broken state of the beginning."""
        self.faults.clear()
        self.gitlab.reset()
        self.toolbox.reset()
        self.kubernetes.reset()
        self.pods.reset()
        self.kafka.reset()
        self.control_node.reset()
        self.enforcer.reset()
        self.project.reset()
        self.log.clear()

    async def stop(self) -> None:
        """Stop all servers and kill what runs in pods and on the control node."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.kafka.stop()
        self.pods.stop()
        await self.control_node.stop()
        await self.gitlab_api.stop()
        await self.github.stop()
        await self.kubernetes_api.stop()
        await self._control.cleanup()

    def state(self) -> dict[str, Any]:
        """Return the state of all systems."""
        return {
            "gitlab": self.gitlab.state(),
            "project": self.project.state(),
            "rake": self.toolbox.state(),
            "kubernetes": {"objects": self.kubernetes.state()},
            "pods": self.pods.state(),
            "kafka": self.kafka.state(),
            "cronjob": {"fires": self.enforcer.fires},
            "control_node": {"files": self.control_node.machine.files()},
        }

    def _environment(self, lab_url: str, authority: Authority) -> dict[str, str]:
        gitlab_url = f"https://localhost:{self.gitlab_api.port}"
        authority_file = str(authority.file)
        port = self.kubernetes_api.port
        kubeconfig = self._write("kubeconfig", self._kubeconfig(f"127.0.0.1:{port}", authority))
        far = self._kubeconfig(f"{API_ADDRESS[0]}:{API_ADDRESS[1]}", authority)
        self.control_node.set_kubeconfig(far)
        configuration = self._write(
            "python-gitlab.cfg",
            f"[global]\ndefault = lab\nssl_verify = {authority_file}\ntimeout = 30\n\n"
            f"[lab]\nurl = {gitlab_url}\nprivate_token = {self.token}\n",
        )
        no_proxy = ",".join(filter(None, [os.environ.get("no_proxy"), "127.0.0.1,localhost"]))
        return {
            "LAB_URL": lab_url,
            "GITLAB_URL": gitlab_url,
            "GITLAB_TOKEN": self.token,
            "GITLAB_CA_FILE": authority_file,
            "PYTHON_GITLAB_CFG": configuration,
            "KUBECONFIG": kubeconfig,
            "KUBERNETES_VIA": f"root@{NAME}",
            "SSH_CONFIG_FILE": str(self.directory / "ssh_config"),
            "GITLAB_RAILS_DIRECTORY": self._rails_directory(),
            "KAFKA_BIN": "",  # Kafka's programs are on the PATH of a broker pod.
            "SNAPSHOT_DIRECTORY": str(self.directory / "snapshots"),
            "EVIDENCE_DIRECTORY": str(self.directory / "evidence"),
            "WATCH_INTERVAL": "0.3",
            "UNBLOCK_SECONDS": "60",
            "STALLED_SECONDS": "3",
            "PUSH_PIPELINE_SECONDS": "10",
            "KAFKA_READY_SECONDS": "20",
            "TAG_VERIFICATION_SECONDS": "6",
            "TAG_VERIFICATION_INTERVAL": "1",
            "OPERATOR_CLONE": str(self.project.remotes.clone),
            "GITHUB_TOKEN": self.github_token,
            "GIT_SSL_CAINFO": authority_file,
            "SASL_REQUIRED_COMMIT": self.project.remotes.shas[-1],
            **self.project.variables.store,
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    def _kubeconfig(self, server: str, authority: Authority) -> str:
        import base64

        data = base64.b64encode(authority.file.read_bytes()).decode()
        cluster = {"server": f"https://{server}", "certificate-authority-data": data}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "lab",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": self.cluster_token}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "admin"}}],
        }
        return str(yaml.safe_dump(document))

    def _rails_directory(self) -> str:
        rails = self.directory / "images" / "toolbox" / "srv" / "gitlab"
        migrations = rails / "db" / "post_migrate"
        migrations.mkdir(parents=True)
        requeue = "requeue_backfill_ci_runners_partitioned_table"
        (migrations / f"{initial.MIGRATION}_{requeue}.rb").touch()
        copy = "ensure_runner_taggings_exist_try2"
        (migrations / f"{initial.FORCE_COPY_MIGRATION}_{copy}.rb").touch()
        return str(rails)

    def _write(self, name: str, text: str) -> str:
        file = self.directory / name
        file.touch(mode=0o600)
        file.write_text(text)
        return str(file)


def write_environment(environment: dict[str, str], file: Path) -> None:
    """Write the environment as JSON, complete or not at all."""
    new = file.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(environment, indent=2))
    new.rename(file)
