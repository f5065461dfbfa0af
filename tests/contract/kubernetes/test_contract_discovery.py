"""The contract of discovery: what is served, and how it is said that something is not."""

import pytest
from kubernetes_api import Api, Space

PAGE = "404 page not found\n"
NO_RESOURCE = "the server could not find the requested resource"
STRIMZI = "/apis/kafka.strimzi.io"


@pytest.mark.parametrize(
    "path",
    [
        "/apis/nothing.example.com",
        "/apis/nothing.example.com/v1",
        "/apis/nothing.example.com/v1/namespaces/default/things/one",
        f"{STRIMZI}/v9/namespaces/default/kafkas/one",
        f"{STRIMZI}/v1/namespaces/default/things/one",
    ],
)
def test_what_is_not_served_is_no_page(api: Api, path: str) -> None:
    answer = api.send("GET", path)
    assert (answer.status, answer.body) == (404, PAGE)
    assert answer.content_type.startswith("text/plain")


@pytest.mark.parametrize(
    "path",
    [
        "/apis/batch/v9",
        "/apis/batch/v9/namespaces/default/cronjobs/one",
        "/api/v9/namespaces/default/configmaps",
        "/apis/batch/v1/namespaces/default/things",
        "/apis/batch/v1/namespaces/default/things/one",
        "/api/v1/namespaces/default/things/one",
        "/api/v1/things",
    ],
)
def test_what_a_group_of_the_server_lacks(api: Api, path: str) -> None:
    answer = api.send("GET", path)
    assert answer.refusal == (404, "NotFound")
    assert answer.message == NO_RESOURCE
    assert answer.body["details"] == {}


def test_a_subresource_that_there_is_not(space: Space) -> None:
    space.made("configmaps", {"metadata": {"name": "a"}})
    answer = space.api.send("GET", space.path("configmaps", "a/status"))
    assert answer.refusal == (404, "NotFound")
    assert answer.message == NO_RESOURCE


def test_objects_are_made_in_a_namespace(api: Api) -> None:
    answer = api.send("POST", "/api/v1/configmaps", {"metadata": {"name": "a"}})
    assert answer.refusal == (405, "MethodNotAllowed")


def test_a_cluster_role_is_in_no_namespace(api: Api) -> None:
    path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/clusterroles"
    assert api.send("GET", path).refusal == (404, "NotFound")


def test_groups(api: Api) -> None:
    answer = api.send("GET", "/apis/batch")
    assert answer.body["kind"] == "APIGroup"
    entry = {"groupVersion": "batch/v1", "version": "v1"}
    assert entry in answer.body["versions"]
    assert answer.body["preferredVersion"] == entry
    names = {group["name"] for group in api.send("GET", "/apis").body["groups"]}
    wanted = {"apps", "batch", "policy", "rbac.authorization.k8s.io", "authorization.k8s.io"}
    assert wanted <= names


def test_the_version_of_the_server(api: Api) -> None:
    body = api.send("GET", "/version").body
    assert body["gitVersion"].startswith(f"v{body['major']}.{body['minor'].rstrip('+')}.")


def test_resources(api: Api) -> None:
    answer = api.send("GET", "/apis/batch/v1")
    assert answer.body["kind"] == "APIResourceList"
    found = {entry["name"]: entry for entry in answer.body["resources"]}
    assert {"cronjobs", "cronjobs/status", "jobs", "jobs/status"} <= set(found)
    assert (found["cronjobs"]["kind"], found["cronjobs"]["namespaced"]) == ("CronJob", True)
    core = {entry["name"]: entry for entry in api.send("GET", "/api/v1").body["resources"]}
    assert set(core["pods/exec"]["verbs"]) == {"create", "get"}
    assert core["pods/eviction"]["verbs"] == ["create"]
