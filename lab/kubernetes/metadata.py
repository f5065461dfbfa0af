"""What the names, labels and annotations of an object may be."""

import re
from typing import Any

from lab.kubernetes.label_selector import NAME_PART

NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
NO_NAME = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
    " and must start and end with an alphanumeric character (e.g. 'example.com', regex used for"
    " validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
NO_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
    " and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or"
    " '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
NAMED_FREELY = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
LONGEST_NAME, LONGEST_PART, MOST_ANNOTATIONS = 253, 63, 256 * 1024

Cause = tuple[str, str, str]


def problems(kind: str, metadata: dict[str, Any]) -> list[Cause]:
    """Return field, reason and words of each thing that is wrong."""
    found = []
    if kind not in NAMED_FREELY:
        found += [_invalid("name", metadata["name"], text) for text in _of_name(metadata["name"])]
    for key, value in (metadata.get("labels") or {}).items():
        found += [_invalid("labels", key, text) for text in _of_key(key)]
        found += [_invalid("labels", value, text) for text in _of_value(value)]
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        found += [_invalid("annotations", key, text) for text in _of_key(key.lower())]
    if sum(len(key.encode()) + len(text.encode()) for key, text in annotations.items()) > (
        MOST_ANNOTATIONS
    ):
        text = f"Too long: may not be more than {MOST_ANNOTATIONS} bytes"
        found.append(("metadata.annotations", "FieldValueTooLong", text))
    return found


def _invalid(field: str, value: str, text: str) -> Cause:
    return f"metadata.{field}", "FieldValueInvalid", f'Invalid value: "{value}": {text}'


def _of_name(name: str) -> list[str]:
    if len(name) > LONGEST_NAME:
        return [f"must be no more than {LONGEST_NAME} bytes"]
    return [] if NAME.fullmatch(name) else [NO_NAME]


def _of_key(key: str) -> list[str]:
    prefix, slash, part = key.rpartition("/")
    found = []
    if slash and not NAME.fullmatch(prefix):
        found.append(f"prefix part {NO_NAME}")
    if not part:
        found.append("name part must be non-empty")
    elif len(part) > LONGEST_PART:
        found.append(f"name part must be no more than {LONGEST_PART} bytes")
    if not PART.fullmatch(part):
        found.append(NAME_PART)
    return found


def _of_value(value: str) -> list[str]:
    if len(value) > LONGEST_PART:
        return [f"must be no more than {LONGEST_PART} bytes"]
    return [] if not value or PART.fullmatch(value) else [NO_VALUE]
