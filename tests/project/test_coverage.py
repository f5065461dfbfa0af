"""docs/coverage.md names tests that exist, for each job."""

import ast
import re

import pytest
from lab_process import ROOT

TEXT = (ROOT / "docs" / "coverage.md").read_text()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT))))
def test_a_test_that_is_named_exists(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not function or function in functions


@pytest.mark.parametrize("deploy", sorted(path.stem for path in (ROOT / "deploys").glob("*.py")))
def test_every_deploy_has_its_row_and_its_page(deploy: str) -> None:
    assert re.search(rf"\b{deploy}\b", TEXT)
    page = (ROOT / "docs" / f"{deploy}.md").read_text()
    assert f"deploys/{deploy}.py" in page
