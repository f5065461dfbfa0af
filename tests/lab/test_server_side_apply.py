"""Owners of fields on the practice site: server-side apply and what other writes record."""

from typing import Any

import pytest
from cluster import APPLY, MERGE, Cluster, Refused
from lab_process import Lab

CONFIG = ("configmaps", "databases", "settings")
KAFKA = ("kafkas", "kafka", "kafka-cluster")
ROLE = ("clusterroles", "", "experiment-reset-access")
POD = ("pods", "databases", "worker")
RULES = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}]


KINDS = {
    "configmaps": {"apiVersion": "v1", "kind": "ConfigMap"},
    "clusterroles": {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"},
    "kafkas": {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka"},
    "pods": {"apiVersion": "v1", "kind": "Pod"},
    "clusterrolebindings": {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
    },
    "rolebindings": {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"},
}


def apply(
    cluster: Cluster, where: tuple[str, str, str], manager: str, document: Any, **query: Any
) -> dict[str, Any]:
    return cluster.patch(
        *where, {**KINDS[where[0]], **document}, APPLY, fieldManager=manager, **query
    )


def owners(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (entry["manager"], entry["operation"]): entry["fieldsV1"]
        for entry in document["metadata"]["managedFields"]
    }


def test_apply_creates_and_records_the_fields(lab: Lab, cluster: Cluster) -> None:
    created = apply(cluster, CONFIG, "one", {"data": {"a": "1", "b": "2"}})
    assert owners(created) == {("one", "Apply"): {"f:data": {"f:a": {}, "f:b": {}}}}
    assert [r["status"] for r in lab.requests(mutating="true")] == [201]
    again = apply(cluster, CONFIG, "one", {"data": {"a": "1", "b": "2"}})
    assert again == created
    assert [r["status"] for r in lab.requests(mutating="true")] == [201, 200]


def test_apply_removes_what_its_manager_gives_up(cluster: Cluster) -> None:
    apply(cluster, CONFIG, "one", {"data": {"a": "1", "b": "2", "c": "3"}})
    apply(cluster, CONFIG, "two", {"data": {"b": "2"}})
    changed = apply(cluster, CONFIG, "one", {"data": {"a": "1"}})
    # b belongs to the other one, too, and stays.
    assert changed["data"] == {"a": "1", "b": "2"}
    assert apply(cluster, CONFIG, "two", {})["data"] == {"a": "1"}
    assert "data" not in apply(cluster, CONFIG, "one", {})


def test_a_conflict_names_the_other_manager(lab: Lab, cluster: Cluster) -> None:
    apply(cluster, CONFIG, "one", {"data": {"a": "1", "b": "2"}})
    cluster.patch(*CONFIG, {"data": {"b": "3"}}, fieldManager="editor")
    with pytest.raises(Refused) as caught:
        apply(cluster, CONFIG, "two", {"data": {"a": "9"}})
    assert str(caught.value) == 'Apply failed with 1 conflict: conflict with "one": .data.a'
    assert (caught.value.code, caught.value.status["reason"]) == (409, "Conflict")
    with pytest.raises(Refused) as caught:
        apply(cluster, CONFIG, "two", {"data": {"a": "9", "b": "9"}})
    assert str(caught.value) == (
        'Apply failed with 2 conflicts: conflicts with "editor" using v1:\n- .data.b\n'
        'conflicts with "one":\n- .data.a'
    )
    causes = caught.value.status["details"]["causes"]
    assert {cause["field"] for cause in causes} == {".data.a", ".data.b"}
    assert {cause["reason"] for cause in causes} == {"FieldManagerConflict"}
    assert cluster.get(*CONFIG)["data"] == {"a": "1", "b": "3"}


def test_force_takes_the_fields(cluster: Cluster) -> None:
    apply(cluster, CONFIG, "one", {"data": {"a": "1", "b": "2"}})
    forced = apply(cluster, CONFIG, "two", {"data": {"a": "9"}}, force="true")
    assert forced["data"] == {"a": "9", "b": "2"}
    assert owners(forced) == {
        ("one", "Apply"): {"f:data": {"f:b": {}}},
        ("two", "Apply"): {"f:data": {"f:a": {}}},
    }
    # The field is no longer the first one's, so it does not go when that one gives it up.
    assert apply(cluster, CONFIG, "one", {})["data"] == {"a": "9"}


def test_a_dry_run_shows_and_stores_nothing(lab: Lab, cluster: Cluster) -> None:
    shown = apply(cluster, CONFIG, "one", {"data": {"a": "1"}}, dryRun="All")
    assert shown["data"] == {"a": "1"}
    with pytest.raises(Refused, match=r'configmaps "settings" not found'):
        cluster.get(*CONFIG)
    assert lab.mutations() == []


def test_an_apply_of_another_version_is_a_conflict(cluster: Cluster) -> None:
    first = apply(cluster, CONFIG, "one", {"data": {"a": "1"}})["metadata"]
    guard = {"resourceVersion": first["resourceVersion"], "uid": first["uid"]}
    second = apply(cluster, CONFIG, "one", {"metadata": guard, "data": {"a": "2"}})
    assert second["data"] == {"a": "2"}
    for query in ({}, {"force": "true"}, {"dryRun": "All"}):
        with pytest.raises(Refused, match="the object has been modified") as caught:
            apply(cluster, CONFIG, "one", {"metadata": guard, "data": {"a": "3"}}, **query)
        assert (caught.value.code, caught.value.status["reason"]) == (409, "Conflict")
    assert cluster.get(*CONFIG)["data"] == {"a": "2"}


def test_an_apply_of_what_is_gone_is_a_conflict_where_it_names_the_uid(cluster: Cluster) -> None:
    first = apply(cluster, CONFIG, "one", {"data": {"a": "1"}})["metadata"]
    cluster.request("DELETE", cluster.path(*CONFIG))
    with pytest.raises(Refused, match="uid mismatch: the provided object specified uid") as caught:
        apply(cluster, CONFIG, "one", {"metadata": {"uid": first["uid"]}, "data": {"a": "2"}})
    assert caught.value.code == 409
    version = {"resourceVersion": first["resourceVersion"]}
    made = apply(cluster, CONFIG, "one", {"metadata": version, "data": {"a": "2"}})
    assert made["metadata"]["uid"] != first["uid"]


def test_lists_of_rules_are_one_value(cluster: Cluster) -> None:
    with pytest.raises(Refused, match=r'"kubectl-create" using rbac.*: \.rules'):
        apply(cluster, ROLE, "me", {"rules": RULES})
    forced = apply(cluster, ROLE, "me", {"rules": RULES}, force="true")
    assert forced["rules"] == RULES
    assert forced["metadata"]["labels"] == {"app": "dedup-experiment"}


@pytest.mark.parametrize(
    ("plural", "namespace"), [("clusterrolebindings", ""), ("rolebindings", "kafka")]
)
def test_the_role_of_a_binding_cannot_change(cluster: Cluster, plural: str, namespace: str) -> None:
    where, role = (plural, namespace, "reset"), {"kind": "ClusterRole", "name": ROLE[2]}
    apply(cluster, where, "one", {"roleRef": role})
    other = {**KINDS[plural], "roleRef": {**role, "name": "view"}}
    for content_type in (MERGE, APPLY):
        query = {"fieldManager": "one", "force": "true"} if content_type == APPLY else {}
        for dry_run in ({"dryRun": "All"}, {}):
            with pytest.raises(Refused, match="field is immutable") as caught:
                cluster.patch(*where, other, content_type, **query, **dry_run)
            assert caught.value.code == 422
    assert cluster.get(*where)["roleRef"]["name"] == ROLE[2]


def test_lists_with_keys_merge_by_item(cluster: Cluster) -> None:
    first = {"name": "first", "image": "a:1", "ports": [{"containerPort": 80}]}
    apply(cluster, POD, "one", {"spec": {"containers": [first]}})
    second = {"name": "second", "image": "b:1"}
    both = apply(cluster, POD, "two", {"spec": {"containers": [second]}})
    assert both["spec"]["containers"] == [first, second]
    with pytest.raises(Refused, match=r'"one": \.spec\.containers\[name="first"\]\.image'):
        apply(cluster, POD, "two", {"spec": {"containers": [{"name": "first", "image": "c:1"}]}})
    patch = {"spec": {"containers": [{"name": "second", "image": "b:2"}]}}
    patched = cluster.patch(*POD, patch, "application/strategic-merge-patch+json")
    assert [c["image"] for c in patched["spec"]["containers"]] == ["a:1", "b:2"]
    gone = apply(cluster, POD, "one", {"spec": {"containers": []}})
    assert [c["name"] for c in gone["spec"]["containers"]] == ["second"]


def test_kafka_merges_maps_and_replaces_lists(lab: Lab, cluster: Cluster) -> None:
    listeners = [{"name": "plain", "port": 9092, "type": "internal", "tls": False}]
    with pytest.raises(Refused, match=r"\.spec\.kafka\.listeners"):
        apply(cluster, KAFKA, "me", {"spec": {"kafka": {"listeners": listeners}}})
    before = cluster.get(*KAFKA)["spec"]
    after = apply(cluster, KAFKA, "me", {"spec": {"kafka": {"config": {"log.flush": 1}}}})["spec"]
    assert after["kafka"]["config"].pop("log.flush") == 1
    assert after == before
    assert lab.state()["kafka"]["generation"] == 2


def test_an_apply_needs_a_manager_and_the_right_object(cluster: Cluster) -> None:
    with pytest.raises(Refused, match="fieldManager: Required value") as caught:
        cluster.patch(*CONFIG, {**KINDS["configmaps"], "data": {}}, APPLY)
    assert caught.value.code == 422
    with pytest.raises(Refused, match="does not match the name on the URL") as caught:
        apply(cluster, CONFIG, "me", {"metadata": {"name": "other"}})
    assert caught.value.code == 400
    with pytest.raises(Refused, match="invalid object type: /v2, Kind=ConfigMap") as caught:
        apply(cluster, CONFIG, "me", {"apiVersion": "v2", "kind": "ConfigMap"})
    assert caught.value.code == 400
    with pytest.raises(Refused, match="managedFields must be nil") as caught:
        apply(cluster, CONFIG, "me", {"metadata": {"managedFields": [{"manager": "me"}]}})
    assert caught.value.code == 400


def test_other_writes_record_their_manager(cluster: Cluster) -> None:
    path = cluster.path(*CONFIG[:2])
    body = {"metadata": {"name": "settings"}, "data": {"a": "1"}}
    created = cluster.request("POST", path, body)
    fields = {"f:data": {".": {}, "f:a": {}}}
    assert owners(created) == {("OpenAPI-Generator", "Update"): fields}
    patched = cluster.patch(*CONFIG, {"data": {"a": "2", "b": "3"}}, fieldManager="editor")
    assert owners(patched) == {
        ("OpenAPI-Generator", "Update"): {"f:data": {}},
        ("editor", "Update"): {"f:data": {"f:a": {}, "f:b": {}}},
    }


MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: databases}
data: {a: "%s"}
"""


def test_kubectl_applies_and_shows_the_difference(cluster: Cluster) -> None:
    command = ("apply", "--server-side", "-f", "-")
    code, output, errors = cluster.kubectl(*command, stdin=MANIFEST % 1)
    assert (code, output) == (0, "configmap/settings serverside-applied\n"), errors
    code, output, _ = cluster.kubectl("diff", "--server-side", "-f", "-", stdin=MANIFEST % 1)
    assert (code, output) == (0, "")
    code, output, _ = cluster.kubectl("diff", "--server-side", "-f", "-", stdin=MANIFEST % 2)
    assert code == 1
    assert '-  a: "1"\n+  a: "2"\n' in output
    cluster.patch(*CONFIG, {"data": {"a": "9"}}, fieldManager="editor")
    code, _, errors = cluster.kubectl(*command, stdin=MANIFEST % 2)
    assert code == 1
    assert 'conflict with "editor" using v1: .data.a' in errors
    code, _, errors = cluster.kubectl(*command, "--force-conflicts", stdin=MANIFEST % 2)
    assert code == 0, errors
    assert cluster.get(*CONFIG)["data"] == {"a": "2"}
