"""Which of the pods that a label selector finds is meant, and in which container: said in words.

Labels alone do not tell: GitLab's backup CronJob makes pods that have `app=toolbox` as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"

Pod = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """The pod that is meant, or none, and why.

    + pod: None where none of the candidates can be used
    + others: older pods that could be used as well, the newest first
    + left_out: the name of each other candidate, and why it is not meant
    """

    pod: Pod | None
    others: Sequence[str]
    left_out: Mapping[str, str]

    def __str__(self) -> str:
        """Return the choice as a line; empty where there was nothing to choose."""
        out = ", ".join(f"{name} ({why})" for name, why in self.left_out.items())
        if self.pod is None:
            return out or "there is none"
        parts = [f"not the older {', '.join(self.others)}"] if self.others else []
        parts += [f"left out: {out}"] if out else []
        return f"pod {name_of(self.pod)}; {'; '.join(parts)}" if parts else ""


def choose(pods: Sequence[Pod], *, settled: bool = False) -> Choice:
    """Return the newest of some pods that can be used.

    + pods: all that the labels find, those that end included
    + settled: take none where a newer one than it is about to begin
    """
    newest_first = sorted(pods, key=_age, reverse=True)
    reasons = {name_of(pod): unfit(pod) for pod in newest_first}
    fit = [pod for pod in newest_first if not reasons[name_of(pod)]]
    left_out = {name: why for name, why in reasons.items() if why}
    if not fit or (settled and _has_newer(newest_first, fit[0])):
        return Choice(None, [], left_out)
    return Choice(fit[0], [name_of(pod) for pod in fit[1:]], left_out)


def unfit(pod: Pod) -> str:
    """Return why a pod takes no work of ours, or an empty text."""
    metadata, status = pod["metadata"], pod.get("status", {})
    owner = _job(pod)
    if owner:
        return f"made by Job {owner}"
    if status.get("phase") in ("Succeeded", "Failed"):
        return f"ended: {status['phase']}"
    if metadata.get("deletionTimestamp"):
        return f"being deleted, until {metadata['deletionTimestamp']} at first"
    ready = _ready(pod)
    if ready.get("status") == "True":
        return ""
    why = ready.get("reason") or status.get("phase")
    return f"not Ready: {why}" if why else "not Ready"


def may_have_processes(pod: Pod) -> bool:
    """Return whether something may run in a pod that no Job has made: also while it is deleted."""
    status = pod.get("status", {})
    if _job(pod) or status.get("phase") in ("Pending", "Succeeded", "Failed"):
        return False
    containers = status.get("containerStatuses")
    return not containers or any("terminated" not in c.get("state", {}) for c in containers)


def container(pod: Pod, wanted: str = "") -> tuple[str, str]:
    """Return the name of the container to use and how it was chosen, as kubectl chooses.

    + wanted: the one that was named, which must be there

    The text is empty where there is only one. Raises OSError in words where it is not there.
    """
    spec = pod["spec"]
    names = [str(one["name"]) for one in spec["containers"]]
    if wanted:
        every = [*names, *(one["name"] for one in spec.get("initContainers") or [])]
        if wanted not in every:
            raise OSError(
                f"pod {name_of(pod)} has no container {wanted}; it has {', '.join(every)}"
            )
        return wanted, ""
    if len(names) == 1:
        return names[0], ""
    marked = str((pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER) or "")
    of = f"of {', '.join(names)} in pod {name_of(pod)}"
    if marked and marked in names:
        return marked, f"container {marked} {of}: its annotation {DEFAULT_CONTAINER} says so"
    why = f"its annotation names {marked}, which it does not have" if marked else "none is named"
    return names[0], f"container {names[0]} {of}: the first one, for {why}"


def name_of(pod: Pod) -> str:
    """Return the name of a pod."""
    return str(pod["metadata"]["name"])


def _has_newer(newest_first: Sequence[Pod], chosen: Pod) -> bool:
    """Return whether a newer pod stays that is not Ready yet."""
    newer = newest_first[: list(newest_first).index(chosen)]
    return any(unfit(pod).startswith("not Ready") for pod in newer)


def _job(pod: Pod) -> str:
    owners = pod["metadata"].get("ownerReferences") or []
    return next((str(one["name"]) for one in owners if one.get("kind") == "Job"), "")


def _age(pod: Pod) -> tuple[str, str]:
    return str(pod["metadata"].get("creationTimestamp")), name_of(pod)


def _ready(pod: Pod) -> Mapping[str, Any]:
    conditions = pod.get("status", {}).get("conditions") or []
    return next((one for one in conditions if one["type"] == "Ready"), {})
