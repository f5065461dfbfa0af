"""The contract of access: who asks, reviews, and refusals."""

import time
from typing import Any

import pytest
from kubernetes_api import Answer, Api, Space
from limits import LIMIT

RBAC = "rbac.authorization.k8s.io"
AUTHORIZATION = "/apis/authorization.k8s.io/v1"
USER = "somebody"
GROUPS = ("system:authenticated",)
MARKER = ("get", "markers")  # what each role here allows besides


def review(api: Api, namespace: str, verb: str, resource: str, **more: Any) -> Answer:
    """Ask whether somebody may do something, as the administrator or, with `user`, as another."""
    plural, _, below = resource.partition("/")
    asked = {"namespace": namespace, "verb": verb, "resource": plural}
    asked |= {"subresource": below} if below else {}
    about = {"user": more.pop("about", USER), "groups": list(more.pop("of", GROUPS))}
    document = {"spec": {**about, "resourceAttributes": {**asked, **more.pop("attributes", {})}}}
    return api.send("POST", f"{AUTHORIZATION}/subjectaccessreviews", document, **more)


def bind(space: Space, role: str, of: str = "Role", kind: str = "User", name: str = USER) -> None:
    """Bind a role, and wait until the authorizer has seen that: it watches what is stored."""
    subject = {"apiGroup": RBAC, "kind": kind, "name": name}
    space.made(
        f"{RBAC}/v1/rolebindings",
        {
            "metadata": {"name": "binding"},
            "roleRef": {"apiGroup": RBAC, "kind": of, "name": role},
            "subjects": [subject],
        },
    )
    group = (name,) if kind == "Group" else GROUPS
    seen_of(space.api, space.name, *MARKER, of=group, attributes={"group": "contract"})


def seen_of(api: Api, *asked: Any, **more: Any) -> dict[str, Any]:
    """Return the status of a review as soon as somebody may do it, or a role is missed."""
    deadline = time.monotonic() + LIMIT
    while True:
        status = dict(review(api, *asked, **more).body["status"])
        if status["allowed"] or "reason" in status:
            return status
        assert time.monotonic() < deadline, status
        time.sleep(0.02)


def allow(space: Space, *resources: str, verbs: tuple[str, ...] = ("get",), **more: Any) -> None:
    rule = {"apiGroups": [""], "resources": list(resources), "verbs": list(verbs), **more}
    verb, resource = MARKER
    marker = {"apiGroups": ["contract"], "resources": [resource], "verbs": [verb]}
    document = {"metadata": {"name": "role"}, "rules": [rule, marker]}
    space.made(f"{RBAC}/v1/roles", document)


def test_no_binding(space: Space) -> None:
    answer = review(space.api, space.name, "get", "pods")
    assert answer.status == 201
    assert answer.body["status"] == {"allowed": False}


def test_a_binding_is_named(space: Space) -> None:
    allow(space, "pods")
    bind(space, "role")
    answer = review(space.api, space.name, "get", "pods")
    assert answer.body["status"] == {
        "allowed": True,
        "reason": f'RBAC: allowed by RoleBinding "binding/{space.name}" of Role "role" to'
        f' User "{USER}"',
    }


def test_a_subresource_is_another_resource(space: Space) -> None:
    allow(space, "pods", verbs=("get", "create"))
    bind(space, "role")
    assert review(space.api, space.name, "create", "pods").body["status"]["allowed"]
    assert not review(space.api, space.name, "create", "pods/exec").body["status"]["allowed"]


def test_all_subresources(space: Space) -> None:
    allow(space, "*/exec", verbs=("create",))
    bind(space, "role")
    assert review(space.api, space.name, "create", "pods/exec").body["status"]["allowed"]
    assert not review(space.api, space.name, "create", "pods").body["status"]["allowed"]


def test_one_object(space: Space) -> None:
    allow(space, "configmaps", resourceNames=["mine"])
    bind(space, "role")
    for name, wanted in (("mine", True), ("other", False), ("", False)):
        answer = review(space.api, space.name, "get", "configmaps", attributes={"name": name})
        assert answer.body["status"]["allowed"] is wanted


