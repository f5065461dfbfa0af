import pytest
from pyinfra.api.exceptions import InventoryError

from ops.kubernetes.names import object_path, split_pod_name


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (
            "gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer",
            "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer",
        ),
        (
            "databases/configmaps/dedup-experiment-config",
            "/api/v1/namespaces/databases/configmaps/dedup-experiment-config",
        ),
        (
            "kafka/kafkas.v1beta2.kafka.strimzi.io/kafka-cluster",
            "/apis/kafka.strimzi.io/v1beta2/namespaces/kafka/kafkas/kafka-cluster",
        ),
        (
            "kafka/kafkas.kafka.strimzi.io/kafka-cluster",
            "/apis/kafka.strimzi.io/{version}/namespaces/kafka/kafkas/kafka-cluster",
        ),
        (
            "gitlab-runner/cronjobs.batch/enforcer",
            "/apis/batch/{version}/namespaces/gitlab-runner/cronjobs/enforcer",
        ),
        (
            "-/clusterroles.v1.rbac.authorization.k8s.io/experiment-reset-access",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/experiment-reset-access",
        ),
    ],
)
def test_object_path(name: str, path: str) -> None:
    assert object_path(name) == path


@pytest.mark.parametrize("name", ["configmaps", "a/b", "a//c", "a/cronjobs.v1/x", "a/b/c/d"])
def test_other_names_are_refused_in_words(name: str) -> None:
    with pytest.raises(InventoryError, match="write "):
        object_path(name)


def test_pods() -> None:
    assert split_pod_name("gitlab/app=toolbox") == ("gitlab", "app=toolbox", None)
    assert split_pod_name("gitlab/app=toolbox/toolbox") == ("gitlab", "app=toolbox", "toolbox")
    broker = "strimzi.io/name=kafka-cluster-kafka"
    assert split_pod_name(f"kafka/{broker}") == ("kafka", broker, None)
    assert split_pod_name(f"kafka/{broker}/kafka") == ("kafka", broker, "kafka")
    brokers = "strimzi.io/cluster=kafka-cluster,strimzi.io/broker-role=true"
    assert split_pod_name(f"kafka/{brokers}/kafka") == ("kafka", brokers, "kafka")


@pytest.mark.parametrize(
    "name",
    ["toolbox", "gitlab/toolbox", "gitlab/app=", "a/b/c/d=e", "", "/a=b", "gitlab/app!=toolbox"],
)
def test_what_names_no_pod_is_refused_in_words(name: str) -> None:
    with pytest.raises(InventoryError, match="names no pod"):
        split_pod_name(name)
