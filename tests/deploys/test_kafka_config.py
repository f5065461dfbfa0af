"""deploys/kafka_config.py against the practice site: one document in three places."""

import base64
import json
import re
from typing import Any

import pytest
import yaml
from cluster import Cluster
from confirmed import run_confirmed
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from remotes import file_of, log_of, run_git, served, somebody_commits

KEY = "config.json"
JSON_FILE, CONFIG_MAP_FILE = "src/cpp/config.example.json", "k8s/base/configmap.yaml"
OBJECT = ("configmaps", "databases", "dedup-experiment-config")
TITLE = "Set the endpoint of Kafka's clients in both configurations"
KAFKA = "databases[?@.system == 'kafka']"
BOOTSTRAP = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local:9094"
WANTED = {"port": 9094, "user": "dedup-lab", "password": ""}
OLD_PASSWORD = "dedup-lab-old"
PATCH = "PATCH /api/v1/namespaces/databases/configmaps/dedup-experiment-config"
ONE_LINE = (
    '{"databases": [{"system": "kafka", "port": 9092, "user": "", "password": "x"}],'
    ' "metrics_trace": {"kafka_bootstrap": "kafka:9092"}}'
)
TWICE = ONE_LINE.replace("[{", '[{"system": "kafka", "port": 9092}, {')
COMMITS = "POST /api/v4/projects/280/repository/commits"
COMMIT = {"system": "gitlab", "method": "POST", "path": "/repository/commits$"}
HEAD = {"system": "gitlab", "method": "GET", "path": "/repository/branches/development$"}


@pytest.fixture
def start(lab: Lab) -> str:
    return lab.environment["SASL_REQUIRED_COMMIT"]


def in_cluster(lab: Lab) -> str:
    return lab.object("ConfigMap", "dedup-experiment-config")["data"][KEY]


def places(lab: Lab) -> dict[str, str]:
    """The text of the document in each of the three places."""
    return {
        "ConfigMap": in_cluster(lab),
        JSON_FILE: file_of(lab, JSON_FILE),
        CONFIG_MAP_FILE: yaml.safe_load(file_of(lab, CONFIG_MAP_FILE))["data"][KEY],
    }


def kafka_of(text: str) -> dict[str, Any]:
    [kafka] = [one for one in json.loads(text)["databases"] if one["system"] == "kafka"]
    return kafka


def wanted(text: str) -> str:
    """A text as it has to be then: four values are others, and no other character is."""
    for old, new in (
        (r'"port": 9092,\n( *)"user": ""', r'"port": 9094,\n\1"user": "dedup-lab"'),
        (rf'"password": "{OLD_PASSWORD}"', '"password": ""'),
        (r'"kafka_bootstrap": "(\S+):9092"', r'"kafka_bootstrap": "\1:9094"'),
    ):
        text, count = re.subn(old, new, text)
        assert count == 1
    return text


def is_done(lab: Lab, start: str) -> None:
    for place, text in places(lab).items():
        assert {name: kafka_of(text)[name] for name in WANTED} == WANTED, place
        assert json.loads(text)["metrics_trace"]["kafka_bootstrap"] == BOOTSTRAP, place
    assert log_of(lab, start).count(TITLE) == 1


def test_the_preview_shows_nested_values_and_writes_nothing(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = lab.object("ConfigMap", "dedup-experiment-config")
    code, output = pyinfra.deploy("kafka_config", "--dry")
    assert code == 0, output
    for line in (
        f"config.json: {KAFKA}.port: 9092 -> 9094",
        f'config.json: {KAFKA}.user: "" -> "dedup-lab"',
        f'config.json: metrics_trace.kafka_bootstrap: "{BOOTSTRAP[:-1]}2" -> "{BOOTSTRAP}"',
        f"{JSON_FILE}: {KAFKA}.port: 9092 -> 9094",
        f'{JSON_FILE}: metrics_trace.kafka_bootstrap: "{BOOTSTRAP[:-1]}2" -> "{BOOTSTRAP}"',
        f"{CONFIG_MAP_FILE}: {KAFKA}.port: 9092 -> 9094",
        "would POST /projects/280/repository/commits",
    ):
        assert line in output, line
    # Each difference is shown once, where it is made.
    assert output.count(f"{KAFKA}.password: secret:") == 3
    now = f"values that differ now: 4 in ConfigMap, 4 in {JSON_FILE}, 4 in {CONFIG_MAP_FILE}"
    assert now in output
    assert lab.mutations() == []
    patches = [r for r in lab.requests() if r["method"] == "PATCH"]
    assert patches
    assert all(r["query"].get("dryRun") == "All" for r in patches)
    assert lab.object("ConfigMap", "dedup-experiment-config") == before
    assert lab.heads("gitlab")["development"] == start


def test_all_three_places_have_the_values_and_nothing_else_is_changed(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    before = {**places(lab), "file": file_of(lab, CONFIG_MAP_FILE)}
    metadata = lab.object("ConfigMap", "dedup-experiment-config")["metadata"]
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    is_done(lab, start)
    after = {**places(lab), "file": file_of(lab, CONFIG_MAP_FILE)}
    assert after == {place: wanted(text) for place, text in before.items()}
    assert log_of(lab, start) == [TITLE]
    changed = run_git(served(lab, "gitlab"), "diff", "--name-only", start, "development")
    assert sorted(changed.split()) == [CONFIG_MAP_FILE, JSON_FILE]
    assert (
        lab.object("ConfigMap", "dedup-experiment-config")["metadata"]["labels"]
        == (metadata["labels"])
    )
    assert lab.mutations() == [PATCH, COMMITS]
    code, output = pyinfra.deploy("kafka_config", "-y", "-v")
    assert code == 0, output
    assert "the three places agree" in output
    assert lab.mutations() == [PATCH, COMMITS]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--dry", "-vvv"),
        ("--dry", "-vv"),
        ("--dry", "--json"),
        ("-y", "-vvv"),
        ("-y", "-vv"),
        ("-y", "--json"),
        ("-y", "--debug"),
    ],
    ids=" ".join,
)
def test_no_output_has_the_password(lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]) -> None:
    encoded = base64.b64encode(file_of(lab, JSON_FILE).encode()).decode()
    code, output = pyinfra.deploy("kafka_config", *arguments)
    assert code == 0, output
    assert OLD_PASSWORD not in output
    assert encoded not in output
    assert "9094" in output


