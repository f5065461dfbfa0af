"""Which pods have read a key of a ConfigMap, how, and whether they can have its present text.

https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Reader:
    """A container that has read it.

    + owner: what the pod belongs to, such as "Deployment web"; the pod itself where to nothing
    + pod, container: its names
    + how: what of it reads: a variable, a file
    + renewed: whether the file in it is renewed, so that only what was read at its start is old
    + since: when it started
    """

    owner: str
    pod: str
    container: str
    how: str
    renewed: bool
    since: datetime

    def __str__(self) -> str:
        where = f"container {self.container} of pod {self.pod}"
        owner = "" if self.owner == f"Pod {self.pod}" else f"{self.owner}, "
        return f"{owner}{where}, since {self.since:%Y-%m-%d %H:%M:%S} UTC: {self.how}"


def readers(pods: Sequence[Document], name: str, key: str) -> list[Reader]:
    """Return the running containers that read a key of a ConfigMap, in the order of their pods.

    + pods: all pods of its namespace
    + name: of the ConfigMap
    """
    found = [reader for pod in pods if _is_alive(pod) for reader in _of_pod(pod, name, key)]
    return sorted(found, key=lambda one: (one.owner, one.pod, one.container))


def last_change(config_map: Document) -> datetime:
    """Return when the ConfigMap was written last, as the API noted it for each writer."""
    metadata = config_map["metadata"]
    written = [e["time"] for e in metadata.get("managedFields") or [] if e.get("time")]
    return max(datetime.fromisoformat(text) for text in [metadata["creationTimestamp"], *written])


def _is_alive(pod: Document) -> bool:
    phase = pod.get("status", {}).get("phase")
    return not pod["metadata"].get("deletionTimestamp") and phase not in ("Succeeded", "Failed")


def _of_pod(pod: Document, name: str, key: str) -> Iterator[Reader]:
    spec = pod["spec"]
    volumes = {v["name"] for v in spec.get("volumes") or [] if _has(v, name, key)}
    # What an init container has read may be in a volume of the others.
    for container in [*(spec.get("initContainers") or []), *spec["containers"]]:
        since = _since(pod, container["name"])
        if since is None:
            continue
        for how, renewed in _of_container(container, volumes, name, key):
            metadata = pod["metadata"]
            yield Reader(_owner(pod), metadata["name"], container["name"], how, renewed, since)


def _has(volume: Document, name: str, key: str) -> bool:
    projected = (volume.get("projected") or {}).get("sources") or []
    sources = [volume.get("configMap"), *(source.get("configMap") for source in projected)]
    return any(source and source.get("name") == name and _holds(source, key) for source in sources)


def _holds(source: Document, key: str) -> bool:
    items = source.get("items")
    return not items or any(item.get("key") == key for item in items)


def _of_container(
    container: Document, volumes: set[str], name: str, key: str
) -> Iterator[tuple[str, bool]]:
    for variable in container.get("env") or []:
        source = (variable.get("valueFrom") or {}).get("configMapKeyRef") or {}
        if (source.get("name"), source.get("key")) == (name, key):
            yield f"variable {variable['name']}", False
    for source in container.get("envFrom") or []:
        if (source.get("configMapRef") or {}).get("name") == name:
            yield "its variables (envFrom)", False
    for mount in container.get("volumeMounts") or []:
        if mount["name"] not in volumes:
            continue
        part = mount.get("subPath") or mount.get("subPathExpr")
        if part:
            yield f"file {mount['mountPath']} (subPath, which is never renewed)", False
        else:
            yield f"files in {mount['mountPath']}", True


def _since(pod: Document, container: str) -> datetime | None:
    """Return when a container started, or None where it is still to read what it reads."""
    status = pod.get("status", {})
    for one in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        if one["name"] == container:
            state = one.get("state") or {}
            started = (state.get("running") or state.get("terminated") or {}).get("startedAt")
            return datetime.fromisoformat(started) if started else None
    started = status.get("startTime")
    return datetime.fromisoformat(started) if started else None


def _owner(pod: Document) -> str:
    metadata = pod["metadata"]
    owners = [o for o in metadata.get("ownerReferences") or [] if o.get("controller")]
    if not owners:
        return f"Pod {metadata['name']}"
    kind, name = owners[0]["kind"], str(owners[0]["name"])
    template = (metadata.get("labels") or {}).get("pod-template-hash")
    if kind == "ReplicaSet" and template and name.endswith(f"-{template}"):
        return f"Deployment {name.removesuffix(f'-{template}')}"
    return f"{kind} {name}"
