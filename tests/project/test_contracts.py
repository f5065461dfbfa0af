"""The contracts of imports in pyproject.toml name what is there; `make check` holds them.

import-linter takes a forbidden module that does not exist for one that nobody imports.
"""

import ast
import tomllib
from importlib.util import find_spec
from typing import Any

import pytest
from lab_process import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {c["name"]: c for c in SETTINGS["contracts"]}
FORBIDDEN = {
    name
    for contract in CONTRACTS.values()
    for key in ("forbidden_modules", "protected_modules", "allowed_importers")
    for name in contract.get(key, [])
    if "*" not in name
}


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_a_module_that_is_named_exists(name: str) -> None:
    assert find_spec(name)


def test_support_that_knows_ops_is_kept_from_the_tests_of_the_lab() -> None:
    knowing = set()
    for path in (ROOT / "tests" / "support").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ops."):
                knowing.add(path.stem)
    [contract] = [c for c in CONTRACTS.values() if c.get("source_modules") == ["tests.lab"]]
    assert knowing
    assert knowing <= set(contract["forbidden_modules"])
