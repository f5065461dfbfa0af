"""deploys/experiment_rbac.py: a binding that can never be as wanted is said before any write."""

import pytest
from cluster import APPLY, Cluster
from lab_process import Lab, Pyinfra
from rbac_site import GROUP, NAME, REFERENCE, ROLE, RULES, SUBJECT, bind, delete, exists, may_all

VIEW = {**REFERENCE, "name": "view"}
OWN = {"apiGroup": GROUP, "kind": "Role", "name": NAME}
KEPT = "and the API lets nobody change that: kubectl delete rolebinding {0} -n {1} (its"
SITE = {"DATABASE_NAMESPACES": "databases redis kafka"}


@pytest.mark.parametrize("how", ["--dry", "-y"])
@pytest.mark.parametrize("is_there", [True, False], ids=["role", "no role"])
def test_a_binding_of_another_role_is_named_before_anything_is_written(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster, how: str, is_there: bool
) -> None:
    bind(bare, "RoleBinding", NAME, "kafka", roleRef=VIEW, subjects=[])
    if not is_there:
        delete(cluster, ROLE)
    sent = len(bare.mutations())
    code, output = pyinfra.deploy("experiment_rbac", how, **SITE)
    assert code == 1
    assert f"it refers to ClusterRole view, not to ClusterRole {NAME}, " in output
    assert KEPT.format(NAME, "kafka") in output
    assert "then run again" in output
    assert "could not be read" not in output
    assert "Traceback" not in output
    assert bare.mutations()[sent:] == []


def test_all_of_them_are_named_and_after_the_advice_it_goes_on(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    bind(bare, "RoleBinding", NAME, "redis", roleRef=VIEW, subjects=[])
    bind(bare, "RoleBinding", NAME, "kafka", roleRef=OWN, subjects=[])
    code, output = pyinfra.deploy("experiment_rbac", "-y", **SITE)
    assert code == 1
    assert f"it refers to Role {NAME}, not to ClusterRole {NAME}, " in output
    for namespace in ("redis", "kafka"):
        assert KEPT.format(NAME, namespace) in output
        assert cluster.kubectl("delete", "rolebinding", NAME, "-n", namespace)[0] == 0
    code, output = pyinfra.deploy("experiment_rbac", "-y", **SITE)
    assert code == 0, output
    assert all(may_all(cluster, namespace) for namespace in SITE["DATABASE_NAMESPACES"].split())


def test_a_binding_of_a_namespace_that_lacks_nothing_is_left_alone(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    create = {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": "all"}}
    bare.fault(action="create_object", document={**create, "rules": RULES})
    reference = {**REFERENCE, "name": "all"}
    bind(bare, "RoleBinding", NAME, "kafka", roleRef=reference, subjects=[SUBJECT])
    code, output = pyinfra.deploy("experiment_rbac", "-y", **SITE)
    assert code == 0, output
    assert may_all(cluster, "kafka")
    assert cluster.get("rolebindings", "kafka", NAME)["roleRef"] == reference


def test_what_another_manager_owns_in_one_namespace_is_said_before_another_one_is_bound(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    where = ("rolebindings", "kafka", NAME)
    document = {
        "apiVersion": f"{GROUP}/v1", "kind": "RoleBinding", "roleRef": REFERENCE, "subjects": [],
    }  # fmt: skip
    cluster.patch(*where, document, APPLY, fieldManager="argocd")
    sent = len(bare.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y", **SITE)
    assert code == 1
    assert "Fields of it belong to argocd: agree with them" in output
    assert bare.mutations()[sent:] == []
    assert not exists(cluster, ("rolebindings", "databases", NAME))
