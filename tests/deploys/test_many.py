"""Lists of several pages: each job reads them to their end, where what it needs is."""

from pathlib import Path
from typing import Any

import pytest
from lab_process import Lab, Pyinfra
from pipeline_site import set_all_tags

READ_VARIABLES = """\
from pyinfra import host
from ops.gitlab.facts.variables import CiVariables
for key, scope in host.get_fact(CiVariables):
    print("has", key)
"""
TOOLBOX_PODS = "/api/v1/namespaces/gitlab/pods"


def pages(lab: Lab, path: str) -> list[str]:
    """Return which pages of a list of REST were asked for, in order."""
    return [
        request["query"].get("page", "1")
        for request in lab.requests(system="gitlab")
        if request["path"].endswith(path) and request["method"] == "GET"
    ]


def cursors(lab: Lab) -> list[bool]:
    """Return for each GraphQL query whether it was for a further page."""
    return [
        request["body"]["variables"]["after"] is not None
        for request in lab.requests(system="gitlab")
        if request["path"].endswith("/api/graphql")
    ]


def in_pages(asked: list[bool], size: int) -> bool:
    """Return whether all lists that were read had so many pages."""
    return bool(asked) and asked == [False, *[True] * (size - 1)] * (len(asked) // size)


@pytest.fixture
def many_runners(lab: Lab) -> Lab:
    lab.fault(action="add", runners=250)
    return lab


def test_the_preview_of_fix_tags_has_the_runners_of_the_last_page(
    many_runners: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("fix_tags", "--dry", "-v")
    assert code == 0, output
    assert "[@gitlab/runners/17] tag_list: {} -> {experiment, kubernetes} (k8s-runner-4)" in output
    assert output.count("would PUT /runners/") == 12
    assert in_pages(cursors(many_runners), 3)
    # None of them was read by itself, for the lists have all of them.
    assert not [r for r in many_runners.requests(system="gitlab") if "/runners/" in r["path"]]
    assert many_runners.mutations() == []


def test_all_runners_are_in_the_snapshot_and_come_back(
    many_runners: Lab, pyinfra: Pyinfra, tmp_path: Path
) -> None:
    set_all_tags(many_runners)
    many_runners.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})
    deploy = pyinfra.write(
        "from pyinfra import host\n"
        "from ops.gitlab import snapshot\n"
        "if 'gitlab' in host.groups:\n"
        f"    snapshot.runners(name='Save', directory={str(tmp_path / 'snapshots')!r})\n"
    )
    code, output = pyinfra.run("inventory.py", deploy, "-y")
    assert code == 0, output
    [saved] = (tmp_path / "snapshots").glob("*")
    assert '"further-1001"' in saved.read_text()
    assert '"further-1250"' in saved.read_text()
    many_runners.fault(action="set_tags", runner=17, tags=[])
    code, output = pyinfra.deploy("restore_runners", "-y")
    assert code == 0, output
    assert many_runners.tags()[17] == {"experiment", "kubernetes"}
    assert many_runners.mutations() == ["PUT /api/v4/runners/17"]
    assert in_pages(cursors(many_runners), 3)


def test_the_overview_sees_all_runners_and_jobs(many_runners: Lab, pyinfra: Pyinfra) -> None:
    many_runners.fault(action="add", jobs=130)
    newest = max(many_runners.pipelines())
    code, output = pyinfra.deploy("overview", "-y")
    assert code == 1
    assert " of 12 runners have no tags at once" in output
    assert "does not exist in GitLab" not in output
    asked = pages(many_runners, f"/pipelines/{newest}/jobs")
    assert asked[:4] == ["1", "2"] * 2  # Twice: it is a list of several numbered pages.
    assert in_pages(cursors(many_runners), 3)


