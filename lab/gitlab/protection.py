"""Which branches of the project are protected (https://docs.gitlab.com/api/protected_branches/)."""

import re
from collections.abc import Sequence
from typing import Any

from lab.server.refused import Refused

LEVEL = 40  # Maintainer


class Protection:
    """The protected branches: names, and wildcards such as `release/*`.

    + names: those of the beginning
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._beginning = names
        self.reset()

    def reset(self) -> None:
        """Go back to the beginning."""
        self.names = list(self._beginning)

    def covers(self, branch: str) -> bool:
        """Return whether a branch is protected, by its name or by a wildcard."""
        patterns = [re.escape(name).replace(r"\*", ".*") for name in self.names]
        return any(re.fullmatch(pattern, branch) for pattern in patterns)

    def all(self, search: str) -> list[dict[str, Any]]:
        """Return them as the API shows them."""
        return [_shown(name) for name in self.names if search in name]

    def get(self, name: str) -> dict[str, Any]:
        """Return one of them."""
        if name not in self.names:
            raise Refused(404, "404 Not found")
        return _shown(name)

    def add(self, name: str) -> dict[str, Any]:
        """Protect a branch, or all that a wildcard covers."""
        if not name:
            raise Refused(400, "name is missing", "error")
        if name in self.names:
            raise Refused(409, f"Protected branch '{name}' already exists")
        self.names.append(name)
        return _shown(name)

    def remove(self, name: str) -> None:
        """Protect it no longer."""
        self.get(name)
        self.names.remove(name)


def _shown(name: str) -> dict[str, Any]:
    level = {"access_level": LEVEL, "access_level_description": "Maintainers"}
    return {
        "id": 1 + len(name),
        "name": name,
        "push_access_levels": [{"id": 1, **level, "user_id": None, "group_id": None}],
        "merge_access_levels": [{"id": 2, **level, "user_id": None, "group_id": None}],
        "allow_force_push": False,
    }
