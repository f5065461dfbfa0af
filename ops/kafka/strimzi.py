"""What the status of Strimzi's resources says (https://strimzi.io/docs/operators/latest/).

While the operator is at work it writes nothing: the old Ready stays there with the generation that
it is about. A failure is the condition NotReady with the generation that failed; Ready is never
False. A paused resource keeps what it had for ever.
"""

from collections.abc import Mapping
from typing import Any

from ops.api.visible import cut

PAUSE = "strimzi.io/pause-reconciliation"


def is_ready(document: Mapping[str, Any]) -> bool:
    """Return whether the operator reports Ready for the generation that the resource has now."""
    return verdict(document, document["metadata"].get("generation") or 0) is True


def verdict(document: Mapping[str, Any], generation: int) -> bool | None:
    """Return whether a generation became Ready; None where the operator has not finished with it.

    + generation: the one that is meant, or a later one
    """
    if ((document.get("status") or {}).get("observedGeneration") or -1) < generation:
        return False if is_paused(document) else None
    return not is_paused(document) and _is(document, "Ready") and not _is(document, "NotReady")


def is_paused(document: Mapping[str, Any]) -> bool:
    """Return whether the operator is told to leave a resource alone."""
    notes = document["metadata"].get("annotations") or {}
    return notes.get(PAUSE) == "true" or _is(document, "ReconciliationPaused")


def obstacle(document: Mapping[str, Any]) -> str:
    """Return why a change of a resource would not be carried out now, or an empty text."""
    if is_paused(document):
        return f"its reconciliation is paused (annotation {PAUSE}): {condition(document)}"
    if _is(document, "NotReady"):
        return f"the operator says {condition(document)}"
    if not is_ready(document):
        return f"the operator has not finished with an earlier change: {condition(document)}"
    return ""


def condition(document: Mapping[str, Any]) -> str:
    """Return what the operator says of the resource, on one line."""
    status = document.get("status") or {}
    said = []
    for entry in status.get("conditions") or []:
        why = ": ".join(str(entry[key]) for key in ("reason", "message") if entry.get(key))
        said.append(f"{entry['type']} {entry['status']}" + (f" ({cut(why, 200)})" if why else ""))
    seen, generation = status.get("observedGeneration"), document["metadata"].get("generation")
    return f"{', '.join(said) or 'nothing yet'}; generation {generation}, observed {seen}"


def _is(document: Mapping[str, Any], kind: str) -> bool:
    conditions = (document.get("status") or {}).get("conditions") or []
    return any(entry["type"] == kind and entry["status"] == "True" for entry in conditions)
