"""Access reviews as kubectl sends them: `kubectl auth can-i` speaks protobuf, and no JSON.

https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
"""

from typing import Any

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\0"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
# The numbers of the fields, from generated.proto of k8s.io/api/authorization/v1
RESOURCE = ("namespace", "verb", "group", "version", "resource", "subresource", "name")
PATH = ("path", "verb")

Fields = dict[int, list[bytes]]


def read_review(data: bytes) -> dict[str, Any]:
    """Return the document of a (Self)SubjectAccessReview; raise ValueError where it is none."""
    if not data.startswith(MAGIC):
        raise ValueError("no magic number")
    envelope = _fields(data[len(MAGIC) :])
    spec = _fields(_first(_fields(_first(envelope, 2)), 2))
    document: dict[str, Any] = {}
    for number, name, names in (
        (1, "resourceAttributes", RESOURCE),
        (2, "nonResourceAttributes", PATH),
    ):
        if number in spec:
            values = _fields(spec[number][-1])
            document[name] = {
                names[key - 1]: found[-1].decode()
                for key, found in values.items()
                if key <= len(names) and found[-1]
            }
    if 3 in spec and spec[3][-1]:
        document["user"] = spec[3][-1].decode()
    if 4 in spec:
        document["groups"] = [group.decode() for group in spec[4]]
    return {"spec": document}


def _first(fields: Fields, number: int) -> bytes:
    return fields.get(number, [b""])[0]


def _fields(data: bytes) -> Fields:
    found: Fields = {}
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            _, position = _varint(data, position)
            continue
        if kind not in (BYTES, FIXED32, FIXED64):
            raise ValueError(f"wire type {kind}")
        length = 8 if kind == FIXED64 else 4
        if kind == BYTES:
            length, position = _varint(data, position)
            found.setdefault(number, []).append(data[position : position + length])
        position += length
    return found


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data):
            raise ValueError("truncated")
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