def test_variables_of_the_second_page_are_known(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    before = len(lab.mutations())
    lab.fault(action="add", variables=120)
    code, output = pyinfra.deploy("ci_variables", "-y")
    assert code == 0, output
    assert len(lab.mutations()) == before  # They are there, behind the 120 others.
    assert "2" in pages(lab, "/projects/280/variables")


@pytest.mark.parametrize("times", [1, 2])
def test_a_variable_that_slips_to_a_page_that_was_read_is_no_missing_one(
    lab: Lab, pyinfra: Pyinfra, times: int
) -> None:
    present = [variable["key"] for variable in lab.project()["variables"]]
    lab.fault(action="add", variables=100)  # Those of the site begin on the second page.
    shrinks(lab, times)
    code, output = pyinfra.run("@gitlab/projects/280", pyinfra.write(READ_VARIABLES), "-y")
    assert code == 0, output
    assert present
    assert all(f"has {key}\n" in output for key in present), output
    # The list differs until it is quiet, and then comes twice alike.
    assert pages(lab, "/280/variables") == ["1", "2"] * 3


def test_a_list_that_shrinks_all_the_time_is_an_error_in_words(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="add", variables=120)
    shrinks(lab, -1)
    before = len(lab.mutations())
    code, output = pyinfra.deploy("ci_variables", "-y", "--limit", "project")
    assert code == 1
    text = "GET /projects/280/variables -> the list changed while its pages were read, 5 times"
    assert text in " ".join(output.split())
    assert "Traceback" not in output
    assert len(lab.mutations()) == before


def shrinks(lab: Lab, times: int) -> None:
    """Have the first variable of the list go when a page of it was read."""
    lab.fault(
        system="gitlab", method="GET", path="/280/variables$", action="then", times=times,
        then={"action": "remove", "variables": 1},
    )  # fmt: skip


def test_a_page_that_failed_is_asked_for_again_and_no_other_one(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="add", variables=120)
    lab.fault(system="gitlab", path="/280/variables$", action="status", status=503, skip=1, times=1)
    code, output = pyinfra.deploy("ci_variables", "--dry")
    assert code == 0, output
    assert pages(lab, "/280/variables")[:3] == ["1", "2", "2"]


@pytest.mark.parametrize(("newest", "read"), [(200, ["1", "2"]), (100, ["1"])])
def test_pipelines_are_looked_at_as_far_as_is_asked_for(
    lab: Lab, pyinfra: Pyinfra, newest: int, read: list[str]
) -> None:
    lab.fault(action="add", pipelines=150)
    code, output = pyinfra.deploy(
        "pipelines", "--dry", "-v", "--data", f"newest_pipelines={newest}"
    )
    assert ("would POST /projects/280/pipelines/6932/cancel" in output) is (newest == 200), output
    listed = pages(lab, "/projects/280/pipelines")
    # One page is read once, several are read twice.
    readings = read * (2 if len(read) > 1 else 1)
    assert listed
    assert listed == readings * (len(listed) // len(readings))
    assert lab.mutations() == []
    assert code in (0, 1)


def test_branches_by_the_hundred_are_in_nobodys_way(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(action="add", branches=110)
    code, output = pyinfra.deploy("sync_master", "--dry")
    assert code == 0, output
    assert lab.mutations() == []


def pod(name: str) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "gitlab", "labels": {"app": "toolbox"}},
        "spec": {"containers": [{"name": "toolbox", "image": "toolbox"}]},
        "status": {"phase": "Failed"},
    }


@pytest.fixture
def many_pods(lab: Lab) -> Lab:
    pods = [pod(f"a-{number:04}") for number in range(1100)]
    lab.ask("/faults", [{"action": "create_object", "document": document} for document in pods])
    return lab


TOOLBOX = ("@pod/gitlab/app=toolbox", "exec", "--data", "kubernetes_via=", "--", "echo", "hello")


def lists(lab: Lab) -> list[tuple[str, bool]]:
    return [
        (request["query"].get("limit", ""), "continue" in request["query"])
        for request in lab.requests(system="kubernetes")
        if request["path"] == TOOLBOX_PODS
    ]


def test_a_pod_is_found_behind_a_thousand_others(many_pods: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(*TOOLBOX)
    assert code == 0, output
    assert "] hello" in output
    assert lists(many_pods) == [("500", False), ("500", True), ("500", True)]


def test_a_list_that_the_cluster_has_forgotten_is_read_in_one(
    many_pods: Lab, pyinfra: Pyinfra
) -> None:
    many_pods.fault(
        system="kubernetes", path="/pods$", action="status", status=410, skip=1,
        body={"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"},
    )  # fmt: skip
    code, output = pyinfra.run(*TOOLBOX)
    assert code == 0, output
    assert lists(many_pods) == [("500", False), ("500", True), ("", False)]
