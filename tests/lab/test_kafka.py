"""The lab's Strimzi: what the operator does with the resource."""

from typing import Any

import pytest
from cluster import JSON_PATCH, Cluster, Refused
from lab_kafka import BROKER, JAVA, KAFKA, WITHOUT, settled
from lab_process import Lab
from moments import wait_for

WITH = {"spec": {"kafka": {"authorization": {"superUsers": ["ANONYMOUS"]}}}}
USELESS = {"spec": {"kafka": {"config": {"super.users": None}}}}
EVERYONE = "allow.everyone.if.no.acl.found"


def conditions(kafka: dict[str, Any]) -> list[str]:
    return [c["type"] for c in kafka["status"]["conditions"] if c["status"] == "True"]


def anonymous(lab: Lab) -> list[bool]:
    return [b["anonymous_is_let"] for b in lab.state()["kafka"]["brokers"].values()]


def test_the_operator_rolls_the_brokers_and_says_nothing_until_it_is_done(
    lab: Lab, cluster: Cluster
) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.6)
    before, pods = cluster.get(*KAFKA), lab.state()["pods"]
    assert before["status"]["observedGeneration"] == before["metadata"]["generation"] == 1
    patched = cluster.patch(*KAFKA, WITHOUT)
    assert patched["metadata"]["generation"] == 2
    wait_for(lambda: anonymous(lab) == [False, True, True])
    during = cluster.get(*KAFKA)["status"]
    assert (during["observedGeneration"], conditions({"status": during})) == (1, ["Ready"])
    wait_for(lambda: settled(lab, 2))
    after = lab.state()
    assert after["kafka"]["super_users"] == []
    assert anonymous(lab) == [False] * 3
    rolled = [name for name in after["pods"] if pods[name]["uid"] != after["pods"][name]["uid"]]
    assert sorted(rolled) == [f"kafka-cluster-kafka-{number}" for number in range(3)]
    expected = before["spec"]
    del expected["kafka"]["authorization"]["superUsers"]
    assert cluster.get(*KAFKA)["spec"] == expected


def test_super_users_of_the_configuration_are_ignored_without_a_word(
    lab: Lab, cluster: Cluster
) -> None:
    pods = lab.state()["pods"]
    cluster.patch(*KAFKA, USELESS)
    wait_for(lambda: settled(lab, 2))
    assert conditions(cluster.get(*KAFKA)) == ["Ready"]
    assert anonymous(lab) == [True] * 3
    after = lab.state()["pods"]
    assert {name: pod["uid"] for name, pod in pods.items()} == {
        name: pod["uid"] for name, pod in after.items()
    }


@pytest.mark.parametrize(
    ("kafka", "let"),
    [
        ({"authorization": {"superUsers": ["User:ANONYMOUS"]}}, False),
        ({"authorization": None}, True),
        ({"authorization": {"superUsers": None}, "config": {EVERYONE: True}}, True),
        ({"authorization": {"superUsers": None}, "config": {EVERYONE: "false"}}, False),
        ({"authorization": {"superUsers": None}, "config": {"authorizer.class.name": ""}}, False),
    ],
    ids=["a prefix too many", "no authorizer", "everyone", "not everyone", "forbidden key"],
)
def test_whom_the_brokers_let_do_everything(
    lab: Lab, cluster: Cluster, kafka: dict[str, Any], let: bool
) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.2)
    cluster.patch(*KAFKA, {"spec": {"kafka": kafka}})
    wait_for(lambda: settled(lab, 2))
    assert anonymous(lab) == [let] * 3
    code, output, errors = describe(cluster, 1)
    assert code == (0 if let else 1)
    assert ("ClusterAuthorizationException: Cluster authorization failed." in errors) is not let
    assert output == "Dynamic configs for broker 1 are:\n"  # before the refusal


def describe(cluster: Cluster, number: int) -> tuple[int, str, str]:
    arguments = ["--describe", "--entity-type", "brokers", "--entity-name", str(number)]
    program = [*JAVA, "kafka-configs.sh", "--bootstrap-server", "localhost:9092", *arguments]
    return cluster.execute("kafka", BROKER, program)


def test_a_dry_run_and_a_label_do_not_touch_the_generation(lab: Lab, cluster: Cluster) -> None:
    shown = cluster.patch(*KAFKA, WITHOUT, dryRun="All")
    assert "superUsers" not in shown["spec"]["kafka"]["authorization"]
    cluster.patch(*KAFKA, {"metadata": {"labels": {"team": "dedup"}}})
    assert lab.state()["kafka"]["generation"] == 1
    assert lab.state()["kafka"]["super_users"] == ["User:ANONYMOUS"]


def test_a_generation_without_anonymous_never_becomes_ready(lab: Lab, cluster: Cluster) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.2, kafka_never_ready=True)
    cluster.patch(*KAFKA, WITHOUT)
    wait_for(lambda: lab.state()["kafka"]["observedGeneration"] == 2)
    status = cluster.get(*KAFKA)["status"]
    assert conditions({"status": status}) == ["NotReady"]
    assert status["conditions"][0]["reason"] == "StrimziTimeoutException"
    cluster.patch(*KAFKA, WITH)
    wait_for(lambda: settled(lab, 3))


