"""CI/CD variables of a project, of a group, or of the whole GitLab.

Rules after https://docs.gitlab.com/api/project_level_variables/, lib/api/ci/variables.rb and
app/models/concerns/ci/maskable.rb.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from lab.gitlab.rules import boolean
from lab.server.refused import Refused

KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
MASKABLE = re.compile(r"[A-Za-z0-9_+=/@:.~-]{8,}")
MASKABLE_RAW = re.compile(r"\S{8,}")
BOOLEANS = ("protected", "masked", "raw")
TEXTS = ("key", "value", "variable_type", "environment_scope", "description")

# Of a variable that has no environment.
UNSCOPED = ("environment_scope", "hidden")
EMPTY: Mapping[str, Any] = {}

Variable = dict[str, Any]


class Variables:
    """The variables and their rules; it knows nothing of HTTP.

    + names: keys of passwords
    + present: the passwords of the beginning, and whether they are masked
    + further: other variables of the beginning, with their values
    + scoped: whether they have an environment scope and may be hidden; those of GitLab have not

    `store` has the right values of the passwords: what the operator's secret store would have.
    """

    def __init__(
        self,
        names: Sequence[str] = (),
        present: Mapping[str, bool] = EMPTY,
        further: Mapping[str, str] = EMPTY,
        scoped: bool = True,
    ) -> None:
        self.scoped = scoped
        self.store = {name: secrets.token_urlsafe(24) for name in names}
        self._present = present
        self._further = further
        self.reset()

    def reset(self) -> None:
        """Go back to the beginning."""
        self.variables: list[Variable] = []
        for name, masked in self._present.items():
            self.create({"key": name, "value": self.store[name], "masked": masked})
        for name, value in self._further.items():
            self.create({"key": name, "value": value})

    def state(self) -> list[dict[str, Any]]:
        """Return the variables for `GET /state`: digests, never values."""
        names = (
            "key", "environment_scope", "variable_type", "masked", "protected", "hidden", "raw",
            "description",
        )  # fmt: skip
        return [
            {**{name: v[name] for name in names}, "digest": _digest(v["value"])}
            for v in self.variables
        ]

    def all(self) -> list[Variable]:
        """Return all variables as the API shows them."""
        return [self._shown(variable) for variable in self.variables]

    def get(self, key: str, scope: str | None) -> Variable:
        """Return a variable as the API shows it."""
        return self._shown(self._find(key, scope))

    def create(self, given: dict[str, Any]) -> Variable:
        """Add a variable."""
        for name in ("key", "value"):
            if given.get(name) is None:
                raise Refused(400, f"{name} is missing", "error")
        if not self.scoped:
            given = {n: v for n, v in given.items() if n not in (*UNSCOPED, "masked_and_hidden")}
        hidden = boolean("masked_and_hidden", given.get("masked_and_hidden", False))
        new: Variable = {
            "variable_type": "env_var",
            "environment_scope": "*",
            "description": None,
            "protected": False,
            "masked": hidden,
            "raw": False,
            "hidden": hidden,
            **_typed(given),
        }
        new["masked"] = new["masked"] or hidden
        self._check(new, None)
        self.variables.append(new)
        return self._shown(new)

    def update(self, key: str, scope: str | None, given: dict[str, Any]) -> Variable:
        """Change a variable; `environment_scope` among the changes moves it."""
        variable = self._find(key, scope)
        changes = {name: value for name, value in _typed(given).items() if name != "key"}
        wanted = {**variable, **changes}
        if variable["hidden"] and not wanted["masked"]:
            text = "The visibility setting cannot be changed for masked and hidden variables."
            raise Refused(400, {"base": [text]})
        self._check(wanted, variable)
        variable.update(wanted)
        return self._shown(variable)

    def delete(self, key: str, scope: str | None) -> None:
        """Remove a variable."""
        self.variables.remove(self._find(key, scope))

    def _shown(self, variable: Variable) -> Variable:
        shown = {**variable, "value": None if variable["hidden"] else variable["value"]}
        return {n: v for n, v in shown.items() if self.scoped or n not in UNSCOPED}

    def _find(self, key: str, scope: str | None) -> Variable:
        found = [v for v in self.variables if v["key"] == key]
        found = [v for v in found if scope is None or v["environment_scope"] == scope]
        if not found:
            raise Refused(404, "404 Variable Not Found")
        if len(found) > 1:
            text = "There are multiple variables with provided parameters. "
            raise Refused(409, f"{text}Please use 'filter[environment_scope]'")
        return found[0]

    def _check(self, variable: Variable, before: Variable | None) -> None:
        errors: dict[str, list[str]] = {}
        if not KEY.fullmatch(variable["key"]):
            errors["key"] = ["can contain only letters, digits and '_'."]
        same = (
            other
            for other in self.variables
            if other is not before
            and (other["key"], other["environment_scope"])
            == (variable["key"], variable["environment_scope"])
        )
        if any(same):
            errors["key"] = [f"({variable['key']}) has already been taken"]
        pattern = MASKABLE_RAW if variable["raw"] else MASKABLE
        if variable["masked"] and not pattern.fullmatch(variable["value"]):
            errors["value"] = ["is invalid"]
        if errors:
            raise Refused(400, errors)


def _typed(given: dict[str, Any]) -> Variable:
    result: Variable = {name: str(given[name]) for name in TEXTS if given.get(name) is not None}
    if result.get("variable_type", "env_var") not in ("env_var", "file"):
        raise Refused(400, "variable_type does not have a valid value", "error")
    for name in BOOLEANS:
        if given.get(name) is not None:
            result[name] = boolean(name, given[name])
    return result


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
