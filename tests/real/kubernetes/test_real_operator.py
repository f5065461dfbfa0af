"""What Strimzi's operator says of the Kafka resource of a real API server, and what comes of it.

The operator is a stand-in of ours that writes what the real one does; the brokers are the practice
site's. Real ones are restarted by it in tests/real/kafka/test_real_cluster.py.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kubernetes_api import MERGE, Api
from lab_process import Lab, Pyinfra
from moments import wait_for
from real_cluster import KAFKA, change_kafka
from real_kubernetes import RealKubernetes
from real_operator import PAUSE, Failed, Strimzi, condition

TIMEOUT = "Exceeded timeout of 300000ms while waiting for Pods resource"
WITH, WITHOUT = {"superUsers": ["ANONYMOUS"]}, {"superUsers": None}

Start = Callable[..., Strimzi]


@pytest.fixture
def start(real_cluster: Api) -> Iterator[Start]:
    """Start an operator, which has come to its end with what is there; stopped by the test."""
    started = []

    def start_one(**arguments: Any) -> Strimzi:
        started.append(Strimzi(real_cluster, **arguments))
        wait_for(lambda: observed(real_cluster) == generation(real_cluster))
        return started[-1]

    yield start_one
    for strimzi in started:
        strimzi.stop()


@pytest.fixture
def there(lab: Lab, pyinfra_there: Pyinfra) -> Pyinfra:
    """pyinfra at a site where a job of the required commit has logged in with SCRAM."""
    lab.fault(action="finish_job", job="experiment:kafka")
    pyinfra_there.environment["EVIDENCE_DIRECTORY"] = str(pyinfra_there.directory / "evidence")
    return pyinfra_there


def kafka(api: Api) -> dict[str, Any]:
    return dict(api.send("GET", KAFKA).body)


def generation(api: Api) -> int:
    return int(kafka(api)["metadata"]["generation"])


def observed(api: Api) -> int | None:
    return (kafka(api).get("status") or {}).get("observedGeneration")


def said(api: Api) -> list[str]:
    return [entry["type"] for entry in kafka(api)["status"]["conditions"]]


def patches(server: RealKubernetes, since: int) -> list[str]:
    """Return the changes of the Kafka resource that were not the operator's."""
    mutations = server.mutations()[since:]
    return [m for m in mutations if "/kafkas/" in m and "/status" not in m]


def revert(pyinfra: Pyinfra, **environment: str) -> tuple[int, str]:
    return pyinfra.deploy("revert_super_users", "-y", **environment)


def test_a_new_resource_is_creating_and_is_left_alone(
    real_cluster: Api, there: Pyinfra, real_nodes: RealKubernetes
) -> None:
    goes_on = threading.Event()
    assert real_cluster.send("PATCH", f"{KAFKA}/status", {"status": None}, MERGE).status == 200
    strimzi = Strimzi(real_cluster, lambda spec: goes_on.wait() and None)
    try:
        wait_for(lambda: observed(real_cluster) == 0)
        assert said(real_cluster) == ["NotReady"]
        before = len(real_nodes.mutations())
        code, output = revert(there)
        assert code == 1
        assert "nothing is changed: the operator says NotReady True (Creating" in output
        assert patches(real_nodes, before) == []
    finally:
        goes_on.set()
        strimzi.stop()
    assert said(real_cluster) == ["Ready"]


def test_a_paused_one_keeps_what_was_observed_and_is_refused(
    real_cluster: Api, start: Start, there: Pyinfra, real_nodes: RealKubernetes
) -> None:
    start()
    pause: dict[str, Any] = {"metadata": {"annotations": {PAUSE: "true"}}}
    assert real_cluster.send("PATCH", KAFKA, pause, MERGE).status == 200
    wait_for(lambda: said(real_cluster) == ["ReconciliationPaused"])
    change_kafka(real_cluster, config={"log.retention.hours": 24})
    assert observed(real_cluster) == generation(real_cluster) - 1
    before = len(real_nodes.mutations())
    code, output = revert(there)
    assert code == 1
    assert f"nothing is changed: its reconciliation is paused (annotation {PAUSE})" in output
    assert patches(real_nodes, before) == []

    pause["metadata"]["annotations"][PAUSE] = None
    assert real_cluster.send("PATCH", KAFKA, pause, MERGE).status == 200
    wait_for(lambda: said(real_cluster) == ["Ready"])
    assert observed(real_cluster) == generation(real_cluster)