def test_what_is_changed_meanwhile_has_its_turn_afterwards(lab: Lab, cluster: Cluster) -> None:
    lab.fault(action="set", kafka_roll_seconds=0.6)
    cluster.patch(*KAFKA, WITHOUT)
    wait_for(lambda: anonymous(lab)[0] is False)
    cluster.patch(*KAFKA, WITH)
    seen = []
    while not settled(lab, 3):
        observed = lab.state()["kafka"]["observedGeneration"]
        seen += [observed] if observed not in seen else []
    assert seen in ([1, 2], [1, 2, 3])


def test_a_new_resource_is_creating_before_it_is_ready(lab: Lab, cluster: Cluster) -> None:
    lab.fault(action="set", kafka_stuck=True)
    kafka = cluster.get(*KAFKA)
    cluster.request("DELETE", cluster.path(*KAFKA))
    kafka["metadata"] = {"name": "kafka-cluster", "labels": kafka["metadata"].get("labels")}
    kafka["spec"]["kafka"]["authorization"] = {"type": "simple"}
    del kafka["status"]
    cluster.request("POST", "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkas", kafka)
    status = cluster.get(*KAFKA)["status"]
    [said] = status["conditions"]
    assert (said["type"], said["reason"]) == ("NotReady", "Creating")
    assert status["observedGeneration"] == 0
    lab.fault(action="set", kafka_stuck=False)
    wait_for(lambda: settled(lab, 1))


def test_a_list_is_a_parameter_that_the_operator_refuses(lab: Lab, cluster: Cluster) -> None:
    cluster.patch(*KAFKA, {"spec": {"kafka": {"config": {"super.users": ["User:a"]}}}})
    wait_for(lambda: lab.state()["kafka"]["observedGeneration"] == 2)
    [condition] = cluster.get(*KAFKA)["status"]["conditions"]
    assert (condition["type"], condition["reason"]) == (
        "NotReady",
        "InvalidConfigParameterException",
    )


def test_a_paused_resource_keeps_its_observed_generation(lab: Lab, cluster: Cluster) -> None:
    note = {"strimzi.io/pause-reconciliation": "true"}
    cluster.patch(*KAFKA, {"metadata": {"annotations": note}})
    wait_for(lambda: conditions(cluster.get(*KAFKA)) == ["ReconciliationPaused"])
    cluster.patch(*KAFKA, WITHOUT)
    assert lab.state()["kafka"]["observedGeneration"] == 1
    none = dict.fromkeys(note)
    cluster.patch(*KAFKA, {"metadata": {"annotations": none}})
    wait_for(lambda: settled(lab, 2))
    assert anonymous(lab) == [False] * 3


def test_controllers_look_like_brokers_but_for_their_role(cluster: Cluster) -> None:
    def named(selector: str) -> list[str]:
        found = cluster.request("GET", "/api/v1/namespaces/kafka/pods", labelSelector=selector)
        return [pod["metadata"]["name"] for pod in found["items"]]

    assert len(named("strimzi.io/name=kafka-cluster-kafka")) == 6
    brokers = named("strimzi.io/cluster=kafka-cluster,strimzi.io/broker-role=true")
    assert brokers == [f"kafka-cluster-kafka-{number}" for number in range(3)]


def test_a_write_to_the_object_leaves_the_status(cluster: Cluster) -> None:
    kafka = cluster.get(*KAFKA)
    wanted = {**kafka, "status": {"conditions": []}}
    assert cluster.request("PUT", cluster.path(*KAFKA), wanted)["status"] == kafka["status"]
    status = {"status": {"clusterId": "other"}}
    path = f"{cluster.path(*KAFKA)}/status"
    changed = cluster.request("PATCH", path, status, "application/merge-patch+json")
    assert changed["status"]["clusterId"] == "other"
    assert changed["metadata"]["generation"] == 1


def test_an_update_of_a_custom_resource_needs_its_version(cluster: Cluster) -> None:
    kafka = cluster.get(*KAFKA)
    del kafka["metadata"]["resourceVersion"]
    with pytest.raises(Refused, match="must be specified for an update") as caught:
        cluster.request("PUT", cluster.path(*KAFKA), kafka)
    assert caught.value.code == 422
    with pytest.raises(Refused, match="unknown format") as caught:
        cluster.patch(*KAFKA, WITH, "application/strategic-merge-patch+json")
    assert caught.value.code == 415


def test_a_json_patch_with_a_test(lab: Lab, cluster: Cluster) -> None:
    path = "/spec/kafka/authorization/superUsers"
    remove = {"op": "remove", "path": path}
    with pytest.raises(Refused) as caught:
        test = {"op": "test", "path": path, "value": ["other"]}
        cluster.patch(*KAFKA, [test, remove], JSON_PATCH)
    assert (caught.value.code, caught.value.status["reason"]) == (422, "Invalid")
    assert str(caught.value) == "the server rejected our request due to an error in our request"
    assert lab.state()["kafka"]["generation"] == 1
    cluster.patch(
        *KAFKA, [{"op": "test", "path": path, "value": ["ANONYMOUS"]}, remove], JSON_PATCH
    )
    assert lab.state()["kafka"]["super_users"] == []


def test_a_json_pointer_with_an_escape(cluster: Cluster) -> None:
    add = {"op": "add", "path": "/metadata/annotations/example.com~1note", "value": "x"}
    annotations = cluster.patch(*KAFKA, [add], JSON_PATCH)["metadata"]["annotations"]
    assert annotations["example.com/note"] == "x"
