"""deploys/experiment_rbac.py: what is denied, cannot be asked, breaks or is killed."""

from collections.abc import Callable

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from rbac_site import APPLIED, BINDING, ROLE, RULES, WIDE, WORDS, delete, exists, may_all


@pytest.mark.parametrize(
    ("verb", "resource"),
    [("patch", "clusterroles"), ("create", "clusterroles"), ("create", "rolebindings")],
)
def test_a_missing_permission_is_said_before_anything_is_sent(
    bare: Lab, pyinfra: Pyinfra, verb: str, resource: str
) -> None:
    bare.fault(action="deny", verb=verb, resource=resource)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    where = " in databases" if resource == "rolebindings" else ""
    assert f"the kubeconfig's user may not {verb} {resource}{where}: use one that may" in output
    assert bare.mutations() == []


def test_the_review_of_a_right_that_is_denied_says_which(bare: Lab, pyinfra: Pyinfra) -> None:
    bare.fault(action="deny", verb="create", resource="pods/exec")
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "create pods/exec in databases: DENIED" in output
    assert "get pods, list pods, get secrets in databases: allowed RBAC: allowed by" in output


def test_a_binding_that_somebody_deleted_is_seen_by_the_review(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    """It goes after it was applied, while the API hesitates to answer the review."""
    bare.fault(
        system="kubernetes", method="POST", path="/subjectaccessreviews", action="status",
        status=429, headers={"Retry-After": "3"}, after=f"{APPLIED[1]}$",
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/experiment_rbac.py", "-y")
    wait_for(lambda: [r for r in bare.requests(system="kubernetes") if r["status"] == 429])
    assert bare.mutations() == APPLIED
    delete(cluster, BINDING)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert f"{WORDS} in databases: DENIED" in output


def test_a_review_that_cannot_be_asked_is_no_yes_and_nothing_is_sent(
    bare: Lab, pyinfra: Pyinfra
) -> None:
    bare.fault(
        system="kubernetes", method="POST", path="/subjectaccessreviews", action="status",
        status=403, times=-1,
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert "its state could not be read (fact AccessReview)" in output
    assert "Traceback" not in output
    assert bare.mutations() == []


@pytest.mark.parametrize("bound", [True, False])
def test_a_namespace_that_does_not_exist_is_an_error_before_anything_is_sent(
    lab: Lab, pyinfra: Pyinfra, bound: bool
) -> None:
    """A right in all namespaces holds in it, too."""
    if not bound:
        lab.fault(action="delete_object", kind="ClusterRoleBinding", name=WIDE)
    code, output = pyinfra.deploy("experiment_rbac", "-y", DATABASE_NAMESPACES="redis nowhere")
    assert code == 1
    assert "@kubernetes: there is no namespace nowhere, so nobody needs rights there" in output
    assert "Traceback" not in output
    assert lab.mutations() == []


def refuse_the_binding(bare: Lab) -> None:
    bare.fault(
        system="kubernetes", method="PATCH", path="/rolebindings/", action="status",
        status=500, mutating=True,
    )  # fmt: skip


def lose_the_binding(bare: Lab) -> None:
    bare.fault(
        system="kubernetes", method="PATCH", path="/rolebindings/", action="reset", mutating=True
    )


@pytest.mark.parametrize("breaks", [refuse_the_binding, lose_the_binding])
def test_after_a_fault_in_the_middle_a_rerun_does_the_rest(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster, breaks: Callable[[Lab], None]
) -> None:
    breaks(bare)
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 1
    assert cluster.get(*ROLE)["rules"] == RULES
    assert not exists(cluster, BINDING)
    sent = len(bare.mutations())
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations()[sent:] == APPLIED[1:]
    assert may_all(cluster)


def test_a_lost_answer_is_looked_up(bare: Lab, pyinfra: Pyinfra, cluster: Cluster) -> None:
    bare.fault(
        system="kubernetes", method="PATCH", path="/clusterroles/", action="apply_then_reset",
        mutating=True,
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert bare.mutations() == APPLIED
    assert may_all(cluster)


def test_an_authorizer_that_is_a_moment_behind_is_asked_again(bare: Lab, pyinfra: Pyinfra) -> None:
    bare.fault(
        system="kubernetes", method="POST", path="/subjectaccessreviews$", action="malformed",
        body={"kind": "SubjectAccessReview", "status": {"allowed": False, "reason": ""}},
        after=f"{APPLIED[-1]}$",
    )  # fmt: skip
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert "DENIED" not in output
    assert [fault["fired"] for fault in bare.ask("/faults")] == [1]


def test_killed_in_the_middle_a_rerun_does_the_rest(
    bare: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    bare.fault(
        system="kubernetes", method="PATCH", path="/rolebindings/", action="status",
        status=429, headers={"Retry-After": "10"}, after=f"{APPLIED[0]}$",
    )  # fmt: skip
    process = pyinfra.start("inventory.py", "deploys/experiment_rbac.py", "-y")
    wait_for(lambda: [r for r in bare.requests(system="kubernetes") if r["status"] == 429])
    kill(process)
    assert bare.mutations() == APPLIED[:1]
    code, output = pyinfra.deploy("experiment_rbac", "-y")
    assert code == 0, output
    assert bare.mutations() == APPLIED
    assert may_all(cluster)
