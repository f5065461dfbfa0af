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


def test_each_row_has_the_cells_of_its_table_and_none_stands_twice() -> None:
    rows, cells = [], 0
    for line in TEXT.splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        found = re.split(r"(?<!\\)\|", line)
        cells = cells or len(found)
        assert len(found) == cells, line
        rows.append(tuple(found[1:-2]) if any(found[1:-2]) else ())
    named = [row for row in rows if row and row[0].strip() not in ("", "---", "what", "row")]
    assert len(named) == len(set(named)), {row for row in named if named.count(row) > 1}
