"""Imports go one way: deploys -> ops/*.py -> ops.facts -> ops.api <- ops.connectors."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What a module of a layer may import of this project.
ALLOWED = {
    "deploys": {"deploys", "ops", "ops.api"},
    "ops": {"ops", "ops.facts", "ops.api"},
    "ops.facts": {"ops.facts", "ops.api"},
    "ops.api": {"ops.api"},
    "ops.connectors": {"ops.connectors", "ops.api"},
    "lab": {"lab"},
}
OURS = {"deploys", "ops", "lab", "tests"}


def layer(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "ops" and len(parts) > 1 and parts[1] in {"facts", "api", "connectors"}:
        return f"ops.{parts[1]}"
    return parts[0]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules() -> list[Path]:
    return [path for folder in ("deploys", "ops", "lab") for path in (ROOT / folder).rglob("*.py")]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    allowed = ALLOWED[layer(name_of(path))]
    for module in imported(path):
        if module.split(".")[0] in OURS:
            assert layer(module) in allowed, f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", [p for p in modules() if layer(name_of(p)) == "lab"], ids=name_of)
def test_the_lab_knows_nothing_of_pyinfra(path: Path) -> None:
    assert not [name for name in imported(path) if name.split(".")[0] in {"pyinfra", "pyinfra_cli"}]


@pytest.mark.parametrize(
    "path", [p for p in modules() if layer(name_of(p)) == "ops.api"], ids=name_of
)
def test_the_api_layer_has_no_network(path: Path) -> None:
    network = {"requests", "urllib3", "socket", "paramiko", "gitlab", "kubernetes", "subprocess"}
    assert not [name for name in imported(path) if name.split(".")[0] in network]
