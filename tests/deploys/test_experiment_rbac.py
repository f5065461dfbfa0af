"""deploys/experiment_rbac.py: role and binding by server-side apply, and their proof."""

from collections.abc import Callable

import pytest
from cluster import APPLY, Cluster, Refused
from lab_process import ROOT, Lab, Pyinfra
from moments import kill, wait_for

RBAC = "/apis/rbac.authorization.k8s.io/v1"
NAME = "experiment-reset-access"
ROLE, BINDING = ("clusterroles", "", NAME), ("clusterrolebindings", "", NAME)
APPLIED = [f"PATCH {RBAC}/clusterroles/{NAME}", f"PATCH {RBAC}/clusterrolebindings/{NAME}"]
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
CI = ROOT / "lab" / "project" / ".gitlab-ci.yml"
REVIEW = ("--limit", "@kubernetes")


def may_execute(cluster: Cluster) -> bool:
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    asked = {"verb": "create", "resource": "pods", "subresource": "exec", "namespace": "databases"}
    review = cluster.request("POST", path, {"spec": {"user": USER, "resourceAttributes": asked}})
    return bool(review["status"]["allowed"])


def exists(cluster: Cluster, plural: str) -> bool:
    try:
        cluster.get(plural, "", NAME)
    except Refused as refusal:
        assert refusal.code == 404
        return False
    return True


def delete(cluster: Cluster, plural: str) -> None:
    cluster.request("DELETE", cluster.path(plural, "", NAME))


def managers(cluster: Cluster, plural: str) -> dict[str, str]:
    entries = cluster.get(plural, "", NAME)["metadata"]["managedFields"]
    return {entry["manager"]: entry["operation"] for entry in entries}


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
    assert managers(cluster, "clusterrolebindings") == {"site-operations": "Apply"}
    assert managers(cluster, "clusterroles")["site-operations"] == "Apply"
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
    assert 'kind: (absent) -> "ClusterRoleBinding"' in output
    assert "create pods/exec in databases: denied -> allowed" in output
    assert lab.mutations() == []
    applies = [r for r in lab.requests(system="kubernetes") if r["method"] == "PATCH"]
    assert [request["query"]["dryRun"] for request in applies] == ["All", "All"]
    assert not exists(cluster, "clusterrolebindings")
    assert not may_execute(cluster)


def test_a_missing_role_is_made(lab: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    delete(cluster, "clusterroles")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert cluster.get(*ROLE)["rules"] == RULES
    assert managers(cluster, "clusterroles") == {"site-operations": "Apply"}
    assert may_execute(cluster)


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
    [("patch", "clusterroles"), ("create", "clusterroles"), ("create", "clusterrolebindings")],
)
def test_a_missing_permission_is_said_before_anything_is_sent(
    lab: Lab, pyinfra: Pyinfra, verb: str, resource: str
) -> None:
    lab.fault(action="deny", verb=verb, resource=resource)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert f"the kubeconfig's user may not {verb} {resource}: use one that may" in output
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
    delete(cluster, "clusterrolebindings")
    output, _ = process.communicate(timeout=60)
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
        system="kubernetes", method="PATCH", path="/clusterrolebindings/", action="status",
        status=500, skip=1,
    )  # fmt: skip


def lose_the_binding(lab: Lab) -> None:
    lab.fault(
        system="kubernetes", method="PATCH", path="/clusterrolebindings/", action="reset", skip=1
    )


@pytest.mark.parametrize("breaks", [refuse_the_binding, lose_the_binding])
def test_after_a_fault_in_the_middle_a_rerun_does_the_rest(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, breaks: Callable[[Lab], None]
) -> None:
    breaks(lab)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert cluster.get(*ROLE)["rules"] == RULES
    assert not exists(cluster, "clusterrolebindings")
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
        system="kubernetes", method="PATCH", path="/clusterrolebindings/", action="status",
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    - if: $CI_COMMIT_BRANCH == "master"\n      when: never\n', ""),
        ("      when: never\n    - when: always", "      when: always"),
        ('    - if: $CI_COMMIT_BRANCH == "master"', '    - if: $CI_COMMIT_BRANCH == "archive"'),
    ],
    ids=["no rule", "not never", "another branch"],
)
def test_a_configuration_that_lets_ci_run_on_master_is_refused_in_words(
    lab: Lab, pyinfra: Pyinfra, old: str, new: str
) -> None:
    text = CI.read_text()
    assert old in text
    files = {".gitlab-ci.yml": text.replace(old, new)}
    lab.fault(action="commit", remote="gitlab", branch="development", files=files)
    code, output = pyinfra.deploy("experiment_rbac", "-y", "--limit", "project")
    assert code == 1
    assert "the workflow rules in .gitlab-ci.yml of development do not keep CI off master" in output
    assert "`when: never`" in output
    assert "Traceback" not in output
    assert lab.mutations() == []
