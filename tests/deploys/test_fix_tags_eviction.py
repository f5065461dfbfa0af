"""deploys/fix_tags.py keeps the toolbox' pod from eviction while the migration runs in it."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from cluster import Cluster, Refused
from lab_process import Lab, Pyinfra
from limits import LIMIT
from moments import TAGS, end, kill, wait_for

pytestmark = pytest.mark.long

HOUR = 3600
SHORT = {"TAG_VERIFICATION_SECONDS": "2"}
NAME = "site-operations-migration"
BUDGETS = "/apis/policy/v1/namespaces/gitlab/poddisruptionbudgets"


def budgets(lab: Lab) -> dict[str, Any]:
    objects = lab.state()["kubernetes"]["objects"]
    return {o["name"]: o["object"] for o in objects if o["kind"] == "PodDisruptionBudget"}


def sent(lab: Lab) -> list[str]:
    """What was sent about budgets and has changed something."""
    return [m for m in lab.mutations() if BUDGETS in m]


def budget(name: str, **labels: str) -> dict[str, Any]:
    spec = {"minAvailable": 1, "selector": {"matchLabels": labels}}
    metadata = {"name": name, "namespace": "gitlab"}
    kind = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget"}
    return {**kind, "metadata": metadata, "spec": spec}


def evict(cluster: Cluster) -> int:
    """Evict the pod of the toolbox, as a drain does; return the status of the answer."""
    path = cluster.path("pods", "gitlab")
    [pod] = cluster.request("GET", path, labelSelector="app=toolbox")["items"]
    name = pod["metadata"]["name"]
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    try:
        cluster.request("POST", f"{path}/{name}/eviction", body)
    except Refused as refused:
        return int(refused.code)
    return 201


@pytest.fixture
def endless(lab: Lab) -> Iterator[Lab]:
    """The site with a migration that ends when `let_it_end` says so."""
    lab.fault(action="set", rake_boot=HOUR)
    yield lab


def let_it_end(lab: Lab) -> None:
    lab.fault(action="set", rake_boot=0.1)
    lab.fault(action="advance", seconds=HOUR)


def started(lab: Lab, pyinfra: Pyinfra, *arguments: str) -> Any:
    process = pyinfra.start("inventory.py", "deploys/fix_tags.py", "-y", *arguments)
    wait_for(lambda: lab.state()["rake"])
    return process


def is_good(lab: Lab, pyinfra: Pyinfra) -> str:
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert lab.tags() == TAGS
    assert [len(lab.rake("down")), len(lab.rake("up"))] == [1, 1]
    return output


def test_the_preview_shows_the_budget_and_sends_none(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("fix_tags", "--dry", "-v")
    assert code == 0, output
    assert lab.mutations() == []
    made, removed = f"would POST {BUDGETS} ", f"would DELETE {BUDGETS}/{NAME}"
    at_the_end = f"would remove PodDisruptionBudget {NAME} at the end of this run, should it still"
    assert output.count(at_the_end) == 1
    assert f"would not remove PodDisruptionBudget {NAME} a second time at the end" in output
    assert f"PodDisruptionBudget {NAME}: none -> maxUnavailable 0 for app=toolbox" in output
    assert output.index(made) < output.index("would start job migration") < output.index(removed)


def test_an_eviction_is_refused_during_the_migration_and_allowed_afterwards(
    endless: Lab, cluster: Cluster, pyinfra: Pyinfra
) -> None:
    process = started(endless, pyinfra)
    spec = budgets(endless)[NAME]["spec"]
    assert spec == {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "toolbox"}}}
    assert evict(cluster) == 429
    assert evict(cluster) == 429
    let_it_end(endless)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert budgets(endless) == {}
    assert sent(endless) == [f"POST {BUDGETS}", f"DELETE {BUDGETS}/{NAME}"]
    assert [len(endless.rake("down")), len(endless.rake("up"))] == [1, 1]
    before = len(endless.mutations())
    is_good(endless, pyinfra)
    assert len(endless.mutations()) == before
    assert evict(cluster) == 201


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_gone_after_a_signal(endless: Lab, pyinfra: Pyinfra, number: int) -> None:
    process = started(endless, pyinfra)
    assert list(budgets(endless)) == [NAME]
    code, output = end(process, number)
    assert code == 128 + number, output
    assert budgets(endless) == {}
    assert f"DELETE {BUDGETS}/{NAME}" in output
    let_it_end(endless)
    is_good(endless, pyinfra)
    assert budgets(endless) == {}


def test_it_is_gone_after_a_failure(endless: Lab, pyinfra: Pyinfra) -> None:
    process = started(endless, pyinfra, "--data", "migration_timeout=1")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, output
    assert "still runs after 1 s" in output
    assert budgets(endless) == {}


def test_what_a_killed_run_left_is_taken_over_and_removed_by_the_next_one(
    endless: Lab, cluster: Cluster, pyinfra: Pyinfra
) -> None:
    kill(started(endless, pyinfra))
    assert evict(cluster) == 429
    let_it_end(endless)
    is_good(endless, pyinfra)
    assert budgets(endless) == {}
    assert sent(endless) == [f"POST {BUDGETS}", f"DELETE {BUDGETS}/{NAME}"]


def test_one_that_is_left_over_goes_also_where_there_is_nothing_else_to_do(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    is_good(lab, pyinfra)
    left = budget(NAME, app="toolbox")
    left["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "site-operations"}
    lab.fault(action="create_object", document=left)
    before = len(lab.mutations())
    assert "proven before, nothing to do" in is_good(lab, pyinfra)
    assert lab.mutations()[before:] == [f"DELETE {BUDGETS}/{NAME}"]
    assert budgets(lab) == {}


def test_a_budget_of_somebody_else_is_named_and_left_alone(
    endless: Lab, cluster: Cluster, pyinfra: Pyinfra
) -> None:
    endless.fault(action="create_object", document=budget("gitlab-toolbox", release="gitlab"))
    endless.fault(action="create_object", document=budget("webservice", app="webservice"))
    before = budgets(endless)
    process = started(endless, pyinfra)
    assert evict(cluster) == 500
    let_it_end(endless)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert "left alone: PodDisruptionBudget gitlab-toolbox (minAvailable 1)" in output
    assert "webservice" not in output
    after = budgets(endless)
    assert {k: v["spec"] for k, v in after.items()} == {k: v["spec"] for k, v in before.items()}
    assert sent(endless) == [f"POST {BUDGETS}", f"DELETE {BUDGETS}/{NAME}"]


def test_one_of_somebody_else_with_our_name_is_not_touched(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="create_object", document=budget(NAME, app="toolbox"))
    output = is_good(lab, pyinfra)
    assert f"the PodDisruptionBudget {NAME} is not ours" in output
    assert sent(lab) == []
    assert list(budgets(lab)) == [NAME]


@pytest.mark.parametrize("verb", ["create", "delete", "list"])
def test_without_the_rights_that_is_said_and_the_migration_runs(
    lab: Lab, pyinfra: Pyinfra, verb: str
) -> None:
    """Not even one that could be made and not removed is made."""
    lab.fault(action="deny", verb=verb, resource="poddisruptionbudgets")
    code, output = pyinfra.deploy("fix_tags", "--dry")
    assert code == 0, output
    words = f"the kubeconfig's user may not {verb} poddisruptionbudgets in gitlab"
    assert "the migration runs without a PodDisruptionBudget, so that a drain may end it" in output
    assert words in output
    assert words in is_good(lab, pyinfra)
    assert sent(lab) == []


QUOTA = (
    f'poddisruptionbudgets.policy "{NAME}" is forbidden: exceeded quota: few, used: 0, limited: 0'
)
WEBHOOK = 'admission webhook "policy.example.org" denied the request: no budgets here'


@pytest.mark.parametrize("words", [QUOTA, WEBHOOK], ids=["quota", "webhook"])
def test_what_admission_refuses_is_said_with_its_words_and_the_migration_runs(
    lab: Lab, pyinfra: Pyinfra, words: str
) -> None:
    body = {"kind": "Status", "status": "Failure", "message": words, "code": 403}
    fault = {"system": "kubernetes", "action": "status", "method": "POST", "times": -1}
    lab.fault(**fault, path="/poddisruptionbudgets$", status=403, body=body)
    code, output = pyinfra.deploy("fix_tags", "--dry")
    assert code == 0, output
    assert lab.mutations() == []
    said = "the migration runs without a PodDisruptionBudget, so that a drain may end it half-way:"
    for text in (output, is_good(lab, pyinfra)):
        [line] = [line for line in text.splitlines() if said in line]
        assert "the API would not make it" in line
        assert words in line
    assert sent(lab) == []
    tried = [r for r in lab.requests() if r["method"] == "POST" and r["path"] == BUDGETS]
    assert {r["query"]["dryRun"] for r in tried} == {"All"}


def test_without_the_cluster_in_the_limit_that_is_said(lab: Lab, pyinfra: Pyinfra) -> None:
    groups = ("gitlab", "enforcer", "enforcer_script", "toolbox", "runners")
    limit = [part for name in groups for part in ("--limit", name)]
    code, output = pyinfra.deploy("fix_tags", "-y", *limit)
    assert code == 0, output
    assert "without a PodDisruptionBudget" in output
    assert "--limit leaves out @kubernetes" in output
    assert sent(lab) == []


def test_a_run_without_a_migration_leaves_the_budget_of_one_that_still_runs(
    endless: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    process = started(endless, pyinfra)
    wait_for(lambda: NAME in budgets(endless))
    _, output = pyinfra.deploy("fix_tags", "-y", "--data", "tag_repair=none", **SHORT)
    text = " ".join(output.split())
    assert f"{NAME} stays: job migration-requeue, which another run has started" in text
    assert NAME in budgets(endless)
    assert evict(cluster) == 429
    let_it_end(endless)
    output, _ = process.communicate(timeout=LIMIT)
    assert NAME not in budgets(endless), output


def test_a_budget_of_ours_that_protects_other_pods_is_made_anew(
    endless: Lab, pyinfra: Pyinfra, cluster: Cluster
) -> None:
    document = budget(NAME, app="old")
    document["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "site-operations"}
    endless.fault(action="create_object", document=document)
    process = started(endless, pyinfra)
    assert budgets(endless)[NAME]["spec"]["selector"] == {"matchLabels": {"app": "toolbox"}}
    assert [line.split()[0] for line in sent(endless)] == ["DELETE", "POST"]
    assert evict(cluster) == 429
    let_it_end(endless)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert NAME not in budgets(endless)
