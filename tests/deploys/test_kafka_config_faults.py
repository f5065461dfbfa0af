"""deploys/kafka_config.py: what others do meanwhile, lost answers and kills."""

import pytest
from cluster import Cluster
from confirmed import run_confirmed
from kafka_config_site import (
    COMMITS,
    JSON_FILE,
    KAFKA,
    KEY,
    OBJECT,
    PATCH,
    in_cluster,
    is_done,
    kafka_of,
)
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import kill, wait_for
from remotes import file_of, somebody_commits

COMMIT = {"system": "gitlab", "method": "POST", "path": "/repository/commits$"}
HEAD = {"system": "gitlab", "method": "GET", "path": "/repository/branches/development$"}


def test_a_change_of_the_config_map_between_read_and_patch_is_not_lost(
    lab: Lab, pyinfra: Pyinfra, cluster: Cluster, start: str
) -> None:
    # The API server answers the second dry run, that of the execution, only when it is asked again:
    # time for somebody's change.
    path = "/configmaps/dedup-experiment-config$"
    lab.fault(system="kubernetes", method="PATCH", path=path, action="timeout", seconds=3, skip=1)
    process = pyinfra.start("inventory.py", "deploys/kafka_config.py", "-y")
    wait_for(lambda: len([r for r in lab.requests() if r["query"].get("dryRun")]) > 1)
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
    fault = {"system": "kubernetes", "method": "PATCH", "path": path, "mutating": True}
    lab.fault(**fault, action="apply_then_reset")
    code, output = pyinfra.deploy("kafka_config", "-y")
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert lab.mutations() == [PATCH, COMMITS]
    is_done(lab, start)
