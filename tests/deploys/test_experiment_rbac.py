"""deploys/experiment_rbac.py: role and bindings by server-side apply, and their proof."""

import re
import subprocess
from collections.abc import Callable

import pytest
from cluster import APPLY, Cluster, Refused
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for

RBAC = "/apis/rbac.authorization.k8s.io/v1"
NAME = "experiment-reset-access"
ROLE, BINDING = ("clusterroles", "", NAME), ("rolebindings", "databases", NAME)
APPLIED = [
    f"PATCH {RBAC}/clusterroles/{NAME}",
    f"PATCH {RBAC}/namespaces/databases/rolebindings/{NAME}",
]
SUBJECT = {"kind": "ServiceAccount", "name": "default", "namespace": "gitlab-runner"}
USER = "system:serviceaccount:gitlab-runner:default"
RULES = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
    {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]},
]
QUESTION = (
    "auth",
    "can-i",
    "create",
    "pods",
    "--subresource=exec",
    "-n",
    "databases",
    "--as",
    USER,
)
ALL = [(verb, rule["resources"][0]) for rule in RULES for verb in rule["verbs"]]
REVIEW = ("--limit", "@kubernetes")


def may(cluster: Cluster, verb: str, resource: str, namespace: str) -> bool:
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    plural, _, below = resource.partition("/")
    asked = {"verb": verb, "resource": plural, "subresource": below, "namespace": namespace}
    review = cluster.request("POST", path, {"spec": {"user": USER, "resourceAttributes": asked}})
    return bool(review["status"]["allowed"])


def may_execute(cluster: Cluster, namespace: str = "databases") -> bool:
    return may(cluster, "create", "pods/exec", namespace)


def exists(cluster: Cluster, where: tuple[str, str, str]) -> bool:
    try:
        cluster.get(*where)
    except Refused as refusal:
        assert refusal.code == 404
        return False
    return True


def delete(cluster: Cluster, where: tuple[str, str, str]) -> None:
    cluster.request("DELETE", cluster.path(*where))


def managers(cluster: Cluster, where: tuple[str, str, str]) -> dict[str, str]:
    entries = cluster.get(*where)["metadata"]["managedFields"]
    return {entry["manager"]: entry["operation"] for entry in entries}


def bind_everywhere(cluster: Cluster, name: str) -> None:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME}
    body = {"metadata": {"name": name}, "roleRef": reference, "subjects": [SUBJECT]}
    cluster.request("POST", cluster.path("clusterrolebindings", ""), body)


