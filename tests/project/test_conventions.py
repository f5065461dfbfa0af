"""Conventions of the project: docstrings, names, examples, sizes."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import case_files
import pytest
from pyinfra.api import FactBase

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted(name for names in case_files.modules().values() for name in names)


def operations() -> list[tuple[str, str]]:
    found = []
    for module in MODULES:
        for name, value in vars(importlib.import_module(module)).items():
            inner = getattr(value, "_inner", None)
            is_operation = hasattr(value, "is_idempotent")  # A deploy has an `_inner`, too.
            if is_operation and inner.__module__ == module:
                found.append((module, name))
    return found


@pytest.mark.parametrize(("module", "name"), operations())
def test_an_operation_documents_its_arguments_and_has_an_example(module: str, name: str) -> None:
    operation = getattr(importlib.import_module(module), name)
    text = inspect.getdoc(operation) or ""
    for argument in inspect.signature(operation).parameters:
        assert re.search(rf"^\+ ([\w, ]*, )?{argument}(, [\w, ]*)?:", text, re.MULTILINE), argument
    example = re.search(r"\*\*Example:\*\*\n\n```python\n(.*?)```", text, re.DOTALL)
    assert example, "no example"
    call = ast.parse(example[1]).body[0].value  # type: ignore[attr-defined]
    assert ast.unparse(call.func) == f"{case_files.label(module)}.{name}"
    given = {keyword.arg for keyword in call.keywords}
    assert "name" in given
    # Those of pyinfra, which every operation takes, begin with an underscore.
    own = {argument for argument in given - {"name"} if not argument.startswith("_")}
    inspect.signature(operation).bind(**dict.fromkeys(own))


def test_every_operation_has_a_case() -> None:
    names = {f"{case_files.label(module)}.{name}" for module, name in operations()}
    assert names
    assert names == {name for name, _ in case_files.cases("operations")}


BASES = {"StrictFact", "CommandFact", "ResourceFact", "ProjectFact"}


def test_every_fact_has_a_case() -> None:
    names = set()
    for module in map(importlib.import_module, MODULES):
        for name, value in vars(module).items():
            is_fact = inspect.isclass(value) and issubclass(value, FactBase)
            if is_fact and value.__module__ == module.__name__ and name not in BASES:
                names.add(f"{case_files.label(module.__name__)}.{name}")
    assert names
    assert names == {name for name, _ in case_files.cases("facts")}


WITH_CALLS = [*(ROOT / "deploys").glob("*.py"), ROOT / "ops" / "site" / "tag_repair" / "repair.py"]


@pytest.mark.parametrize("path", sorted(WITH_CALLS), ids=lambda p: p.stem)
def test_every_operation_of_a_deploy_has_a_name(path: Path) -> None:
    named = {f"{case_files.label(module)}.{name}" for module, name in operations()}
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    used = [call for call in calls if ast.unparse(call.func) in named]
    others = [call for call in calls if ast.unparse(call.func) == "job"]  # Deploys in a deploy.
    assert used or others
    for call in used:
        assert "name" in {keyword.arg for keyword in call.keywords}, ast.unparse(call.func)


# Of the site of inventory.py: hosts, the project, runners, stages, annotations.
NAMES = (
    r"comdare|dedup|kafka-cluster|runner-4\b|k8s-runner|pve[12]\b|experiment-run\b|10\.0\.1[05]\."
)


@pytest.mark.parametrize("path", sorted((ROOT / "ops").rglob("*.py")), ids=str)
def test_ops_has_no_name_of_a_site(path: Path) -> None:
    assert re.findall(NAMES, path.read_text(), re.IGNORECASE) == []


@pytest.mark.parametrize("folder", ["ops", "lab", "deploys"])
def test_modules_stay_small(folder: str) -> None:
    limit = 75 if folder == "deploys" else 250
    sizes = {p: len(p.read_text().splitlines()) for p in (ROOT / folder).rglob("*.py")}
    assert sizes
    assert not {str(path): size for path, size in sizes.items() if size > limit}
