"""Which version of an API group the cluster serves: asked of it, as kubectl does.

Operators add versions of their resources and drop old ones: Strimzi 0.49 added v1 beside v1beta2,
and 1.0 serves v1 alone. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
"""

import threading
from collections.abc import Callable
from typing import Any

from ops.http.request import Request, get
from ops.http.response import Response
from ops.kubernetes.names import UNKNOWN

Send = Callable[[Request], Response]


class Served:
    """The versions that one cluster serves; each group is asked for once.

    + send: sends a request to the cluster
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._known: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()  # Hosts connect at the same time.

    def path(self, path: str) -> str:
        """Return a path with the served version in the place of `{version}`.

        + path: such as "/apis/kafka.strimzi.io/{version}/namespaces/kafka/kafkas/my-cluster"

        Of several versions it is the one that the cluster prefers. Raises OSError in words where
        the cluster cannot be asked, or does not serve the resource.
        """
        if UNKNOWN not in path:
            return path
        group, plural = _parts(path)
        with self._lock:
            if (group, plural) not in self._known:
                self._known[group, plural] = self._find(group, plural)
        return path.replace(UNKNOWN, self._known[group, plural])

    def explain(self, path: str) -> str:
        """Return which versions there are of what a path asked for in vain.

        + path: one for which the cluster has no page
        """
        group, plural = _parts(path)
        try:
            versions = self._versions(group)
        except OSError:
            return ""
        if not versions:
            return f"The cluster serves no API group {group}: is its operator installed?"
        served = [version for version in versions if self._has(group, version, plural)]
        if not served:
            return f"The cluster serves {group} ({', '.join(versions)}), but no {plural} in it"
        return (
            f"The cluster serves {plural} of {group} as {', '.join(served)}:"
            f" write {plural}.{group}, and the version is found"
        )

    def _find(self, group: str, plural: str) -> str:
        for version in self._versions(group):
            if self._has(group, version, plural):
                return version
        raise OSError(f"no {plural} of {group}: {self.explain(f'/apis/{group}/-/{plural}')}")

    def _versions(self, group: str) -> list[str]:
        """Return the versions of a group, the preferred one first."""
        body = self._read(f"/apis/{group}") or {}
        found = [str(entry["version"]) for entry in body.get("versions") or []]
        preferred = (body.get("preferredVersion") or {}).get("version")
        return sorted(found, key=lambda version: version != preferred)

    def _has(self, group: str, version: str, plural: str) -> bool:
        body = self._read(f"/apis/{group}/{version}") or {}
        return any(entry["name"] == plural for entry in body.get("resources") or [])

    def _read(self, path: str) -> dict[str, Any] | None:
        response = self._send(get(path))
        if response.status == 404:
            return None
        if not response.ok or not isinstance(response.body, dict):
            raise OSError(f"GET {path} -> {response.status} {response.reason}".strip())
        return response.body


def is_no_page(response: Response) -> bool:
    """Return whether the cluster serves no such group, version or resource.

    For an object that does not exist, 404 comes with a document that names it. Of the groups of the
    server itself the other 404 is a document as well, and of all others a text.
    """
    body = response.body
    named = isinstance(body, dict) and (body.get("details") or {}).get("name")
    return response.status == 404 and not named


def _parts(path: str) -> tuple[str, str]:
    """Return group and resource of `/apis/GROUP/VERSION[/namespaces/NAMESPACE]/RESOURCE…`."""
    parts = path.split("/")[2:]
    group, rest = parts[0], parts[2:]
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        rest = rest[2:]
    return group, rest[0] if rest else ""