def test_one_that_has_failed_before_is_refused_with_the_operators_words(
    real_cluster: Api, start: Start, there: Pyinfra, real_nodes: RealKubernetes
) -> None:
    change_kafka(real_cluster, config={"super.users": ["User:ANONYMOUS"]})
    start()
    before = len(real_nodes.mutations())
    code, output = revert(there)
    assert code == 1
    assert "the operator says NotReady True (InvalidConfigParameterException: Unsupp" in output
    assert patches(real_nodes, before) == []


def test_a_failure_of_the_new_generation_is_put_back_at_once(
    real_cluster: Api, start: Start, there: Pyinfra, real_nodes: RealKubernetes
) -> None:
    def roll(spec: dict[str, Any]) -> None:
        if "ANONYMOUS" not in ((spec.get("authorization") or {}).get("superUsers") or []):
            raise Failed("StrimziTimeoutException", TIMEOUT)

    change_kafka(real_cluster, authorization=WITH)
    start(roll=roll)
    before = len(real_nodes.mutations())
    code, output = revert(there, KAFKA_READY_SECONDS="900")
    assert code == 1
    assert f"it failed: the operator says NotReady True (StrimziTimeoutException: {TIMEOUT}" in (
        output.replace("\n", " ")
    )
    assert len(patches(real_nodes, before)) == 2, "the change, and what takes it back"
    assert kafka(real_cluster)["spec"]["kafka"]["authorization"]["superUsers"] == ["ANONYMOUS"]
    wait_for(lambda: said(real_cluster) == ["Ready"])


def test_an_operator_that_comes_to_no_end_keeps_the_old_ready(
    real_cluster: Api, start: Start, there: Pyinfra
) -> None:
    goes_on = threading.Event()
    start().stop()
    strimzi = Strimzi(real_cluster, lambda spec: goes_on.wait() and None)
    try:
        wanted = generation(real_cluster) + 1
        code, output = revert(there, KAFKA_READY_SECONDS="2")
        assert code == 1
        seen = f"Ready True; generation {wanted}, observed {wanted - 1}"
        assert f"not Ready after 2 s: the operator says {seen}" in output
        assert "putting the fields back: PATCH" in output
    finally:
        goes_on.set()
        strimzi.stop()


def test_warnings_beside_ready_are_no_obstacle(
    real_cluster: Api, start: Start, there: Pyinfra, real_nodes: RealKubernetes
) -> None:
    change_kafka(real_cluster, config={"log.retention.hours": 24})
    start(warnings=(condition("Warning", "DeprecatedFields", "spec.kafka.x is deprecated"),))
    assert said(real_cluster) == ["Warning", "Ready"]
    before = len(real_nodes.mutations())
    code, output = revert(there)
    # The practice site's brokers do not know this resource, so they still let everybody in.
    assert "anonymous clients have ALL rights" in output
    assert (code, len(patches(real_nodes, before))) == (1, 1)
    assert said(real_cluster) == ["Warning", "Ready"]


def test_what_is_changed_meanwhile_has_its_turn_and_only_the_wanted_generation_counts(
    real_cluster: Api, start: Start
) -> None:
    began, goes_on = threading.Event(), threading.Event()

    def roll(spec: dict[str, Any]) -> None:
        began.set()
        goes_on.wait()

    start().stop()
    strimzi = Strimzi(real_cluster, roll)
    try:
        first = change_kafka(real_cluster, config={"log.retention.hours": 24})
        assert began.wait(60)
        second = change_kafka(real_cluster, config={"log.retention.hours": 48})
        assert (observed(real_cluster), said(real_cluster)) == (first - 1, ["Ready"])
        goes_on.set()
        wait_for(lambda: observed(real_cluster) == second)
    finally:
        goes_on.set()
        strimzi.stop()
