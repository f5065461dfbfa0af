"""A text inside of a YAML file of a ConfigMap, written as a block: read and replaced in place."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ops.api.unchangeable import Unchangeable


def read_key(text: str, key: str, where: str) -> str:
    """Return the text of a key of the ConfigMap in a YAML file.

    + text: the file
    + key: of the ConfigMap's data
    + where: what to call the file in a message

    Raises Unchangeable in words where the file has another form.
    """
    return str(_document(text, key, where)["data"][key])


def with_key(text: str, key: str, value: str, where: str) -> str:
    """Return the file with another text of a key; the rest stays to the last character.

    + text, key, where: as in `read_key`
    + value: the new text, with as many lines as are wanted

    Raises Unchangeable where the key's text is no literal block (`key: |`).
    """
    wanted = _document(text, key, where)
    old = str(wanted["data"][key]).rstrip("\n")
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    heads = [n for n, line in enumerate(lines) if line.strip().rstrip("+-") == f"{key}: |"]
    if len(heads) != 1 or not old:
        raise Unchangeable(f"{where}: {key} is no literal block (`{key}: |`)")
    start = heads[0] + 1
    first = next(line for line in lines[start:] if line.strip())
    indent = first[: len(first) - len(first.lstrip())]
    block = [f"{indent}{line}" if line.strip() else "" for line in value.rstrip("\n").split("\n")]
    new = end.join([*lines[:start], *block, *lines[start + old.count("\n") + 1 :]])
    wanted["data"][key] = value
    if not _says(new, wanted, key):
        raise Unchangeable(f"{where}: the block of {key} has a form that cannot be replaced")
    return new


def _document(text: str, key: str, where: str) -> Any:
    try:
        document = YAML(typ="safe").load(text)
        document["data"][key] = str(document["data"][key])
    except (YAMLError, KeyError, TypeError):
        raise Unchangeable(f"{where} is no YAML file of a ConfigMap with the key {key}") from None
    return document


def _says(text: str, wanted: Any, key: str) -> bool:
    """Return whether a file says what is wanted; line ends after the key's text do not count."""
    try:
        document = _document(text, key, "")
    except Unchangeable:
        return False
    for data in (document["data"], wanted["data"]):
        data[key] = data[key].rstrip("\n")
    return bool(document == wanted)
