"""A cluster through the clients of the real one: the Kubernetes client of Python, and kubectl."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config
from kubernetes.stream import stream
from limits import LIMIT

ROOTS = {
    "kafkas": "/apis/kafka.strimzi.io/v1",
    "clusterroles": "/apis/rbac.authorization.k8s.io/v1",
    "clusterrolebindings": "/apis/rbac.authorization.k8s.io/v1",
    "rolebindings": "/apis/rbac.authorization.k8s.io/v1",
}
APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"


class Refused(Exception):
    """What the API said instead of doing it."""

    def __init__(self, status: dict[str, Any]) -> None:
        super().__init__(status["message"])
        self.status = status
        self.code = status["code"]


class Cluster:
    """Requests, exec and kubectl."""

    def __init__(self, kubeconfig: str, home: Path) -> None:
        self.kubeconfig = kubeconfig
        self.home = home
        self.api = config.new_client_from_config(kubeconfig)
        self.core = client.CoreV1Api(self.api)

    def close(self) -> None:
        self.api.rest_client.close()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        **query: Any,
    ) -> dict[str, Any]:
        """Send a request and return the answer; raise Refused for a Status that is no success."""
        what = self.api.param_serialize(
            method=method,
            resource_path=path,
            query_params=list(query.items()),
            header_params={"Content-Type": content_type, "Accept": "application/json"},
            body=body,
            auth_settings=["BearerToken"],
        )
        answer = self.api.call_api(*what)
        document = json.loads(answer.read())
        if answer.status >= 400:
            raise Refused(document)
        return document

    def path(self, plural: str, namespace: str, name: str = "") -> str:
        space = f"/namespaces/{namespace}" if namespace else ""
        return f"{ROOTS.get(plural, '/api/v1')}{space}/{plural}" + (f"/{name}" if name else "")

    def get(self, plural: str, namespace: str, name: str) -> dict[str, Any]:
        return self.request("GET", self.path(plural, namespace, name))

    def patch(
        self,
        plural: str,
        namespace: str,
        name: str,
        patch: Any,
        content_type: str = MERGE,
        **query: Any,
    ) -> dict[str, Any]:
        path = self.path(plural, namespace, name)
        return self.request("PATCH", path, patch, content_type, **query)

    def execute(
        self, namespace: str, pod: str, command: list[str], stdin: str = ""
    ) -> tuple[int, str, str]:
        """Run a command in a pod; return its exit code and both outputs."""
        # Version 4 of the protocol cannot close stdin, so the shell takes as much as there is.
        framed = ["sh", "-c", f'head -c {len(stdin)} | "$@"', "sh", *command] if stdin else command
        running = stream(
            self.core.connect_get_namespaced_pod_exec,
            *(pod, namespace),
            command=framed,
            stdin=bool(stdin),
            stdout=True,
            stderr=True,
            _preload_content=False,
        )
        if stdin:
            running.write_stdin(stdin)
        running.run_forever(timeout=20)
        done = (running.returncode, running.read_stdout(), running.read_stderr())
        running.sock.shutdown()
        return done

    def kubectl(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        if shutil.which("kubectl") is None:
            pytest.skip("kubectl is not installed here; CI installs it")
        done = subprocess.run(
            ["kubectl", *arguments],
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "KUBECONFIG": self.kubeconfig,
                "HOME": str(self.home),
            },
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        return done.returncode, done.stdout, done.stderr
