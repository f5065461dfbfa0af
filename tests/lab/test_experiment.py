"""The configuration of the experiment on the practice site, before anything is repaired."""

import json

from cluster import Cluster

NAME = ("configmaps", "databases", "dedup-experiment-config")


def test_kafka_is_still_reached_without_authentication(cluster: Cluster) -> None:
    text = cluster.get(*NAME)["data"]["config.json"]
    document = json.loads(text)
    [kafka] = [one for one in document["databases"] if one["system"] == "kafka"]
    assert (kafka["port"], kafka["user"], kafka["password"]) == (9092, "", "dedup-lab-old")
    assert document["metrics_trace"]["kafka_bootstrap"].endswith(".svc.cluster.local:9092")
    assert "kafka" not in document


def test_a_careless_rewrite_changes_the_text(cluster: Cluster) -> None:
    text = cluster.get(*NAME)["data"]["config.json"]
    document = json.loads(text)
    careless = (
        json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        json.dumps(document, indent=2) + "\n",
        json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n",
        json.dumps(document, ensure_ascii=False) + "\n",
    )
    assert text not in careless
