"""A kubeconfig of one's own leads to the API directly, unless KUBERNETES_VIA says otherwise."""

import pytest
from lab_process import Lab, Pyinfra

JOB = ("inventory.py", "deploys/fix_tags.py", "--dry")


def systems(lab: Lab) -> set[str]:
    return {request["system"] for request in lab.requests()}


@pytest.mark.parametrize("via", [None, ""], ids=["unset", "empty"])
def test_with_a_kubeconfig_alone_nobody_needs_the_control_node(
    lab: Lab, pyinfra: Pyinfra, via: str | None
) -> None:
    del pyinfra.environment["KUBERNETES_VIA"]
    if via is not None:
        pyinfra.environment["KUBERNETES_VIA"] = via
    code, output = pyinfra.run(*JOB)
    assert code == 0, output
    assert "10.0.10.201" not in output
    assert "Suspend the enforcer" in output
    assert systems(lab) == {"gitlab", "kubernetes"}


def test_with_both_it_goes_through_the_control_node(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(*JOB)
    assert code == 0, output
    assert "ssh" in systems(lab)


def test_with_neither_it_is_the_way_of_the_site(lab: Lab, pyinfra: Pyinfra) -> None:
    for name in ("KUBERNETES_VIA", "KUBECONFIG"):
        del pyinfra.environment[name]
    code, output = pyinfra.run(*JOB, "-v")
    assert code == 0, output
    assert "[10.0.10.201]" in output
    assert "ssh" in systems(lab)
