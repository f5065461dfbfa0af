"""A copy of this repository in which the inventory is another site's, ready to run.

Whoever adopts the repository replaces `inventory.py` and `group_data/`, and runs `make setup`. Here
the setup is what it comes to: the copy's own code, and this environment's dependencies.
"""

import json
import os
import shutil
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "site-operations"
CODE = ("config.py", "deploys", "examples", "lab", "ops")
INVENTORY = ("inventory.py", "group_data")


def copy(inventory: Path, target: Path) -> dict[str, str]:
    """Make a copy, and return the environment in which it runs.

    + inventory: directory with an `inventory.py` and a `group_data/`
    + target: where the copy is made; nothing may be there
    """
    target.mkdir(parents=True)
    for source, names in ((ROOT, CODE), (inventory, INVENTORY)):
        for name in names:
            _copy(source / name, target / name)
    _install(target)
    path = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(target), *([path] if path else [])])}


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _install(target: Path) -> None:
    """Let Python find the copy as the installed package, with the connectors that it has."""
    installed = distribution(PACKAGE)
    directory = target / f"{PACKAGE.replace('-', '_')}-{installed.version}.dist-info"
    directory.mkdir()
    for name in ("METADATA", "entry_points.txt"):
        (directory / name).write_text(installed.read_text(name) or "")
    origin = {"dir_info": {"editable": True}, "url": target.resolve().as_uri()}
    (directory / "direct_url.json").write_text(json.dumps(origin))