def test_the_file_gets_the_password_of_nobody(lab: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.deploy("kafka_config", "-y")
    sent = [r["body"] for r in lab.requests(mutating="true")]
    assert sent
    assert OLD_PASSWORD not in json.dumps(sent)
    assert lab.environment["DEDUP_KAFKA_PASSWORD"] not in json.dumps(sent)


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


def test_pods_that_started_later_have_the_new_values(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    name = DASHBOARD.split()[-1]
    cluster.request("DELETE", cluster.path("pods", "databases", name), {"gracePeriodSeconds": 0})
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    assert "no pod that runs has the old text" in output


def test_pods_that_may_not_be_listed_are_a_line_and_no_failure(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    lab.fault(**PODS, action="status", status=403, times=-1)
    for arguments in (("--dry",), ("-y",)):
        code, output = pyinfra.deploy("kafka_config", *arguments)
        assert code == 0, output
        assert "which pods read it could not be seen: " in output
    is_done(lab, start)


def test_a_change_of_the_config_map_between_read_and_patch_is_not_lost(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, start: str
) -> None:
    # The API server answers the dry run only when it is asked again: time for somebody's change.
    path = "/configmaps/dedup-experiment-config$"
    lab.fault(system="kubernetes", method="PATCH", path=path, action="timeout", seconds=3)
    process = pyinfra.start("inventory.py", "deploys/kafka_config.py", "-y")
    wait_for(lambda: [r for r in lab.requests() if r["query"].get("dryRun")])
    text = in_cluster(lab).replace('"repetitions": 3', '"repetitions": 7')
    cluster.patch(*OBJECT, {"data": {KEY: text}})
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "409" in output
    assert in_cluster(lab) == text
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    is_done(lab, start)
    assert '"repetitions": 7' in in_cluster(lab)


def test_a_place_that_somebody_changes_meanwhile_is_reported(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, start: str
) -> None:
    lab.fault(**HEAD, action="timeout", seconds=3)
    process = pyinfra.start("inventory.py", "deploys/kafka_config.py", "-y")
    wait_for(lambda: PATCH in lab.mutations())
    wait_for(lambda: [r for r in lab.requests() if r["path"].endswith("branches/development")])
    text = in_cluster(lab).replace('"port": 9094', '"port": 9095')
    cluster.patch(*OBJECT, {"data": {KEY: text}})
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert f"ConfigMap: {KAFKA}.port: 9095 -> 9094" in output
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    is_done(lab, start)


def test_a_commit_after_the_preview_is_kept(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    text = file_of(lab, JSON_FILE).replace('"repetitions": 5', '"repetitions": 7')
    code, output = run_confirmed(
        pyinfra, "kafka_config", lambda: somebody_commits(lab, JSON_FILE, text)
    )
    assert code == 0, output
    is_done(lab, start)
    assert '"repetitions": 7' in file_of(lab, JSON_FILE)


def test_the_commit_fails_and_a_rerun_does_the_rest(lab: Lab, pyinfra: Pyinfra, start: str) -> None:
    lab.fault(**COMMIT, action="status", status=500)
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 1
    assert "POST /projects/280/repository/commits -> 500" in output
    assert kafka_of(in_cluster(lab))["port"] == 9094
    assert lab.heads("gitlab")["development"] == start
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    is_done(lab, start)
    assert lab.mutations() == [PATCH, COMMITS, COMMITS]


@pytest.mark.parametrize("action", ["timeout", "apply_then_hang"])
def test_killed_while_it_commits_and_run_again(
    lab: Lab, pyinfra: Pyinfra, start: str, action: str
) -> None:
    lab.fault(**COMMIT, action=action, seconds=30)
    process = pyinfra.start("inventory.py", "deploys/kafka_config.py", "-y")
    wait_for(lambda: COMMITS in lab.mutations())
    if action == "apply_then_hang":
        wait_for(lambda: lab.heads("gitlab")["development"] != start)
    kill(process)
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    is_done(lab, start)


def test_a_lost_answer_to_the_patch_is_no_second_one(
    lab: Lab, pyinfra: Pyinfra, start: str
) -> None:
    path = "/configmaps/dedup-experiment-config$"
    fault = {"system": "kubernetes", "method": "PATCH", "path": path, "skip": 1}
    lab.fault(**fault, action="apply_then_reset")
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert lab.mutations() == [PATCH, COMMITS]
    is_done(lab, start)
