"""What the documents of pods say."""

from collections.abc import Mapping, Sequence
from typing import Any


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Return whether a pod takes work: ready, and not being deleted."""
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = pod.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def newest(pods: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the pod that was made last."""
    return max(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp")))
