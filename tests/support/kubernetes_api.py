"""Raw requests to a Kubernetes API, and what comes back: for the contract of its witnesses."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
import yaml
from limits import LIMIT

APPLY = "application/apply-patch+yaml"
JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


@dataclass(frozen=True)
class Answer:
    """An answer: its body is a document, or text where it is no JSON."""

    status: int
    content_type: str
    warnings: tuple[str, ...]
    body: Any

    @property
    def reason(self) -> str:
        """The reason in a Status object; empty where it has none, or it is another object."""
        return str(self.body.get("reason", "")) if isinstance(self.body, dict) else ""

    @property
    def message(self) -> str:
        """The message of a Status object, or the text."""
        return str(self.body.get("message", "") if isinstance(self.body, dict) else self.body)

    @property
    def causes(self) -> list[tuple[str, str]]:
        """Reason and field of each cause."""
        causes = (self.body.get("details") or {}).get("causes") or []
        return [(cause.get("reason", ""), cause.get("field", "")) for cause in causes]

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and reason, which are what a client decides by."""
        return self.status, self.reason


class Api:
    """One witness of the contract.

    + name: "lab" or "real"
    + kubeconfig: the file of its administrator
    """

    def __init__(self, name: str, kubeconfig: str) -> None:
        self.name = name
        document = yaml.safe_load(Path(kubeconfig).read_text())
        cluster = document["clusters"][0]["cluster"]
        self.server = cluster["server"]
        self.token = document["users"][0]["user"]["token"]
        self.authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._pool = urllib3.PoolManager(ca_cert_data=self.authority, retries=False, timeout=LIMIT)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = JSON,
        user: str = "",
        groups: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """Send a request and return the answer.

        + body: a document, or text that is sent as it is
        + user, groups: who is impersonated
        + headers: in the place of the administrator's token
        """
        sent = urllib3.HTTPHeaderDict(headers or {"Authorization": f"Bearer {self.token}"})
        sent["User-Agent"] = "contract/1"
        if user:
            sent["Impersonate-User"] = user
        for group in groups:
            sent.add("Impersonate-Group", group)
        if body is not None:
            sent["Content-Type"] = content_type
        data = json.dumps(body) if body is not None and not isinstance(body, str) else body
        url = f"{self.server}{path}" + (f"?{urlencode(query)}" if query else "")
        answer = self._pool.request(method, url, body=data, headers=sent, redirect=False)
        kind = answer.headers.get("Content-Type", "")
        text = answer.data.decode()
        return Answer(
            answer.status,
            kind,
            tuple(answer.headers.getlist("Warning")),
            json.loads(text) if kind.startswith(JSON) and text else text,
        )

    @cached_property
    def is_old(self) -> bool:
        """Whether it is a 1.34 or older, which says a few things otherwise."""
        return int(self.send("GET", "/version").body["minor"]) < 35

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


@dataclass
class Space:
    """A namespace that only one test has."""

    api: Api
    name: str

    def path(self, plural: str, name: str = "") -> str:
        """Return the path of a resource, such as `configmaps` or `batch/v1/cronjobs`."""
        *root, plural = plural.split("/")
        base = f"/apis/{'/'.join(root)}" if root else "/api/v1"
        return f"{base}/namespaces/{self.name}/{plural}" + (f"/{name}" if name else "")

    def create(self, plural: str, document: dict[str, Any], **query: Any) -> Answer:
        """Create an object in it."""
        return self.api.send("POST", self.path(plural), document, **query)

    def made(self, plural: str, document: dict[str, Any]) -> dict[str, Any]:
        """Create an object in it that is accepted, and return it."""
        answer = self.create(plural, document)
        assert answer.status == 201, answer.body
        return answer.body

    def patch(self, plural: str, name: str, patch: Any, content_type: str, **query: Any) -> Answer:
        """Patch an object in it."""
        return self.api.send("PATCH", self.path(plural, name), patch, content_type, **query)

    def get(self, plural: str, name: str) -> dict[str, Any]:
        """Return an object in it."""
        answer = self.api.send("GET", self.path(plural, name))
        assert answer.status == 200, answer.body
        return answer.body

    def put(self, plural: str, name: str, document: Any, **query: Any) -> Answer:
        """Replace an object in it."""
        return self.api.send("PUT", self.path(plural, name), document, JSON, **query)
