"""What pyinfra gets from the faster functions is what its own return."""

import re

import pytest
from lab_process import ROOT, Pyinfra
from moments import TAGS

from ops.api.speedups import is_known

COMPARE = f"""
import importlib

from pyinfra import local
from pyinfra.api import arguments, connectors, facts, util
from pyinfra.operations import server

from ops.api.speedups import operation_order

operation = importlib.import_module("pyinfra.api.operation")
assert operation.get_operation_order_from_stack.__name__ in ("operation_order", "both")
places = []


def both(state):
    found = [operation_order(state), util.get_operation_order_from_stack(state)]
    assert found[0] == found[1], found
    places.append(found[0])
    return found[0]


def shell(name):
    server.shell(name=name, commands=["true"])


operation.get_operation_order_from_stack = both
for name in "ab":
    shell(name)
[server.shell(name=name, commands=["true"]) for name in "cd"]
(lambda: shell("e"))()
local.include("{ROOT}/deploys/fix_tags.py")
print("compared:", len(places))
print("hints:", arguments.all_global_arguments is facts.all_global_arguments)
print("read once:", connectors.entry_points.cache_info().misses)
"""


def test_the_order_of_operations_is_the_one_that_pyinfra_finds(pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run("inventory.py", pyinfra.write(COMPARE), "--dry")
    assert code == 0, output
    # The five of this file for each host; the job has its own, in a loop over the runners too.
    compared = [int(number) for number in re.findall(r"compared: (\d+)", output)]
    assert min(compared) == 5
    assert max(compared) > 5 + len(TAGS)
    assert "hints: True" in output
    assert "read once: 1" in output


@pytest.mark.parametrize(
    ("version", "known"),
    [("3.10", True), ("3.10.2", True), ("3.1", False), ("3.100", False), ("3.11", False)],
)
def test_another_version_is_left_alone(version: str, known: bool) -> None:
    assert is_known(version) is known
