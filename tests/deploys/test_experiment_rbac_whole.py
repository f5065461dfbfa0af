"""deploys/experiment_rbac.py: no part of the rights is written, and no role that the API makes."""

from typing import Any

import pytest
from lab_process import Lab, Pyinfra
from rbac_site import NAME

ROLE, BINDINGS = ("--limit", "experiment_role"), ("--limit", "experiment_role_bindings")
CLUSTER = ("--limit", "cluster")
POINTLESS = {
    "the role alone": (*CLUSTER, *ROLE),
    "the bindings alone": (*CLUSTER, *BINDINGS),
}


@pytest.mark.parametrize("how", ["--dry", "-y"])
@pytest.mark.parametrize("arguments", POINTLESS.values(), ids=POINTLESS)
def test_a_part_is_refused_before_anything_is_written(
    bare: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...], how: str
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", how, *arguments)
    assert code == 1, output
    assert "so the rights would not be there, and nothing is written" in output
    assert bare.mutations() == []


@pytest.mark.parametrize("how", ["--dry", "-y"])
def test_a_role_that_the_api_makes_is_refused(bare: Lab, pyinfra: Pyinfra, how: str) -> None:
    selectors: list[Any] = [{"matchLabels": {"aggregate-to-example": "true"}}]
    patch = {"aggregationRule": {"clusterRoleSelectors": selectors}}
    bare.fault(action="patch_object", kind="ClusterRole", name=NAME, patch=patch)
    code, output = pyinfra.deploy("experiment_rbac", how)
    assert code == 1, output
    assert "the API makes its rules out of other roles (aggregationRule)" in output
    assert "name another role in experiment_role_name (EXPERIMENT_ROLE_NAME)" in output
    assert bare.mutations() == []