def test_another_namespace_or_all(space: Space) -> None:
    allow(space, "pods")
    bind(space, "role")
    for namespace in ("default", "", "nowhere"):
        assert review(space.api, namespace, "get", "pods").body["status"] == {"allowed": False}


def test_a_namespace_that_is_not_there_is_no_error(space: Space) -> None:
    name = f"{space.name}-everywhere"
    subject = {"apiGroup": RBAC, "kind": "User", "name": name}
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}
    binding = {"metadata": {"name": name}, "roleRef": role, "subjects": [subject]}
    path = f"/apis/{RBAC}/v1/clusterrolebindings"
    assert space.api.send("POST", path, binding).status == 201
    for namespace in ("nowhere", "", space.name):
        assert seen_of(space.api, namespace, "get", "pods", about=name) == {
            "allowed": True,
            "reason": f'RBAC: allowed by ClusterRoleBinding "{name}" of ClusterRole'
            f' "cluster-admin" to User "{name}"',
        }
    assert space.api.send("DELETE", f"{path}/{name}").status == 200


@pytest.mark.parametrize("kind", ["Role", "ClusterRole"])
def test_a_role_that_is_not_there(space: Space, kind: str) -> None:
    bind(space, "missing", kind)
    answer = review(space.api, space.name, "get", "pods")
    who = "" if space.api.is_old else "rbac: "
    reason = f'{who}RBAC: {kind.lower()}.{RBAC} "missing" not found'
    assert answer.body["status"] == {"allowed": False, "reason": reason}
    refused = space.api.send("GET", space.path("pods"), user=USER)
    assert refused.refusal == (403, "Forbidden")
    assert refused.message == (
        f'pods is forbidden: User "{USER}" cannot list resource "pods" in API group "" in the'
        f' namespace "{space.name}": {reason}'
    )


def test_a_refusal(space: Space) -> None:
    answer = space.api.send("GET", space.path("configmaps", "a"), user=USER)
    assert answer.refusal == (403, "Forbidden")
    assert answer.message == (
        f'configmaps "a" is forbidden: User "{USER}" cannot get resource "configmaps" in API'
        f' group "" in the namespace "{space.name}"'
    )
    assert answer.body["details"] == {"name": "a", "kind": "configmaps"}


def test_a_refusal_in_a_group(space: Space) -> None:
    answer = space.api.send("GET", space.path("batch/v1/cronjobs"), user=USER)
    assert answer.message == (
        f'cronjobs.batch is forbidden: User "{USER}" cannot list resource "cronjobs" in API'
        f' group "batch" in the namespace "{space.name}"'
    )
    assert answer.body["details"] == {"group": "batch", "kind": "cronjobs"}


def test_rights_come_before_what_is_there(space: Space) -> None:
    for method, body in (("GET", None), ("DELETE", None), ("PUT", {"metadata": {"name": "a"}})):
        answer = space.api.send(method, space.path("configmaps", "a"), body, user=USER)
        assert answer.refusal == (403, "Forbidden")


def test_who_may_not_ask(space: Space) -> None:
    answer = review(space.api, space.name, "get", "pods", user=USER)
    assert answer.refusal == (403, "Forbidden")
    own = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    path = f"{AUTHORIZATION}/selfsubjectaccessreviews"
    answer = space.api.send("POST", path, own, user=USER)
    assert (answer.status, answer.body["status"]) == (201, {"allowed": False})


def test_a_review_about_nobody(api: Api) -> None:
    document = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    answer = api.send("POST", f"{AUTHORIZATION}/subjectaccessreviews", document)
    assert answer.refusal == (422, "Invalid")


def test_a_review_about_nothing(api: Api) -> None:
    answer = api.send("POST", f"{AUTHORIZATION}/subjectaccessreviews", {"spec": {"user": USER}})
    assert answer.refusal == (422, "Invalid")


