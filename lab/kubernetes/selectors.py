"""Label and field selectors of a list.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

import re
from typing import Any

from lab.kubernetes.label_selector import parse
from lab.kubernetes.resources import Resource
from lab.kubernetes.status import bad_request

FIELDS = {"pods": ("status.phase", "spec.nodeName")}


def labels_match(selector: str, labels: dict[str, str]) -> bool:
    """Return whether a label selector takes these labels."""
    return all(requirement.takes(labels) for requirement in parse(selector))


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
        match = re.fullmatch(r"([\w.]*)(!=|==?)(.*)", part.strip())
        if match is None:
            raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        field, operator, wanted = match.groups()
        known = ("metadata.name", "metadata.namespace", *FIELDS.get(resource.plural, ()))
        if field not in known and resource.plural in FIELDS:
            raise bad_request(f"field label not supported: {field}")
        if field not in known:
            text = ", ".join(f'"{name}"' for name in known)
            raise bad_request(f'"{field}" is not a known field selector: only {text}')
        value: Any = document
        for name in field.split("."):
            value = value.get(name, "") if isinstance(value, dict) else ""
        if (value == wanted) != (operator != "!="):
            return False
    return True
