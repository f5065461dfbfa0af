"""The files of a kubeconfig, merged as kubectl does: the first one that says something counts.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ops.http.response import Misconfigured

DEFAULT = "~/.kube/config"
# Prints all files of the far side as documents of one text.
REMOTE = (
    "IFS=:; for f in ${KUBECONFIG:-$HOME/.kube/config}; do"
    ' if [ -e "$f" ]; then cat "$f" || exit; echo; echo ---; fi; done'
)
_LISTS = {"clusters": "cluster", "contexts": "context", "users": "user"}
# What may be a path, relative to the file that it stands in.
_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def read(paths: str) -> dict[str, Any]:
    """Return what local files say; those of several that are not there say nothing.

    + paths: separated as in KUBECONFIG; empty: the default

    Raises Misconfigured where there is none, and errors of reading and of YAML.
    """
    files = [Path(path).expanduser() for path in (paths or DEFAULT).split(os.pathsep) if path]
    there = [file for file in files if file.exists()]
    if not there:
        raise Misconfigured(f"no kubeconfig is at {', '.join(map(str, files)) or paths}")
    return merged(
        _absolute(document, file.absolute().parent)
        for file in there
        for document in yaml.safe_load_all(file.read_text())
    )


def read_printed(text: str, host: str) -> dict[str, Any]:
    """Return what the files say that `REMOTE` has printed; their paths are of the far side."""
    found = merged(yaml.safe_load_all(text))
    if not found:
        raise Misconfigured(f"{host} has no kubeconfig, at $KUBECONFIG or {DEFAULT}")
    return found


def merged(documents: Iterable[Any]) -> dict[str, Any]:
    """Return one kubeconfig: the first entry of a name counts as a whole, the rest by its key."""
    found: dict[str, Any] = {}
    for document in documents:
        for key, value in (document or {}).items():
            if key in _LISTS:
                entries = found.setdefault(key, [])
                known = {entry["name"] for entry in entries}
                entries += [entry for entry in value or [] if entry["name"] not in known]
            elif value:
                found.setdefault(key, value)
    return found


def _absolute(document: Any, folder: Path) -> Any:
    for key, kind in _LISTS.items():
        for entry in (document or {}).get(key) or []:
            said = entry.get(kind)
            if not isinstance(said, dict):
                continue
            for name in _PATHS:
                if isinstance(said.get(name), str) and said[name]:
                    said[name] = str(folder / said[name])
            _make_absolute(said.get("exec"), folder)
    return document


def _make_absolute(program: Mapping[str, Any] | None, folder: Path) -> None:
    # One without a slash is looked for in PATH.
    if isinstance(program, dict) and "/" in str(program.get("command")):
        program["command"] = str(folder / program["command"])