def test_a_service_account_has_its_groups(space: Space) -> None:
    allow(space, "configmaps")
    group = f"system:serviceaccounts:{space.name}"
    bind(space, "role", kind="Group", name=group)
    account = f"system:serviceaccount:{space.name}:jobs"
    answer = space.api.send("GET", space.path("configmaps", "a"), user=account)
    assert answer.refusal == (404, "NotFound")
    # A review knows only the groups that are sent with it.
    asked = review(space.api, space.name, "get", "configmaps", about=account, of=())
    assert asked.body["status"]["allowed"] is False
    asked = review(space.api, space.name, "get", "configmaps", about=account, of=(group,))
    assert asked.body["status"]["allowed"] is True


def test_a_wrong_token(api: Api) -> None:
    headers = {"Authorization": "Bearer wrong"}
    answer = api.send("GET", "/api/v1/namespaces/default", headers=headers)
    assert answer.refusal == (401, "Unauthorized")
    assert answer.message == "Unauthorized"


def test_no_token_is_somebody_anonymous(api: Api) -> None:
    nobody = {"Accept": "application/json"}
    answer = api.send("GET", "/api/v1/namespaces/default", headers=nobody)
    assert answer.refusal == (403, "Forbidden")
    assert 'User "system:anonymous" cannot get resource "namespaces"' in answer.message
    assert api.send("GET", "/version", headers=nobody).status == 200


def test_somebody_may_read_the_version_and_what_is_served(api: Api) -> None:
    for path in ("/version", "/api", "/apis", "/api/v1", "/apis/batch", "/apis/batch/v1"):
        assert api.send("GET", path, user=USER).status == 200, path


WEB_SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "v5.channel.k8s.io",
}


def execute(space: Space, method: str = "GET", user: str = "", **query: str) -> Answer:
    headers = {"Authorization": f"Bearer {space.api.token}"}
    headers |= WEB_SOCKET if method == "GET" else {}
    query = {"command": "true", "stdout": "true", **query}
    path = space.path("pods", "one/exec")
    return space.api.send(method, path, user=user, headers=headers, **query)


def make_pod(space: Space, *containers: str) -> None:
    default = {"kubectl.kubernetes.io/default-container": containers[0]}
    made = [{"name": name, "image": "example"} for name in containers]
    space.made(
        "pods",
        {"metadata": {"name": "one", "annotations": default}, "spec": {"containers": made}},
    )


# verbs that somebody has -> what is said of exec by GET, which a WebSocket is, and by POST
EXEC = {
    (): ("cannot get resource", "cannot create resource"),
    ("get",): ('pods "one" is forbidden: ', "cannot create resource"),
    ("create",): ("cannot get resource", ""),
    ("get", "create"): ("", ""),
}


@pytest.mark.parametrize("verbs", EXEC, ids=lambda verbs: " and ".join(verbs) or "neither")
def test_who_may_execute(space: Space, verbs: tuple[str, ...]) -> None:
    make_pod(space, "main")
    allow(space, "pods/exec" if verbs else "pods", verbs=verbs or ("get",))
    bind(space, "role")
    said = EXEC[verbs]
    if space.api.is_old and verbs == ("get",):
        said = ("", said[1])  # "create" is wanted since 1.35.
    for method, words in zip(("GET", "POST"), said, strict=True):
        answer = execute(space, method, USER)
        assert (answer.status == 403) == bool(words), answer.body
        assert words in answer.message
        if words.endswith(": "):
            assert answer.message == words


def test_two_containers_and_none_named(space: Space) -> None:
    make_pod(space, "main", "other")
    answer = execute(space)
    assert answer.refusal == (400, "BadRequest")
    assert answer.message == (
        "a container name must be specified for pod one, choose one of: [main other]"
    )
    answer = execute(space, container="third")
    assert answer.refusal == (400, "BadRequest")
    assert answer.message == "container third is not valid for pod one"


def test_a_put_that_makes_an_object_needs_two_verbs(space: Space) -> None:
    """As a Lease is made: with `update` alone it is refused, in words about `create`."""
    path = space.path("coordination.k8s.io/v1/leases", "lock")
    lease = {"metadata": {"name": "lock"}, "spec": {}}
    allow(space, "leases", verbs=("update",), apiGroups=["coordination.k8s.io"])
    bind(space, "role")
    answer = space.api.send("PUT", path, lease, user=USER)
    assert answer.refusal == (403, "Forbidden")
    assert 'cannot create resource "leases"' in answer.message
