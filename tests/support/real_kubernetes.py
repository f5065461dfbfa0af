"""A real kube-apiserver, where `make real` has built one: its address, its users, its log.

What is in it comes from the practice site's initial state (real_site.py) and is put back there.
"""

import base64
import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab_process import ROOT
from limits import LIMIT

from lab.server.tls import Authority
from lab.site.environment import kubeconfig, write_private

QUESTIONS = "/apis/authorization.k8s.io/"  # access reviews, which are created and stored nowhere
VERSION = os.environ.get("KUBERNETES", "1.37.2")
BUILT_WITH_NODES = "1.37.2"  # tests/real/kubernetes/server/go.mod
PROGRAM = ROOT / ".real" / f"kubernetes-{VERSION}"
MISSING = "not built: make real"
# What a server with one administrator needs to be told.
FLAGS = (
    "--authorization-mode=RBAC",
    # Pods would wait for service accounts, which another controller makes.
    "--disable-admission-plugins=ServiceAccount",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=127.100.0.0/16",
    "--audit-log-mode=blocking",
    # Pages come from etcd then: a snapshot in memory may know what etcd has forgotten.
    "--feature-gates=ListFromCacheSnapshot=false",
)
# A request is logged as soon as it is answered. What the server and its nodes do of themselves is
# left out.
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: None
    users: ["system:apiserver", "system:anonymous", "nodes"]
  - level: Metadata
"""


class RealKubernetes:
    """A running kube-apiserver with an etcd of its own.

    + directory: an empty one, for its files
    + nodes: whether pods run (tests/real/kubernetes/server/nodes), and Kubernetes' controllers
    """

    def __init__(self, directory: Path, nodes: bool = False) -> None:
        self.directory = directory
        self._nodes_token = secrets.token_hex(20) if nodes else ""
        self.token = secrets.token_hex(20)
        self.audit_log = directory / "audit.log"
        self._authority = authority = Authority(directory)
        authority.server_context("server", ["localhost", "127.0.0.1"])
        self.authority = authority.file
        self._log = (directory / "server.log").open("wb")
        self.process = subprocess.Popen(
            [str(PROGRAM), str(directory), *FLAGS, *self._flags()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "NODES_TOKEN": self._nodes_token},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            log = (directory / "server.log").read_text(errors="replace")
            raise RuntimeError(f"kube-apiserver did not start:\n{log[-4000:]}")
        self.address: str = json.loads(line)["address"]
        self.kubeconfig = write_private(
            directory / "kubeconfig", kubeconfig(self.address, self.authority, self.token)
        )

    def _flags(self) -> Iterator[str]:
        key = self.directory / "server.pem"  # certificate and key
        tokens = f"{self.token},admin,admin,system:masters\n"
        if self._nodes_token:
            tokens += f"{self._nodes_token},nodes,nodes,system:masters\n"
            client = self.directory / "kubelet-client.pem"
            pair = b"".join(self._authority.client("kube-apiserver-kubelet-client"))
            yield f"--kubelet-client-certificate={write_private(client, pair.decode())}"
            yield f"--kubelet-client-key={client}"
            yield "--kubelet-preferred-address-types=InternalIP"
        policy = self.directory / "audit-policy.yaml"
        policy.write_text(AUDIT_POLICY)
        yield f"--tls-cert-file={key}"
        yield f"--tls-private-key-file={key}"
        yield f"--service-account-key-file={key}"
        yield f"--service-account-signing-key-file={key}"
        yield f"--client-ca-file={self.authority}"
        yield f"--token-auth-file={write_private(self.directory / 'tokens.csv', tokens)}"
        yield f"--audit-policy-file={policy}"
        yield f"--audit-log-path={self.audit_log}"

    def kubeconfig_of(self, user: str, *groups: str) -> str:
        """Return the file of somebody who has a certificate, and no token."""
        key, certificate = self._authority.client(user, groups)
        document = yaml.safe_load(Path(self.kubeconfig).read_text())
        document["users"][0]["user"] = {
            "client-certificate-data": base64.b64encode(certificate).decode(),
            "client-key-data": base64.b64encode(key).decode(),
        }
        file = self.directory / f"kubeconfig-{user}"
        return write_private(file, yaml.safe_dump(document))

    def lose_answer(self, text: str, stall: bool = False) -> None:
        """Lose etcd's answer to the request that has a text in it, once that is stored.

        + stall: etcd does not hang up then, but says nothing any more on this connection
        """
        text = f"stall {text}" if stall else text
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{text}\n".encode())
        self.process.stdin.flush()
        assert self.process.stdout.readline() == f"{text}\n".encode()

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests so far that are no question, as the server's audit log has them."""
        events = [json.loads(line) for line in self.audit_log.read_text().splitlines()]
        return [event for event in events if not event["requestURI"].startswith(QUESTIONS)]

    def mutations(self) -> list[str]:
        """Return the requests so far that were to change something."""
        reading = ("get", "list", "watch")
        return [
            f"{event['verb']} {event['requestURI']}"
            for event in self.requests()
            if event["verb"] not in reading and "dryRun=All" not in event["requestURI"]
        ]

    def stop(self) -> None:
        """End it, which closing its standard input does."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(LIMIT)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


def need_real(nodes: bool = False) -> None:
    """Skip where nothing is built; with TEST_REAL that is an error."""
    if nodes and VERSION != BUILT_WITH_NODES:
        pytest.skip(f"nodes are built of Kubernetes {BUILT_WITH_NODES} alone: make real")
    if not PROGRAM.exists():
        if os.environ.get("TEST_REAL"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
