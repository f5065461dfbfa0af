"""Label and field selectors of a list.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

import re
from typing import Any

from lab.kubernetes.resources import Resource
from lab.kubernetes.status import bad_request

FIELDS = {"pods": ("status.phase", "spec.nodeName")}


def labels_match(selector: str, labels: dict[str, str]) -> bool:
    """Return whether a label selector takes these labels."""
    for part in filter(None, re.split(r",(?![^(]*\))", selector)):
        part = part.strip()
        if match := re.fullmatch(r"(\S+)\s+(in|notin)\s+\((.*)\)", part):
            inside = labels.get(match[1]) in [value.strip() for value in match[3].split(",")]
            if inside != (match[2] == "in"):
                return False
        elif "!=" in part:
            key, value = part.split("!=")
            if labels.get(key) == value:
                return False
        elif "=" in part:
            key, value = part.replace("==", "=").split("=")
            if labels.get(key) != value:
                return False
        elif part.startswith("!") == (part.lstrip("!") in labels):
            return False
    return True


def selects(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    """Return whether the selector of an object takes these labels: an empty one takes all."""
    if selector is None:
        return False
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for term in selector.get("matchExpressions") or []:
        key, values = term["key"], ",".join(term.get("values") or [])
        parts.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[term["operator"]]
        )
    return labels_match(",".join(parts), labels)


def fields_match(selector: str, resource: Resource, document: dict[str, Any]) -> bool:
    """Return whether a field selector takes an object; refuse a field that cannot be selected."""
    for part in filter(None, selector.split(",")):
        match = re.fullmatch(r"([\w.]+)(!=|==?)(.*)", part.strip())
        if match is None:
            raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        field, operator, wanted = match.groups()
        known = ("metadata.name", "metadata.namespace", *FIELDS.get(resource.plural, ()))
        if field not in known:
            raise bad_request(f"field label not supported: {field}")
        value: Any = document
        for name in field.split("."):
            value = value.get(name, "") if isinstance(value, dict) else ""
        if (value == wanted) != (operator != "!="):
            return False
    return True
