"""Who may do what on the practice site: RBAC, access reviews, denials on demand."""

from typing import Any

import pytest
from cluster import APPLY, Cluster, Refused
from kubernetes import client
from lab_process import Lab

RBAC = "rbac.authorization.k8s.io"
ROLE = ("clusterroles", "", "experiment-reset-access")
USER = "system:serviceaccount:gitlab-runner:default"
SUBJECT = {"kind": "ServiceAccount", "name": "default", "namespace": "gitlab-runner"}
REFERENCE = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "experiment-reset-access"}
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
EXEC_RULE = {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]}


def review(
    cluster: Cluster,
    verb: str,
    resource: str,
    namespace: str = "databases",
    user: str = USER,
    groups: list[str] | None = None,
    **more: Any,
) -> Any:
    resource, _, subresource = resource.partition("/")
    asked = client.V1ResourceAttributes(
        verb=verb, resource=resource, subresource=subresource, namespace=namespace, **more
    )
    spec = client.V1SubjectAccessReviewSpec(user=user, groups=groups, resource_attributes=asked)
    body = client.V1SubjectAccessReview(spec=spec)
    return client.AuthorizationV1Api(cluster.api).create_subject_access_review(body).status


def bind(cluster: Cluster, plural: str, namespace: str, **fields: Any) -> None:
    body = {"metadata": {"name": "reset"}, "roleRef": REFERENCE, "subjects": [SUBJECT], **fields}
    cluster.request("POST", cluster.path(plural, namespace), body)


def test_the_site_has_what_somebody_made_by_hand(cluster: Cluster) -> None:
    runner = "system:serviceaccount:gitlab-runner:gitlab-runner"
    by = (
        'RBAC: allowed by ClusterRoleBinding "experiment-reset-binding" of ClusterRole'
        ' "experiment-reset-access" to ServiceAccount "gitlab-runner/gitlab-runner"'
    )
    rights = [("get", "pods"), ("list", "pods"), ("create", "pods/exec"), ("get", "secrets")]
    for namespace in ("databases", "cockroach-operator-system", "redis", "kafka", "minio", ""):
        assert cluster.request("GET", cluster.path("namespaces", "", namespace))
        for verb, resource in rights:
            assert review(cluster, verb, resource, namespace, user=runner).reason == by
        for verb, resource in [("get", "pods/exec"), ("list", "secrets"), ("delete", "pods")]:
            assert not review(cluster, verb, resource, namespace, user=runner).allowed


def test_the_ci_job_may_execute_as_soon_as_role_and_binding_say_so(
    lab: Lab, cluster: Cluster
) -> None:
    patch = {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]}
    lab.fault(action="patch_object", kind="ClusterRole", name=ROLE[2], patch=patch)
    assert not review(cluster, "create", "pods/exec").allowed
    bind(cluster, "clusterrolebindings", "")
    assert not review(cluster, "create", "pods/exec").allowed
    assert review(cluster, "list", "pods").allowed
    rules = [*cluster.get(*ROLE)["rules"], EXEC_RULE]
    cluster.patch(*ROLE, {"rules": rules})
    status = review(cluster, "create", "pods/exec")
    assert status.allowed
    assert status.reason == (
        'RBAC: allowed by ClusterRoleBinding "reset" of ClusterRole "experiment-reset-access"'
        ' to ServiceAccount "default/gitlab-runner"'
    )
    assert lab.mutations() == [
        f"POST /apis/{RBAC}/v1/clusterrolebindings",
        f"PATCH /apis/{RBAC}/v1/clusterroles/experiment-reset-access",
    ]


def test_a_review_knows_the_groups_that_are_sent_and_no_others(cluster: Cluster) -> None:
    name = "system:serviceaccounts:gitlab-runner"
    group = {"kind": "Group", "name": name, "apiGroup": RBAC}
    bind(cluster, "rolebindings", "databases", subjects=[group])
    assert not review(cluster, "get", "pods").allowed
    assert not review(cluster, "get", "pods", groups=["system:serviceaccounts"]).allowed
    found = review(cluster, "get", "pods", groups=[name])
    assert found.reason.endswith(f'ClusterRole "experiment-reset-access" to Group "{name}"')


