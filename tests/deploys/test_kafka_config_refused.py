"""deploys/kafka_config.py: documents of another shape, and who has the old values."""

import pytest
from cluster import Cluster
from kafka_config_site import (
    CONFIG_MAP_FILE,
    JSON_FILE,
    KAFKA,
    KEY,
    OBJECT,
    OLD_PASSWORD,
    in_cluster,
    is_done,
    places,
    wanted,
)
from lab_process import Lab, Pyinfra
from remotes import somebody_commits

ONE_LINE = (
    '{"databases": [{"system": "kafka", "port": 9092, "user": "", "password": "x"}],'
    ' "metrics_trace": {"kafka_bootstrap": "kafka:9092"}}'
)
TWICE = ONE_LINE.replace("[{", '[{"system": "kafka", "port": 9092}, {')


@pytest.mark.parametrize("arguments", [("--dry",), ("-y",)])
@pytest.mark.parametrize("text", ["{oops", "[]", '{"kafka": 1, "kafka": 2}'])
def test_a_config_map_that_is_no_document_is_refused(
    lab: Lab,
    pyinfra: Pyinfra,
    cluster: Cluster,
    start: str,
    text: str,
    arguments: tuple[str, ...],
) -> None:
    cluster.patch(*OBJECT, {"data": {KEY: text}})
    sent = lab.mutations()
    code, output = pyinfra.deploy("kafka_config", *arguments)
    assert code == 1
    assert "dedup-experiment-config: config.json " in output
    assert "so it is not changed" in output
    assert "Traceback" not in output
    assert lab.mutations() == sent
    assert in_cluster(lab) == text
    assert lab.heads("gitlab")["development"] == start


SHAPE = '{"kafka": {"port": 9092, "user": "", "password": ""}}'


def test_a_config_map_of_another_shape_is_refused_and_nothing_is_invented(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, start: str
) -> None:
    """Once it got a section that nobody reads, and the job called that success."""
    cluster.patch(*OBJECT, {"data": {KEY: SHAPE}})
    sent = lab.mutations()
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 1
    assert f"config.json has no $.{KAFKA}.port: $ is an object with kafka" in output
    assert lab.mutations() == sent
    assert in_cluster(lab) == SHAPE
    assert lab.heads("gitlab")["development"] == start


def test_the_site_goes_back_to_the_port_without_login(lab: Lab, pyinfra: Pyinfra) -> None:
    before = places(lab)
    code, output = pyinfra.deploy("kafka_config", "-y", "--data", "kafka_port=9092")
    assert code == 0, output
    plain = {p: t.replace(f'"{OLD_PASSWORD}"', '""') for p, t in before.items()}
    assert places(lab) == plain
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    assert places(lab) == {place: wanted(text) for place, text in before.items()}
    code, output = pyinfra.deploy("kafka_config", "-y", "--data", "kafka_port=9092")
    assert code == 0, output
    assert places(lab) == plain


def test_a_config_map_without_the_key_is_refused(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    cluster.patch(*OBJECT, {"data": {KEY: None}})
    sent = lab.mutations()
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 1
    assert "it has no key config.json" in output
    assert lab.mutations() == sent


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        (JSON_FILE, "{oops", f"{JSON_FILE} is no JSON: line 1"),
        (CONFIG_MAP_FILE, "data: [", f"{CONFIG_MAP_FILE} is no YAML"),
        (
            CONFIG_MAP_FILE,
            f"data:\n  config.json: '{ONE_LINE}'\n",
            "config.json is no literal block",
        ),
        (CONFIG_MAP_FILE, "data: {}\n", "has no ConfigMap with a text config.json: of 1 documents"),
        (JSON_FILE, '{"kafka": {"port": 9092}}', f"no $.{KAFKA}.port: $ is an object with kafka"),
        (JSON_FILE, TWICE, f"{JSON_FILE} has $.{KAFKA}.port 2 times, and it must be there once"),
        (JSON_FILE, ONE_LINE.replace("system", "sytem"), "is a list of 1"),
        (JSON_FILE, ONE_LINE.replace("kafka_b", "b"), "['metrics_trace'] is an object with boots"),
        (JSON_FILE, ONE_LINE.replace('"', "'"), f"{JSON_FILE} is no JSON: line 1"),
        (CONFIG_MAP_FILE, None, f"the repository has no file {CONFIG_MAP_FILE}"),
    ],
    ids=[
        *("no JSON", "no YAML", "no block", "no key", "another shape", "twice", "no system"),
        *("one place of two", "single quotes", "no file"),
    ],
)
def test_a_file_that_cannot_be_edited_is_refused_before_anything_is_changed(
    lab: Lab, pyinfra: Pyinfra, path: str, text: str | None, words: str
) -> None:
    somebody_commits(lab, path, text)
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 1
    assert words in output
    assert "Traceback" not in output
    assert lab.mutations() == []


DASHBOARD = "Deployment dedup-dashboard, container web of pod dedup-dashboard-5d8c7b9f6d-xk2lp"
PODS = {"system": "kubernetes", "method": "GET", "path": "/namespaces/databases/pods$"}


def test_it_says_which_pods_have_the_old_values_until_they_restart(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("kafka_config", "--dry")
    assert code == 0, output
    assert f"{DASHBOARD}, since 2026-02-20 07:12:41 UTC: files in /etc/dedup\n" in output
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    assert f"{DASHBOARD}, since 2026-02-20 07:12:41 UTC: files in /etc/dedup, from before" in output
    assert "who has read them before has to restart" in output
    left = "left: Deployment dedup-dashboard: may have the old config.json until it restarts"
    assert left in " ".join(output[output.index("\nDone: ") :].split())


def test_pods_that_started_later_have_the_new_values(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    name = DASHBOARD.split()[-1]
    cluster.request("DELETE", cluster.path("pods", "databases", name), {"gracePeriodSeconds": 0})
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    assert "no pod that runs has the old text" in output
    assert "\nleft:" not in output


def test_pods_that_may_not_be_listed_are_a_line_and_no_failure(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    lab.fault(**PODS, action="status", status=403, times=-1)
    for arguments in (("--dry",), ("-y",)):
        code, output = pyinfra.deploy("kafka_config", *arguments)
        assert code == 0, output
        assert "which pods read it could not be seen: " in output
    is_done(lab, start)
