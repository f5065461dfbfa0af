"""Which clone of this repository runs: one is not run with another one's environment or settings.

pyinfra executes `config.py` of the folder in which it runs, and no other; with an inventory from
elsewhere it would go on without a word, and without what config.py sets.
"""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyinfra
from pyinfra.api.exceptions import PyinfraError

import ops

_configured: Path | None = None


class AnotherClone(PyinfraError):
    """What runs belongs to another clone than what it was told to run."""


def configure(file: str) -> None:
    """Refuse to run where pyinfra's environment is not of the clone whose config.py this is.

    + file: `__file__` of config.py

    Otherwise this code would run with the other clone's connectors and dependencies.
    """
    global _configured
    folder = Path(file).resolve().parent
    imported, installed = Path(ops.__file__).resolve().parent.parent, _installed()
    if imported != folder or installed != folder:
        other = imported if imported != folder else installed
        raise AnotherClone(
            f"{folder} is not the clone that {sys.prefix} is for ({other or 'it is for none'}): "
            f"run `make setup` and `. .venv/bin/activate` in {folder}"
        )
    _configured = folder


def require_configuration(file: str) -> None:
    """Refuse an inventory whose config.py pyinfra has not loaded.

    + file: `__file__` of inventory.py

    Without it a target that does not answer stops nothing, and the preview is not shown.
    """
    folder = Path(file).resolve().parent
    if pyinfra.is_cli and _configured != folder:
        raise AnotherClone(
            f"config.py of {folder} is not loaded, because pyinfra runs in another folder: "
            f"`pyinfra --chdir {shlex.quote(str(folder))} inventory.py ...`"
        )


def _installed() -> Path | None:
    """Return the folder that was installed in place, or None where that was not done."""
    try:
        source = distribution("site-operations").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    if source is None:
        return None
    return Path(url2pathname(urlsplit(json.loads(source)["url"]).path)).resolve()
