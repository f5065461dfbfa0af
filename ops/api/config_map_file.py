"""A text inside of a YAML file of a ConfigMap, written as a block: read and replaced in place."""

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ops.api.nested import Unchangeable


def read_key(text: str, key: str, where: str) -> str:
    """Return the text of a key of the ConfigMap in a YAML file.

    + text: the file
    + key: of the ConfigMap's data
    + where: what to call the file in a message

    Raises Unchangeable in words where the file has another form.
    """
    try:
        document = YAML(typ="safe").load(text)
        return str(document["data"][key])
    except (YAMLError, KeyError, TypeError):
        raise Unchangeable(f"{where} is no YAML file of a ConfigMap with the key {key}") from None


def with_key(text: str, key: str, value: str, where: str) -> str:
    """Return the file with another text of a key; the rest stays to the last character.

    + text, key, where: as in `read_key`
    + value: the new text, with as many lines as are wanted

    Raises Unchangeable where the key's text is no literal block (`key: |`).
    """
    old = read_key(text, key, where)
    lines = text.splitlines(keepends=True)
    heads = [n for n, line in enumerate(lines) if line.strip().rstrip("+-") == f"{key}: |"]
    if len(heads) != 1:
        raise Unchangeable(f"{where}: {key} is no literal block (`{key}: |`)")
    start = heads[0] + 1
    end = start + len(old.splitlines())
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    block = [f"{indent}{line}\n" if line.strip() else "\n" for line in value.splitlines()]
    new = "".join([*lines[:start], *block, *lines[end:]])
    if read_key(new, key, where).rstrip("\n") != value.rstrip("\n"):
        raise Unchangeable(f"{where}: the block of {key} has a form that cannot be replaced")
    return new
