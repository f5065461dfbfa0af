"""deploys/experiment_rbac.py: the rights of the experiment's jobs, whatever gives them."""

import re
from collections.abc import Callable

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra
from rbac_site import (
    ALL,
    APPLIED,
    BINDING,
    GROUP,
    NAME,
    NAMESPACES,
    RBAC,
    REVIEWS,
    ROLE,
    RULES,
    USER,
    WIDE,
    WORDS,
    bind,
    create,
    exists,
    managers,
    may,
    may_all,
    may_any,
)

QUESTION = (
    *("auth", "can-i", "create", "pods", "--subresource=exec", "-n", "redis"),
    *("--as", USER),
)
EVERYWHERE = f"{USER} may {WORDS} in all namespaces, through ClusterRoleBinding"
ADVICE = "take it out there (kubectl edit clusterrolebinding {0}) and run this job again"


@pytest.mark.parametrize("how", ["--dry", "-y"])
def test_rights_that_somebody_gave_by_hand_are_enough_and_what_is_wider_is_reported(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, how: str
) -> None:
    before = lab.state()["kubernetes"]["objects"]
    code, output = pyinfra.deploy("experiment_rbac", how)
    assert code == 0, output
    assert lab.mutations() == []
    assert [r for r in lab.requests(system="kubernetes") if r["method"] == "PATCH"] == []
    assert lab.state()["kubernetes"]["objects"] == before
    assert output.count("in all namespaces") == 1
    assert f"{EVERYWHERE} {WIDE}. To have that in databases, cockroach-op" in output
    assert ADVICE.format(WIDE) in output
    assert all(may_all(cluster, namespace) for namespace in NAMESPACES)


