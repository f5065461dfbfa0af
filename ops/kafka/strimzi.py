"""What the documents of Strimzi's resources say (https://strimzi.io/docs/operators/latest/)."""

from collections.abc import Collection, Mapping
from typing import Any

SUPER_USERS = "super.users"


def is_ready(document: Mapping[str, Any]) -> bool:
    """Return whether the operator reports Ready for the generation that the resource has now."""
    status = document.get("status") or {}
    if status.get("observedGeneration") != document["metadata"].get("generation"):
        return False
    conditions = status.get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def condition(document: Mapping[str, Any]) -> str:
    """Return what the operator says of the resource, on one line."""
    status = document.get("status") or {}
    said = [
        f"{c['type']} {c['status']}" + (f" ({c['reason']})" if c.get("reason") else "")
        for c in status.get("conditions") or []
    ]
    seen, generation = status.get("observedGeneration"), document["metadata"].get("generation")
    return f"{', '.join(said) or 'nothing yet'}; generation {generation}, observed {seen}"


def super_users_field(document: Mapping[str, Any]) -> str | None:
    """Return the field `super.users` of a Kafka resource, or None where it has none."""
    value = (document["spec"]["kafka"].get("config") or {}).get(SUPER_USERS)
    return None if value is None else str(value)


def super_users(document: Mapping[str, Any]) -> list[str]:
    """Return the super users of a Kafka resource."""
    return split(super_users_field(document))


def split(value: str | None) -> list[str]:
    """Return the users that a value of `super.users` names."""
    return [user.strip() for user in (value or "").split(";") if user.strip()]


def without(users: Collection[str], removed: Collection[str]) -> str | None:
    """Return the value of `super.users` without some users, or None where nobody is left."""
    left = [user for user in users if user not in removed]
    return ";".join(left) or None