def test_a_binding_of_a_missing_role_gives_nothing_and_says_why(cluster: Cluster) -> None:
    reference = {**REFERENCE, "name": "gone"}
    bind(cluster, "clusterrolebindings", "", roleRef=reference)
    found = review(cluster, "get", "pods")
    assert not found.allowed
    assert found.reason == f'rbac: RBAC: clusterrole.{RBAC} "gone" not found'
    code, _, errors = cluster.kubectl("get", "pods", "-n", "gitlab", "--as", USER)
    assert code == 1
    assert f'in the namespace "gitlab": rbac: RBAC: clusterrole.{RBAC} "gone" not found' in errors
    bind(cluster, "rolebindings", "databases")
    assert review(cluster, "get", "pods").allowed


def test_an_account_of_a_role_binding_is_by_default_one_of_its_namespace(cluster: Cluster) -> None:
    subject = {"kind": "ServiceAccount", "name": "default"}
    bind(cluster, "rolebindings", "gitlab-runner", subjects=[subject])
    bind(cluster, "rolebindings", "databases", subjects=[subject])
    assert review(cluster, "get", "pods", namespace="gitlab-runner").allowed
    assert not review(cluster, "get", "pods", namespace="databases").allowed
    with pytest.raises(Refused, match=r"subjects\[0\]\.namespace: Required value"):
        bind(cluster, "clusterrolebindings", "", subjects=[subject])


@pytest.mark.parametrize(
    ("resources", "allowed"),
    [
        (["pods/exec"], True),
        (["*/exec"], True),
        (["*"], True),
        (["pods"], False),
        (["pods/*"], False),
        (["*/*"], False),
        (["pods/log", "*/log"], False),
    ],
)
def test_how_a_rule_names_a_subresource(
    cluster: Cluster, resources: list[str], allowed: bool
) -> None:
    cluster.patch(
        *ROLE, {"rules": [{"apiGroups": [""], "resources": resources, "verbs": ["create"]}]}
    )
    bind(cluster, "rolebindings", "databases")
    assert review(cluster, "create", "pods/exec").allowed is allowed


def test_who_has_no_rights_may_ask_about_oneself_alone(cluster: Cluster) -> None:
    question = ("auth", "can-i", "get", "pods", "--as", USER)
    assert cluster.kubectl(*question)[:2] == (1, "no\n")
    kind = '"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"'
    create = ("create", "--raw", REVIEWS, "-f", "-", "--as", USER)
    code, _, errors = cluster.kubectl(*create, stdin=f'{{{kind}, "spec": {{}}}}')
    assert code == 1
    assert "cannot create resource" in errors
    assert "subjectaccessreviews" in errors


def test_a_role_binding_counts_in_its_namespace_only(cluster: Cluster) -> None:
    bind(cluster, "rolebindings", "databases")
    status = review(cluster, "get", "pods")
    assert status.reason == (
        'RBAC: allowed by RoleBinding "reset/databases" of ClusterRole "experiment-reset-access"'
        ' to ServiceAccount "default/gitlab-runner"'
    )
    assert not review(cluster, "get", "pods", namespace="kafka").allowed
    assert not review(cluster, "get", "pods", namespace="").allowed
    bind(cluster, "clusterrolebindings", "")
    assert review(cluster, "get", "pods", namespace="").allowed


def test_a_role_of_a_namespace_does_not_count_in_another(cluster: Cluster) -> None:
    rules = {"rules": [EXEC_RULE]}
    cluster.request(
        "POST", f"/apis/{RBAC}/v1/namespaces/kafka/roles", {"metadata": {"name": "x"}, **rules}
    )
    reference = {"apiGroup": RBAC, "kind": "Role", "name": "x"}
    bind(cluster, "rolebindings", "databases", roleRef=reference)
    assert not review(cluster, "create", "pods/exec").allowed
    bind(cluster, "rolebindings", "kafka", roleRef=reference)
    assert review(cluster, "create", "pods/exec", namespace="kafka").allowed
    assert not review(cluster, "create", "pods/exec").allowed


