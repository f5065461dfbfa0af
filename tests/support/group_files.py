"""What the files of group_data/ say."""

import runpy
from typing import Any

from lab_process import ROOT


def values(group: str) -> dict[str, Any]:
    """Return the settings in the file of a group."""
    found = runpy.run_path(str(ROOT / "group_data" / f"{group}.py"))
    return {name: value for name, value in found.items() if not name.startswith("_")}
