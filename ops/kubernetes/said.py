"""What the API server says besides its answer, and what of its words may be repeated."""

import re
from collections.abc import Iterable

# Warning: 299 - "Version v1beta2 of the Kafka API is deprecated."
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
_WHOLE_OBJECT = re.compile(r'Invalid value: "(?:\{.*\}|map\[.*\])": ', re.DOTALL)


def warnings(headers: Iterable[str]) -> list[str]:
    """Return the texts of an answer's Warning headers.

    https://kubernetes.io/docs/reference/using-api/deprecation-guide/#deprecation-warnings
    """
    found = [text for header in headers for text in _WARNING.findall(header)]
    return [re.sub(r"\\(.)", r"\1", text) for text in found]


def without_objects(message: str) -> str:
    """Return a refusal without the object that it repeats, which may be a Secret."""
    return _WHOLE_OBJECT.sub("", message)