def test_the_advice_leads_to_rights_in_the_namespaces_of_the_databases_alone(
    unbound: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    assert not may_any(cluster)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    bindings = [f"PATCH {RBAC}/namespaces/{n}/rolebindings/{NAME}" for n in NAMESPACES]
    assert sorted(unbound.mutations()) == sorted(bindings)  # The role was as wanted.
    for namespace in NAMESPACES:
        assert may_all(cluster, namespace), namespace
    for namespace in ("gitlab", "gitlab-runner", "default", ""):
        assert not may_any(cluster, namespace), namespace
    assert "in all namespaces" not in output
    code, output = pyinfra.deploy("experiment_rbac", "-y", "-v")
    assert code == 0, output
    assert sorted(unbound.mutations()) == sorted(bindings)
    assert f"{USER} may do all of it" in output


def by_a_role(lab: Lab) -> None:
    create(lab, "Role", "by-hand", "databases", rules=RULES)
    bind(
        lab, "RoleBinding", "x", "databases",
        roleRef={"apiGroup": GROUP, "kind": "Role", "name": "by-hand"},
    )  # fmt: skip


def by_another_role(lab: Lab) -> None:
    rules = [{"apiGroups": ["*"], "resources": ["*", "*/exec"], "verbs": ["*"]}]
    create(lab, "ClusterRole", "all", rules=rules)
    bind(
        lab, "RoleBinding", "x", "databases",
        roleRef={"apiGroup": GROUP, "kind": "ClusterRole", "name": "all"},
    )  # fmt: skip


def by_several(lab: Lab) -> None:
    lab.fault(action="patch_object", kind="ClusterRole", name=NAME, patch={"rules": RULES[:2]})
    bind(lab, "RoleBinding", "x", "databases")
    create(lab, "ClusterRole", "rest", rules=RULES[2:])
    bind(
        lab, "ClusterRoleBinding", "y",
        roleRef={"apiGroup": GROUP, "kind": "ClusterRole", "name": "rest"},
    )  # fmt: skip


def of(kind: str, name: str) -> Callable[[Lab], None]:
    subject = {"apiGroup": GROUP, "kind": kind, "name": name}
    return lambda lab: bind(lab, "RoleBinding", "x", "databases", subjects=[subject])


GIVEN = {
    "a Role": by_a_role,
    "another ClusterRole": by_another_role,
    "several": by_several,
    "all service accounts": of("Group", "system:serviceaccounts"),
    "those of the namespace": of("Group", "system:serviceaccounts:gitlab-runner"),
    "all who log in": of("Group", "system:authenticated"),
    "the user's name": of("User", USER),
}


@pytest.mark.parametrize("give", GIVEN.values(), ids=GIVEN)
def test_a_right_counts_through_whatever_binding_it_comes(
    unbound: Lab, pyinfra: Pyinfra, give: Callable[[Lab], None]
) -> None:
    give(unbound)
    code, output = pyinfra.deploy("experiment_rbac", "-y", "-v", DATABASE_NAMESPACES="databases")
    assert code == 0, output
    assert unbound.mutations() == []
    assert f"{USER} may do all of it" in output


def test_rights_of_another_account_or_namespace_do_not_count(
    unbound: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    other = {"kind": "ServiceAccount", "name": "default", "namespace": "gitlab-runner"}
    bind(unbound, "ClusterRoleBinding", "x", subjects=[other])
    bind(unbound, "RoleBinding", "x", "redis")
    code, output = pyinfra.deploy("experiment_rbac", "-y", DATABASE_NAMESPACES="databases redis")
    assert code == 0, output
    assert unbound.mutations() == APPLIED[1:]  # In redis there was one.
    assert may_all(cluster)
    assert not exists(cluster, ("rolebindings", "redis", NAME))


def test_a_group_that_may_everywhere_is_named(unbound: Lab, pyinfra: Pyinfra) -> None:
    group = {"apiGroup": GROUP, "kind": "Group", "name": "system:serviceaccounts"}
    bind(unbound, "ClusterRoleBinding", "everybody", subjects=[group])
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert unbound.mutations() == []
    assert f"{EVERYWHERE} everybody, which is for the group system:serviceaccounts. To" in output


def test_a_right_everywhere_is_reported_although_the_api_does_not_say_why(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    body = {"status": {"allowed": True}}
    lab.fault(
        system="kubernetes", method="POST", path="/subjectaccessreviews", action="status",
        status=201, body=body, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "@kubernetes")
    assert code == 0, output
    assert "in all namespaces, through something that the API does not name: remove" in output


def test_role_and_binding_are_applied_where_a_right_is_lacking(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations() == APPLIED
    for request in bare.requests(mutating="true"):
        assert request["query"]["fieldManager"] == "site-operations"
    assert cluster.get(*ROLE)["rules"] == RULES
    assert managers(cluster, BINDING) == {"site-operations": "Apply"}
    assert managers(cluster, ROLE)["site-operations"] == "Apply"
    assert may_all(cluster)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations() == APPLIED


def test_the_preview_shows_both_and_sends_dry_runs_alone(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "--dry", "-v")
    assert code == 0, output
    assert 'rules: + {"apiGroups": [""], "resources": ["pods/exec"]' in output
    assert 'rules: + {"apiGroups": [""], "resources": ["secrets"]' in output
    assert 'kind: (absent) -> "RoleBinding"' in output
    assert f"{WORDS} in databases: denied -> allowed" in output
    # The review is counted as a check, not as a change.
    assert re.search(r"See that the jobs may do it in .* +- +- +- +1\n", output)
    assert re.search(r"Grand total +2 +- +- +1\n", output)
    assert bare.mutations() == []
    applies = [r for r in bare.requests(system="kubernetes") if r["method"] == "PATCH"]
    assert {request["query"]["dryRun"] for request in applies} == {"All"}
    assert not exists(cluster, BINDING)
    assert not may_any(cluster)


def test_a_rule_that_the_bound_role_lacks_is_added_and_each_namespace_gets_its_binding(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    """So the wide binding can go without a gap; what the role says holds in all namespaces now."""
    rules = [RULES[0], RULES[2]]
    lab.fault(action="patch_object", kind="ClusterRole", name=NAME, patch={"rules": rules})
    code, output = pyinfra.deploy("experiment_rbac", "--dry", DATABASE_NAMESPACES="databases")
    assert code == 0, output
    assert "create pods/exec in databases: denied -> allowed" in output
    for _ in range(2):
        code, output = pyinfra.deploy("experiment_rbac", "-y", DATABASE_NAMESPACES="databases")
        assert code == 0, output
        assert ADVICE.format(WIDE) in output
    assert lab.mutations() == APPLIED
    assert exists(cluster, ("clusterrolebindings", "", WIDE))
    assert may(cluster, "create", "pods/exec", "gitlab")


def test_each_right_is_asked_for_as_the_api_wants_it(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "--dry")
    assert code == 0, output
    asked = [r["body"]["spec"] for r in lab.requests(system="kubernetes") if r["path"] == REVIEWS]
    assert {spec["user"] for spec in asked} == {USER}
    for spec in asked:
        assert "system:serviceaccounts:gitlab-runner" in spec["groups"]
    attributes = [spec["resourceAttributes"] for spec in asked]
    assert {a["namespace"] for a in attributes} == {*NAMESPACES, ""}
    for namespace in NAMESPACES:
        of_it = [a for a in attributes if a["namespace"] == namespace]
        for verb, resource in ALL:
            plural, _, below = resource.partition("/")
            wanted = {"verb": verb, "group": "", "resource": plural, "namespace": namespace}
            assert wanted | ({"subresource": below} if below else {}) in of_it


def test_kubectl_sees_the_right(unbound: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    assert cluster.kubectl(*QUESTION)[:2] == (1, "no\n")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.kubectl(*QUESTION)[:2] == (0, "yes\n")