def test_role_and_binding_are_applied_and_the_second_run_sends_nothing(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    assert not may_execute(cluster)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert lab.mutations() == APPLIED
    for request in lab.requests(mutating="true"):
        assert request["query"]["fieldManager"] == "site-operations"
    assert cluster.get(*ROLE)["rules"] == RULES
    assert managers(cluster, BINDING) == {"site-operations": "Apply"}
    assert managers(cluster, ROLE)["site-operations"] == "Apply"
    assert may_execute(cluster)

    code, output = pyinfra.deploy("experiment_rbac", "-y", "-v")
    assert code == 0, output
    assert lab.mutations() == APPLIED
    assert f"{USER} may do all of it" in output


def test_kubectl_sees_the_right(lab: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    assert cluster.kubectl(*QUESTION)[:2] == (1, "no\n")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.kubectl(*QUESTION)[:2] == (0, "yes\n")


def test_the_preview_shows_both_and_sends_dry_runs_alone(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "--dry")
    assert code == 0, output
    assert 'rules: + {"apiGroups": [""], "resources": ["pods/exec"]' in output
    assert 'kind: (absent) -> "RoleBinding"' in output
    assert "create pods/exec in databases: denied -> allowed" in output
    # The review is counted as a check, not as a change.
    assert re.search(r"See that the jobs may execute in the databases' pods +- +- +- +1\n", output)
    assert re.search(r"Grand total +2 +- +- +1\n", output)
    assert lab.mutations() == []
    applies = [r for r in lab.requests(system="kubernetes") if r["method"] == "PATCH"]
    assert [request["query"]["dryRun"] for request in applies] == ["All", "All"]
    assert not exists(cluster, BINDING)
    assert not may_execute(cluster)


def test_a_missing_role_is_made(lab: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    delete(cluster, ROLE)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == RULES
    assert managers(cluster, ROLE) == {"site-operations": "Apply"}
    assert may_execute(cluster)


def test_the_rights_hold_in_the_namespaces_of_the_databases_and_nowhere_else(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "-y", DATABASE_NAMESPACES="databases kafka")
    assert code == 0, output
    bindings = [f"PATCH {RBAC}/namespaces/{n}/rolebindings/{NAME}" for n in ("databases", "kafka")]
    assert sorted(lab.mutations()) == sorted([APPLIED[0], *bindings])
    for namespace in ("databases", "kafka"):
        for verb, resource in ALL:
            assert may(cluster, verb, resource, namespace), (verb, resource, namespace)
    for namespace in ("gitlab", "gitlab-runner", "default", ""):
        for verb, resource in ALL:
            assert not may(cluster, verb, resource, namespace), (verb, resource, namespace)
    assert "in all namespaces" not in output
    code, output = pyinfra.deploy("experiment_rbac", "-y", DATABASE_NAMESPACES="databases kafka")
    assert code == 0, output
    assert len(lab.mutations()) == 3


def test_each_namespace_is_reviewed(lab: Lab, pyinfra: Pyinfra) -> None:
    review = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    code, output = pyinfra.deploy("experiment_rbac", "--dry", DATABASE_NAMESPACES="databases kafka")
    assert code == 0, output
    for verb, resource in ALL:
        assert f"{verb} {resource} in kafka: denied -> allowed" in output
    asked = [r["body"]["spec"] for r in lab.requests(system="kubernetes") if r["path"] == review]
    assert {spec["user"] for spec in asked} == {USER}
    attributes = [spec["resourceAttributes"] for spec in asked]
    assert {a["namespace"] for a in attributes} == {"databases", "kafka", ""}


def test_a_namespace_that_does_not_exist_is_an_error(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "-y", DATABASE_NAMESPACES="nowhere")
    assert code == 1
    assert 'namespaces "nowhere" not found' in output
    assert "Traceback" not in output


def test_a_binding_for_the_whole_cluster_is_reported_with_its_name_and_left_alone(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    bind_everywhere(cluster, "somebody-else")
    sent = len(lab.mutations())
    for _ in range(2):  # The first run adds rules to the role, which then hold everywhere, too.
        code, output = pyinfra.deploy("experiment_rbac", "-y")
        assert code == 0, output
    assert lab.mutations()[sent:] == APPLIED
    assert (
        f"{USER} may get pods, list pods, create pods/exec, get pods/exec in all namespaces,"
        " through ClusterRoleBinding somebody-else: remove that by hand"
        " (kubectl edit clusterrolebinding somebody-else)"
    ) in output
    assert output.count("in all namespaces") == 1
    assert exists(cluster, BINDING)
    assert exists(cluster, ("clusterrolebindings", "", "somebody-else"))


def test_a_right_everywhere_is_reported_although_the_api_does_not_say_why(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    body = {"status": {"allowed": True}}
    lab.fault(
        system="kubernetes", method="POST", path="/subjectaccessreviews", action="status",
        status=201, body=body, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y", *REVIEW)
    assert code == 0, output
    assert "in all namespaces, through something that the API does not name: remove" in output


FOREIGN = {"apiGroups": ["apps"], "resources": ["statefulsets/scale"], "verbs": ["update"]}
OTHER = {"kind": "ServiceAccount", "name": "other", "namespace": "databases"}


def test_rules_and_subjects_of_others_stay(lab: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    """They are single values to the API, which would replace them."""
    # Of the own ones some are there, with their fields and verbs in another order.
    rule = {"verbs": ["list", "get"], "resources": ["pods"], "apiGroups": [""]}
    cluster.patch(*ROLE, {"rules": [FOREIGN, rule]}, fieldManager="kubectl-edit")
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME}
    binding = {"roleRef": reference, "subjects": [OTHER]}
    where = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"}
    cluster.patch(*BINDING, {**where, **binding}, APPLY, fieldManager="kubectl")
    sent = len(lab.mutations())

    code, output = pyinfra.deploy("experiment_rbac", "--dry")
    assert code == 0, output
    assert 'rules: + {"apiGroups": [""], "resources": ["pods/exec"]' in output
    assert 'subjects: + {"kind": "ServiceAccount", "name": "default"' in output
    assert "rules: - " not in output
    assert "subjects: - " not in output

    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == [FOREIGN, rule, RULES[1]]
    assert cluster.get(*BINDING)["subjects"] == [OTHER, SUBJECT]
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert lab.mutations()[sent:] == APPLIED


def held_back(lab: Lab, pyinfra: Pyinfra) -> subprocess.Popen[str]:
    """Start a run whose apply of the role waits, after everything was read."""
    lab.fault(
        system="kubernetes", method="PATCH", path="/clusterroles/", action="status",
        status=429, headers={"Retry-After": "3"}, skip=1,
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/experiment_rbac.py", "-y")
    wait_for(lambda: [r for r in lab.requests(system="kubernetes") if r["status"] == 429])
    return process


def test_a_rule_that_is_added_while_it_runs_is_not_overwritten(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    process = held_back(lab, pyinfra)
    cluster.patch(*ROLE, {"rules": [*RULES[:1], FOREIGN]}, fieldManager="kubectl-edit")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "409 Conflict" in output
    assert "the object has been modified" in output
    assert "Somebody changed it at the same time: run again." in output
    assert "Traceback" not in output
    assert cluster.get(*ROLE)["rules"] == [*RULES[:1], FOREIGN]
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == [*RULES[:1], FOREIGN, RULES[1]]


def test_a_role_that_is_deleted_while_it_runs_is_not_made_again(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    process = held_back(lab, pyinfra)
    delete(cluster, ROLE)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "no existing object was found" in output
    assert "run again" in output
    assert not exists(cluster, ROLE)


def test_labels_and_annotations_of_others_stay(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["metadata"]["labels"] == {"app": "dedup-experiment"}


def test_a_field_of_another_manager_is_a_conflict_and_not_forced(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    owned = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": NAME},
        "rules": RULES[:1],
    }
    cluster.patch(*ROLE, owned, APPLY, fieldManager="argocd", force="true")
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "409" in output
    assert 'conflicts with "argocd"' in output
    assert "Fields of it belong to argocd: agree with them" in output
    assert "run again" not in output
    assert "Traceback" not in output
    assert cluster.get(*ROLE)["rules"] == RULES[:1]
    assert lab.mutations()[sent:] == []
    assert not [r for r in lab.requests(system="kubernetes", since=sent) if forced_by_us(r)]


def forced_by_us(request: dict[str, dict[str, str]]) -> bool:
    query = request["query"]
    return query.get("fieldManager") == "site-operations" and "force" in query


def test_what_people_did_with_kubectl_is_taken_over(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    cluster.patch(*ROLE, {"rules": RULES[:1]}, fieldManager="kubectl-edit")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == RULES


@pytest.mark.parametrize(
    ("verb", "resource"),
    [("patch", "clusterroles"), ("create", "clusterroles"), ("create", "rolebindings")],
)
def test_a_missing_permission_is_said_before_anything_is_sent(
    lab: Lab, pyinfra: Pyinfra, verb: str, resource: str
) -> None:
    lab.fault(action="deny", verb=verb, resource=resource)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    where = " in databases" if resource == "rolebindings" else ""
    assert f"the kubeconfig's user may not {verb} {resource}{where}: use one that may" in output
    assert lab.mutations() == []


def test_the_review_of_a_right_that_is_denied_says_which(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="deny", verb="create", resource="pods/exec")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "create pods/exec in databases: DENIED" in output
    assert "get pods/exec in databases: allowed" in output


def test_a_binding_that_somebody_deleted_is_seen_by_the_review(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    """It goes after it was applied, while the API hesitates to answer the review."""
    lab.fault(
        system="kubernetes", method="POST", path="/subjectaccessreviews", action="status",
        status=429, headers={"Retry-After": "3"},
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/experiment_rbac.py", "-y")
    wait_for(lambda: [r for r in lab.requests(system="kubernetes") if r["status"] == 429])
    assert lab.mutations() == APPLIED
    delete(cluster, BINDING)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "create pods/exec in databases: DENIED" in output


def test_a_review_that_cannot_be_asked_is_no_yes(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(
        system="kubernetes", method="POST", path="/subjectaccessreviews", action="status",
        status=403, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y", *REVIEW)
    assert code == 1
    assert "its state could not be read (fact AccessReview)" in output
    assert "Traceback" not in output


def refuse_the_binding(lab: Lab) -> None:
    lab.fault(
        system="kubernetes", method="PATCH", path="/rolebindings/", action="status",
        status=500, skip=1,
    )  # fmt: skip


def lose_the_binding(lab: Lab) -> None:
    lab.fault(system="kubernetes", method="PATCH", path="/rolebindings/", action="reset", skip=1)


@pytest.mark.parametrize("breaks", [refuse_the_binding, lose_the_binding])
def test_after_a_fault_in_the_middle_a_rerun_does_the_rest(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, breaks: Callable[[Lab], None]
) -> None:
    breaks(lab)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert cluster.get(*ROLE)["rules"] == RULES
    assert not exists(cluster, BINDING)
    sent = len(lab.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert lab.mutations()[sent:] == APPLIED[1:]
    assert may_execute(cluster)


def test_a_lost_answer_is_looked_up(lab: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    lab.fault(
        system="kubernetes", method="PATCH", path="/clusterroles/", action="apply_then_reset",
        skip=1,
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert lab.mutations() == APPLIED
    assert may_execute(cluster)


def test_killed_in_the_middle_a_rerun_does_the_rest(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    lab.fault(
        system="kubernetes", method="PATCH", path="/rolebindings/", action="status",
        status=429, headers={"Retry-After": "10"},
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/experiment_rbac.py", "-y")
    wait_for(lambda: [r for r in lab.requests(system="kubernetes") if r["status"] == 429])
    kill(process)
    assert lab.mutations() == APPLIED[:1]
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert lab.mutations() == APPLIED
    assert may_execute(cluster)
