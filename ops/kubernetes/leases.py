"""Leases of the Kubernetes API, by which runs on several machines take turns. Pure.

A Lease is no lock: the API server ends none and keeps nobody from writing. What makes one of it is
that each write names the `resourceVersion` that it replaces, and the `uid` as well, since a PUT
makes a Lease that is not there whatever version it names.

https://kubernetes.io/docs/concepts/architecture/leases/
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from ops.http.request import Request, get

VERSION = "coordination.k8s.io/v1"
KIND = {"apiVersion": VERSION, "kind": "Lease"}


class _Metadata(msgspec.Struct):
    uid: str
    resourceVersion: str
    annotations: dict[str, str] | None = None


class _Spec(msgspec.Struct):
    holderIdentity: str | None = None
    leaseDurationSeconds: int | None = None
    acquireTime: str | None = None
    renewTime: str | None = None
    leaseTransitions: int | None = None


class _Form(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec


@dataclass(frozen=True)
class Lease:
    """A Lease as it was read.

    + holder: who holds it; empty: nobody
    + seconds: for how long without a renewal; 0 where nothing is said
    + since: when it was taken, as the holder's clock said
    + renewed: when it was renewed last, by the same clock
    + notes: its annotations
    + document: all of it
    """

    holder: str
    seconds: int
    since: datetime | None
    renewed: datetime | None
    notes: Mapping[str, str]
    document: Mapping[str, Any]

    @property
    def stamp(self) -> str:
        """What is another one after each write."""
        metadata = self.document["metadata"]
        return f"{metadata['uid']} {metadata['resourceVersion']}"


def read(document: Any) -> Lease:
    """Return a Lease; raise ValueError with the place in the answer where it is none."""
    form = msgspec.convert(document, _Form)
    spec = form.spec
    return Lease(
        spec.holderIdentity or "",
        spec.leaseDurationSeconds or 0,
        _time(spec.acquireTime),
        _time(spec.renewTime),
        form.metadata.annotations or {},
        document,
    )


def micro_time(time: datetime) -> str:
    """Return a time as a Lease wants it.

    With exactly six digits of a second, or the API refuses it; `isoformat()` leaves them out where
    they are zero.
    """
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def path(namespace: str, name: str = "") -> str:
    """Return the path of a Lease, or of all those of a namespace."""
    return f"/apis/{VERSION}/namespaces/{namespace}/leases" + (f"/{name}" if name else "")


def reading(namespace: str, name: str) -> Request:
    """Make the request that reads a Lease."""
    return get(path(namespace, name), missing_ok=True)


def creation(namespace: str, document: Mapping[str, Any]) -> Request:
    """Make the request that creates a Lease."""
    return Request("POST", path(namespace), dict(document))


def replacement(namespace: str, document: Mapping[str, Any]) -> Request:
    """Make the request that writes a Lease, if it is still the one that was read."""
    return Request("PUT", path(namespace, document["metadata"]["name"]), dict(document))


def taken(
    name: str,
    lease: Lease | None,
    holder: str,
    seconds: int,
    now: datetime,
    notes: Mapping[str, str],
) -> dict[str, Any]:
    """Return a Lease that has a new holder.

    + lease: what it was; None: there is none
    + notes: annotations that it gets
    """
    document: dict[str, Any] = {**KIND, "metadata": {"name": name}}
    if lease:
        document = copy.deepcopy(dict(lease.document))
    metadata = document["metadata"]
    metadata["annotations"] = {**(metadata.get("annotations") or {}), **notes}
    spec = document.setdefault("spec", {})
    if lease:
        spec["leaseTransitions"] = int(spec.get("leaseTransitions") or 0) + 1
    time = micro_time(now)
    spec |= {"holderIdentity": holder, "leaseDurationSeconds": seconds}
    spec |= {"acquireTime": time, "renewTime": time}
    return document


def renewed(lease: Lease, now: datetime) -> dict[str, Any]:
    """Return a Lease whose holder has given a sign of life."""
    document = copy.deepcopy(dict(lease.document))
    document["spec"]["renewTime"] = micro_time(now)
    return document


def released(lease: Lease, now: datetime) -> dict[str, Any]:
    """Return a Lease that nobody holds; who has held it last stays in its annotations."""
    document = renewed(lease, now)
    document["spec"]["holderIdentity"] = ""
    return document


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
