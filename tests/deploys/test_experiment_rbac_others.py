"""deploys/experiment_rbac.py: what is added to the role goes to nobody else, and it says where."""

from collections.abc import Callable
from typing import Any

import pytest
from cluster import Cluster
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from rbac_site import (
    APPLIED,
    GROUP,
    NAME,
    RBAC,
    REFERENCE,
    ROLE,
    RULES,
    SUBJECT,
    WIDE,
    bind,
    create,
    delete,
    exists,
    may_all,
)

OTHER = {"kind": "ServiceAccount", "name": "default", "namespace": "monitoring"}
PEOPLE = {"kind": "Group", "name": "system:serviceaccounts", "apiGroup": GROUP}
PERSON = {"kind": "User", "name": "erika", "apiGroup": GROUP}
WHAT = "create pods/exec, get secrets"
LISTS = (f"{RBAC}/clusterrolebindings", f"{RBAC}/rolebindings")


def wide(*subjects: dict[str, str]) -> Callable[[Lab], None]:
    return lambda lab: bind(lab, "ClusterRoleBinding", WIDE, subjects=[*subjects])


def narrow(namespace: str, *subjects: dict[str, str]) -> Callable[[Lab], None]:
    return lambda lab: bind(lab, "RoleBinding", "x", namespace, subjects=[*subjects])


FOREIGN = {
    "everywhere": (
        wide(SUBJECT, OTHER),
        f"ServiceAccount monitoring/default in all namespaces (ClusterRoleBinding {WIDE})",
        f"take that subject out (kubectl edit clusterrolebinding {WIDE})",
    ),
    "in one namespace": (
        narrow("gitlab", PERSON),
        "User erika in gitlab (RoleBinding x)",
        "take that subject out (kubectl edit rolebinding x -n gitlab)",
    ),
    "a group that the jobs are of": (
        narrow("kafka", PEOPLE),
        "Group system:serviceaccounts in kafka (RoleBinding x)",
        "take that subject out (kubectl edit rolebinding x -n kafka)",
    ),
    "an account of the binding's namespace": (
        narrow("kafka", {"kind": "ServiceAccount", "name": "gitlab-runner"}),
        "ServiceAccount kafka/gitlab-runner in kafka (RoleBinding x)",
        "take that subject out",
    ),
    "two": (
        wide(OTHER, PERSON),
        f"ServiceAccount monitoring/default in all namespaces (ClusterRoleBinding {WIDE}), User"
        f" erika in all namespaces (ClusterRoleBinding {WIDE})",
        f"take those subjects out (kubectl edit clusterrolebinding {WIDE})",
    ),
}


@pytest.mark.parametrize("how", ["--dry", "-y"])
@pytest.mark.parametrize(("give", "who", "advice"), FOREIGN.values(), ids=FOREIGN)
def test_it_refuses_where_somebody_else_would_gain_rights(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster, give: Callable[[Lab], None], who: str,
    advice: str, how: str,
) -> None:  # fmt: skip
    give(bare)
    code, output = pyinfra.deploy("experiment_rbac", how)
    assert code == 1
    assert f"what is added ({WHAT}) would also be given to {who}, so nothing is changed" in output
    assert f"{advice}" in output
    assert "or name another role in experiment_role_name" in output
    assert "Traceback" not in output
    assert bare.mutations() == []
    assert cluster.get(*ROLE)["rules"] == RULES[:1]


@pytest.mark.parametrize("how", ["--dry", "-y"])
def test_a_name_of_others_makes_no_line_and_no_command(
    bare: Lab, pyinfra: Pyinfra, how: str
) -> None:
    forger = {"kind": "User", "name": "erika\n[@kubernetes] all is well", "apiGroup": GROUP}
    bind(bare, "ClusterRoleBinding", "x;$(id)", subjects=[forger])
    code, output = pyinfra.deploy("experiment_rbac", how)
    assert code == 1
    assert "erika\\n[@kubernetes] all is well" in output
    assert not [
        line for line in output.splitlines() if line.strip().startswith("[@kubernetes] all")
    ]
    assert "(kubectl edit clusterrolebinding 'x;$(id)')" in output


