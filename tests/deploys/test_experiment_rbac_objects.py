"""deploys/experiment_rbac.py: role and binding by server-side apply, next to what is others'."""

import subprocess

from cluster import APPLY, MERGE, Cluster
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import wait_for
from rbac_site import (
    APPLIED,
    BINDING,
    GROUP,
    NAME,
    ROLE,
    RULES,
    SUBJECT,
    delete,
    exists,
    managers,
    may,
    may_all,
)


def test_a_missing_role_is_made(bare: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    delete(cluster, ROLE)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == RULES
    assert managers(cluster, ROLE) == {"site-operations": "Apply"}
    assert may_all(cluster)


FOREIGN = {"apiGroups": ["apps"], "resources": ["statefulsets/scale"], "verbs": ["update"]}
FOREIGN_WORDS = "update statefulsets/scale.apps"
OTHER = {"kind": "ServiceAccount", "name": "other", "namespace": "databases"}


def test_rules_of_others_stay(bare: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    """They are a single value to the API, which would replace it."""
    # Of the own ones some are there, with their fields and verbs in another order.
    rule = {"verbs": ["list", "get"], "resources": ["pods"], "apiGroups": [""]}
    cluster.patch(*ROLE, {"rules": [FOREIGN, rule]}, fieldManager="kubectl-edit")
    sent = len(bare.mutations())

    code, output = pyinfra.deploy("experiment_rbac", "--dry")
    assert code == 0, output
    assert 'rules: + {"apiGroups": [""], "resources": ["pods/exec"]' in output
    assert "rules: - " not in output
    assert output.count(f"the jobs get where it is bound: {FOREIGN_WORDS}") == 1

    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == [FOREIGN, rule, *RULES[1:]]
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations()[sent:] == APPLIED


def test_subjects_of_others_stay(unbound: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    """So it is with them; the role has all rules already, so that they gain nothing."""
    pyinfra.environment["DATABASE_NAMESPACES"] = "databases"
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME}
    binding = {"roleRef": reference, "subjects": [OTHER]}
    where = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"}
    cluster.patch(*BINDING, {**where, **binding}, APPLY, fieldManager="kubectl")
    sent = len(unbound.mutations())

    code, output = pyinfra.deploy("experiment_rbac", "--dry")
    assert code == 0, output
    assert 'subjects: + {"kind": "ServiceAccount", "name": "gitlab-runner"' in output
    assert "subjects: - " not in output

    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*BINDING)["subjects"] == [OTHER, SUBJECT]
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert unbound.mutations()[sent:] == APPLIED[1:]


def held_back(bare: Lab, pyinfra: Pyinfra) -> subprocess.Popen[str]:
    """Start a run whose apply of the role waits, after everything was read."""
    bare.fault(
        system="kubernetes", method="PATCH", path="/clusterroles/", action="status",
        status=429, headers={"Retry-After": "3"}, mutating=True, times=-1,
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/experiment_rbac.py", "-y")
    wait_for(lambda: [r for r in bare.requests(system="kubernetes") if r["status"] == 429])
    return process


def test_a_rule_that_is_added_while_it_runs_is_not_overwritten(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    process = held_back(bare, pyinfra)
    rules = [*RULES[:1], FOREIGN]
    bare.fault(action="patch_object", kind="ClusterRole", name=NAME, patch={"rules": rules})
    bare.ask("/faults", method="DELETE")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "409 Conflict" in output
    assert "the object has been modified" in output
    assert "Somebody changed it at the same time: run again." in output
    assert "Traceback" not in output
    assert cluster.get(*ROLE)["rules"] == [*RULES[:1], FOREIGN]
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == [*RULES[:1], FOREIGN, *RULES[1:]]


def test_a_role_that_is_deleted_while_it_runs_is_not_made_again(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    process = held_back(bare, pyinfra)
    delete(cluster, ROLE)
    bare.ask("/faults", method="DELETE")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "no existing object was found" in output
    assert "run again" in output
    assert not exists(cluster, ROLE)


def test_labels_and_annotations_of_others_stay(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["metadata"]["labels"] == {"app": "dedup-experiment"}


def test_a_field_of_another_manager_is_a_conflict_and_not_forced(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    owned = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": NAME},
        "rules": RULES[:1],
    }
    cluster.patch(*ROLE, owned, APPLY, fieldManager="argocd", force="true")
    sent = len(bare.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "409" in output
    assert 'conflicts with "argocd"' in output
    assert "Fields of it belong to argocd: agree with them" in output
    assert "run again" not in output
    assert "Traceback" not in output
    assert cluster.get(*ROLE)["rules"] == RULES[:1]
    assert bare.mutations()[sent:] == []
    assert not [r for r in bare.requests(system="kubernetes", since=sent) if forced_by_us(r)]


def forced_by_us(request: dict[str, dict[str, str]]) -> bool:
    query = request["query"]
    return query.get("fieldManager") == "site-operations" and "force" in query


def test_what_people_did_with_kubectl_is_taken_over(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    cluster.patch(*ROLE, {"rules": RULES[:1]}, fieldManager="kubectl-edit")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == RULES


def test_who_owns_another_field_is_no_conflict(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    label = {"metadata": {"labels": {"checked": "yes"}}}
    cluster.patch(*ROLE, label, MERGE, fieldManager="kubectl-label")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    role = cluster.get(*ROLE)
    assert role["rules"] == RULES
    assert role["metadata"]["labels"]["checked"] == "yes"
    assert managers(cluster, ROLE)["kubectl-label"] == "Update"


def test_a_conflict_names_those_whom_the_api_names(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    owned = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": NAME},
        "rules": RULES[:1],
    }
    cluster.patch(*ROLE, owned, APPLY, fieldManager="argocd", force="true")
    label = {"metadata": {"labels": {"checked": "yes"}}}
    cluster.patch(*ROLE, label, MERGE, fieldManager="another")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "Fields of it belong to argocd: agree with them" in output
    assert "another" not in output.partition("Fields of it")[2].splitlines()[0]


def test_who_executes_over_web_sockets_gets_both_verbs_from_1_35_on(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    bare.fault(action="set", kubernetes_version="1.35.0")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    exec_rule = {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]}
    assert exec_rule in cluster.get(*ROLE)["rules"]
    assert may(cluster, "get", "pods/exec", "databases")
