"""`spec:inputs`: values that stand in `$[[ inputs.NAME ]]` of a `.gitlab-ci.yml`.

After https://docs.gitlab.com/ci/inputs/: a value that nobody gives is the default.
"""

import re
from collections.abc import Mapping
from typing import Any

from lab.gitlab.ci.document import Invalid, parts, resolved

_BLOCK = re.compile(r"\$\[\[\s*(.*?)\s*\]\]")
_NAME = re.compile(r"inputs\.([A-Za-z_][\w-]*)", re.ASCII)


def load(text: str) -> dict[str, Any]:
    """Return the document with the jobs, whose references are resolved; raise Invalid."""
    document = raw(text)
    if not isinstance(document, dict):
        raise Invalid("Invalid configuration format" if document else "Please provide content")
    return resolved(document)


def raw(text: str, given: Mapping[str, Any] | None = None) -> Any:
    """Return the document with the jobs and the values of its inputs; raise Invalid.

    + given: values by name, which an `include` gives
    """
    document, header = parts(text)
    if header is None:
        if given:
            raise Invalid("given inputs not defined in the `spec` section")
        return document
    return _filled_in(document, header, given or {})


def _filled_in(document: Any, header: Any, given: Mapping[str, Any]) -> Any:
    """Return the document with the values of its inputs; raise Invalid.

    + header: the document before it, with `spec`
    + given: values by name
    """
    spec = header.get("spec") or {}
    inputs = spec.get("inputs") or {}
    unknown = [f"unknown input arguments: {name}" for name in given if name not in inputs]
    values = {name: _value(name, about or {}, given) for name, about in inputs.items()}
    lacking = [
        f"`{name}` input: required value has not been provided"
        for name, value in values.items()
        if value is None
    ]
    if unknown or lacking:
        raise Invalid(*unknown, *lacking)
    return _with_values(document, values)


def _value(name: str, about: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    value = given.get(name, about.get("default"))
    options = about.get("options")
    if value is not None and options and value not in options:
        raise Invalid(f"`{name}` input: `{value}` cannot be used because it is not in the list")
    return value


def _with_values(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        return {_with_values(k, values): _with_values(v, values) for k, v in part.items()}
    if isinstance(part, list):
        items = [_with_values(item, values) for item in part]
        part[:] = items  # A reference stays one.
        return part
    if not isinstance(part, str):
        return part
    whole = _BLOCK.fullmatch(part)
    if whole:
        return _of(whole[1], values)  # It keeps its type.
    return _BLOCK.sub(lambda found: _text(_of(found[1], values)), part)


def _of(key: str, values: Mapping[str, Any]) -> Any:
    if "|" in key:
        raise Invalid("the lab does not simulate functions of inputs")
    name = _NAME.fullmatch(key)
    if not name or name[1] not in values:
        raise Invalid(f"unknown interpolation key: `{key}`")
    return values[name[1]]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