def test_another_name_leads_out_of_it(bare: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    wide(OTHER)(bare)
    code, output = pyinfra.deploy("experiment_rbac", "-y", EXPERIMENT_ROLE_NAME="experiment-own")
    assert code == 0, output
    own = [request.replace(NAME, "experiment-own") for request in APPLIED]
    assert bare.mutations() == own
    assert may_all(cluster)
    assert cluster.get(*ROLE)["rules"] == RULES[:1]


def test_taking_the_subject_out_leads_out_of_it(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    wide(SUBJECT, OTHER)(bare)
    code, _ = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    patch = {"subjects": [SUBJECT]}
    bare.fault(action="patch_object", kind="ClusterRoleBinding", name=WIDE, patch=patch)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations() == APPLIED
    assert may_all(cluster)


def test_who_is_bound_to_a_role_that_is_missing_would_gain_by_it(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    wide(OTHER)(bare)
    delete(cluster, ROLE)
    sent = len(bare.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "what is added (get pods, list pods, create pods/exec, get secrets) would" in output
    assert bare.mutations()[sent:] == []
    assert not exists(cluster, ROLE)


def test_bindings_of_other_roles_do_not_count(bare: Lab, pyinfra: Pyinfra) -> None:
    create(bare, "Role", NAME, "kafka", rules=RULES)
    for kind, name, role in (("Role", NAME, "x"), ("ClusterRole", "view", "y")):
        reference = {**REFERENCE, "kind": kind, "name": name}
        bind(bare, "RoleBinding", role, "kafka", roleRef=reference, subjects=[OTHER])
    bind(bare, "RoleBinding", "nobody", "kafka", subjects=[])
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations() == APPLIED


def test_who_gains_nothing_is_no_reason_to_refuse(bare: Lab, pyinfra: Pyinfra) -> None:
    """The role allows all of it, and only the binding is lacking."""
    rules = [{"apiGroups": ["", "apps"], "resources": ["*", "*/exec"], "verbs": ["*"]}]
    bare.fault(action="patch_object", kind="ClusterRole", name=NAME, patch={"rules": rules})
    wide(OTHER)(bare)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations() == APPLIED[1:]
    assert "gained by" not in output
    assert "the role has further rules, which the jobs get where it is bound: * *, * */" in output


@pytest.mark.parametrize("how", ["--dry", "-y"])
def test_it_says_that_a_rule_holds_wherever_the_role_is_bound(
    lab: Lab, pyinfra: Pyinfra, how: str
) -> None:
    lab.fault(action="patch_object", kind="ClusterRole", name=NAME, patch={"rules": RULES[:1]})
    account = {"kind": "ServiceAccount", "name": "gitlab-runner"}  # of the binding's namespace
    narrow("gitlab-runner", account)(lab)
    code, output = pyinfra.deploy("experiment_rbac", how, DATABASE_NAMESPACES="databases")
    assert code == 0, output
    ours = "gained by ServiceAccount gitlab-runner/gitlab-runner in"
    assert output.count(f"{ours} all namespaces (ClusterRoleBinding {WIDE}): {WHAT}") == 1
    assert output.count(f"{ours} gitlab-runner (RoleBinding x): {WHAT}") == 1
    assert lab.mutations() == ([] if how == "--dry" else APPLIED)


@pytest.mark.parametrize("kinds", [LISTS[:1], LISTS[1:], LISTS], ids=["wide", "narrow", "both"])
def test_who_may_not_list_bindings_is_told_that_it_is_unknown(
    bare: Lab, pyinfra: Pyinfra, kinds: tuple[str, ...]
) -> None:
    wide(*([OTHER] if LISTS[0] in kinds else []))(bare)
    narrow("kafka", *([OTHER] if LISTS[1] in kinds else []))(bare)
    plurals = [path.rpartition("/")[2] for path in kinds]
    for plural in plurals:
        bare.fault(action="deny", verb="list", resource=plural, times=-1)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert (
        f"who else gains {WHAT} is unknown: the kubeconfig's user may not list"
        f" {' and '.join(plurals)} of all namespaces"
    ) in output
    assert f"kubectl get {','.join(plurals)} -A -o wide | grep ClusterRole/{NAME}" in output
    assert bare.mutations() == APPLIED


def test_what_can_be_listed_counts_although_the_rest_cannot(bare: Lab, pyinfra: Pyinfra) -> None:
    wide(OTHER)(bare)
    bare.fault(action="deny", verb="list", resource="rolebindings", times=-1)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "would also be given to ServiceAccount monitoring/default in all namespaces" in output
    assert bare.mutations() == []


def test_bindings_that_cannot_be_read_are_none_that_are_not_there(
    bare: Lab, pyinfra: Pyinfra
) -> None:
    bare.fault(
        system="kubernetes", method="GET", path="/rolebindings$", action="malformed",
        body={"kind": "RoleBindingList", "items": None}, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "its state could not be read (fact Bindings): nothing is changed" in output
    assert bare.mutations() == []


def test_the_last_one_of_many_bindings_is_seen(bare: Lab, pyinfra: Pyinfra) -> None:
    for number in range(500):
        bind(bare, "RoleBinding", f"a{number}", "databases", subjects=[])
    narrow("redis", OTHER)(bare)
    code, output = pyinfra.deploy("experiment_rbac", "--dry")
    assert code == 1
    assert "would also be given to ServiceAccount monitoring/default in redis" in output
    asked: list[Any] = [r for r in bare.requests(system="kubernetes") if r["path"] == LISTS[1]]
    assert {"continue" in r["query"] for r in asked} == {True, False}


def test_who_is_bound_after_the_preview_is_seen_before_the_first_write(
    bare: Lab, pyinfra: Pyinfra
) -> None:
    code, output = run_confirmed(pyinfra, "experiment_rbac", lambda: wide(OTHER)(bare))
    assert code == 1, output
    assert "would also be given to ServiceAccount monitoring/default in all namespaces" in output
    assert bare.mutations() == []