def test_names_groups_and_stars_of_rules(cluster: Cluster) -> None:
    bind(cluster, "clusterrolebindings", "", subjects=[{"kind": "User", "name": USER}])
    cluster.patch(
        *ROLE,
        {
            "rules": [
                {"apiGroups": ["*"], "resources": ["*/exec"], "verbs": ["*"]},
                {
                    "apiGroups": ["batch"],
                    "resources": ["jobs"],
                    "resourceNames": ["reset"],
                    "verbs": ["delete"],
                },
            ]
        },
    )
    assert review(cluster, "create", "pods/exec").allowed
    assert not review(cluster, "get", "pods").allowed
    assert review(cluster, "delete", "jobs", group="batch", name="reset").allowed
    assert not review(cluster, "delete", "jobs", group="batch", name="other").allowed
    assert not review(cluster, "delete", "jobs", name="reset").allowed


def test_the_administrator_may_do_everything_that_is_not_denied(lab: Lab, cluster: Cluster) -> None:
    lab.fault(action="deny", verb="patch", resource="clusterroles")
    with pytest.raises(Refused) as caught:
        cluster.patch(*ROLE, {"rules": []})
    assert caught.value.code == 403
    assert str(caught.value) == (
        f'clusterroles.{RBAC} "experiment-reset-access" is forbidden: User "admin" cannot patch'
        f' resource "clusterroles" in API group "{RBAC}" at the cluster scope'
    )
    asked = client.V1ResourceAttributes(verb="patch", resource="clusterroles", group=RBAC)
    spec = client.V1SelfSubjectAccessReviewSpec(resource_attributes=asked)
    body = client.V1SelfSubjectAccessReview(spec=spec)
    reviews = client.AuthorizationV1Api(cluster.api)
    assert not reviews.create_self_subject_access_review(body).status.allowed
    lab.ask("/faults", method="DELETE")
    assert reviews.create_self_subject_access_review(body).status.allowed


def test_a_review_without_a_user_and_a_role_without_verbs_are_refused(cluster: Cluster) -> None:
    asked = {"resourceAttributes": {"verb": "get", "resource": "pods"}}
    with pytest.raises(Refused, match="at least one of user or group") as caught:
        cluster.request("POST", REVIEWS, {"spec": asked})
    assert caught.value.code == 422
    with pytest.raises(Refused, match=r"rules\[0\]\.verbs: Required value") as caught:
        cluster.patch(*ROLE, {"rules": [{"apiGroups": [""], "resources": ["pods"]}]})
    assert caught.value.code == 422


def test_who_may_patch_but_not_create_cannot_apply_what_is_missing(
    lab: Lab, cluster: Cluster
) -> None:
    lab.fault(action="deny", verb="create", resource="clusterroles")
    with pytest.raises(Refused, match="cannot create resource") as caught:
        document = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "rules": []}
        cluster.patch("clusterroles", "", "new", document, APPLY, fieldManager="me")
    assert caught.value.code == 403


def test_kubectl_asks_for_another_user(cluster: Cluster) -> None:
    question = ("auth", "can-i", "create", "pods", "--subresource=exec", "-n", "databases")
    assert cluster.kubectl(*question)[:2] == (0, "yes\n")
    assert cluster.kubectl(*question, "--as", USER)[:2] == (1, "no\n")
    cluster.patch(*ROLE, {"rules": [EXEC_RULE]})
    bind(cluster, "clusterrolebindings", "")
    assert cluster.kubectl(*question, "--as", USER)[:2] == (0, "yes\n")
    code, _, errors = cluster.kubectl("get", "pods", "-n", "gitlab", "--as", USER)
    assert code == 1
    assert f'pods is forbidden: User "{USER}" cannot list resource "pods"' in errors
