"""Lists of the lab in pages, as GitLab divides them, and as other clients read them."""

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest
import requests
from lab_process import Lab

RUNNERS = (
    "query($after: String) { runners(first: 1000, after: $after)"
    " { nodes { id } pageInfo { hasNextPage endCursor } } }"
)


@pytest.fixture
def client(lab: Lab) -> Iterator[gitlab.Gitlab]:
    environment = lab.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
        per_page=100,
    ) as client:
        yield client


def pages(lab: Lab, path: str) -> list[str]:
    """Return the pages of a list that were asked for."""
    return [r["query"].get("page", "1") for r in lab.requests() if r["path"].endswith(path)]


def test_what_is_added_comes_first_and_all_of_it_is_there(lab: Lab, client: gitlab.Gitlab) -> None:
    newest = max(lab.pipelines())
    lab.fault(action="add", runners=250, variables=120, jobs=130, branches=110)
    lab.fault(action="add", pipelines=150)
    project = client.projects.get(280)
    assert len(client.runners_all.list(get_all=True)) == 262
    variables = project.variables.list(get_all=True)
    assert variables[0].key == "FURTHER_1"
    assert not variables[-1].key.startswith("FURTHER_")
    branches = [branch.name for branch in project.branches.list(get_all=True)]
    assert len([name for name in branches if name.startswith("a/")]) == 110
    assert {"development", "master"} <= {*branches}
    pipelines = project.pipelines.list(get_all=True)
    assert [pipeline.id for pipeline in pipelines[149:151]] == [newest + 1, newest]
    jobs = project.pipelines.get(newest).jobs.list(get_all=True)
    assert jobs[0].name.startswith("further:")
    assert not jobs[-1].name.startswith("further:")
    for path in ("/runners/all", "/variables", "/branches", "/pipelines", f"{newest}/jobs"):
        assert pages(lab, path)[:2] == ["1", "2"], path
    assert pages(lab, "/runners/all") == ["1", "2", "3"]


def get(lab: Lab, path: str) -> requests.Response:
    return requests.get(
        f"{lab.environment['GITLAB_URL']}/api/v4{path}",
        headers={"PRIVATE-TOKEN": lab.environment["GITLAB_TOKEN"]},
        verify=lab.environment["GITLAB_CA_FILE"],
        timeout=60,
    )


def test_no_page_has_more_than_a_hundred(lab: Lab) -> None:
    lab.fault(action="add", variables=120)
    answer = get(lab, "/projects/280/variables?per_page=1000")
    assert len(answer.json()) == 100
    assert answer.headers["X-Per-Page"] == "100"
    assert answer.headers["X-Next-Page"] == "2"
    assert answer.links["next"]["url"].endswith("?per_page=100&page=2")
    last = get(lab, "/projects/280/variables?per_page=100&page=2")
    assert last.headers["X-Next-Page"] == ""
    assert "next" not in last.links


def test_of_more_than_ten_thousand_nobody_counts(lab: Lab) -> None:
    lab.fault(action="add", pipelines=10_001)
    answer = get(lab, "/projects/280/pipelines?per_page=100")
    assert "X-Total" not in answer.headers
    assert "X-Total-Pages" not in answer.headers
    assert "last" not in answer.links
    assert answer.headers["X-Next-Page"] == "2"


def test_what_follows_moves_to_a_page_that_was_read(lab: Lab) -> None:
    """An action after an answer lets the list shrink between two pages."""
    lab.fault(action="add", variables=150)
    lab.fault(
        system="gitlab", method="GET", path="/variables$", action="then",
        then={"action": "remove", "variables": 2},
    )  # fmt: skip
    before = len(lab.project()["variables"])
    path = "/projects/280/variables?per_page=100&page="
    first, second = get(lab, f"{path}1"), get(lab, f"{path}2")
    assert first.headers["X-Total"] == str(before)
    assert second.headers["X-Total"] == str(before - 2) == str(len(lab.project()["variables"]))
    assert first.json()[-1]["key"] == "FURTHER_100"
    assert second.json()[0]["key"] == "FURTHER_103"
    assert get(lab, f"{path}1&pagination=keyset").status_code == 501


def test_graphql_goes_from_cursor_to_cursor(lab: Lab) -> None:
    lab.fault(action="add", runners=250)
    found: list[int] = []
    sizes: list[int] = []
    after: Any = None
    while True:
        answer = requests.post(
            f"{lab.environment['GITLAB_URL']}/api/graphql",
            json={"query": RUNNERS, "variables": {"after": after}},
            headers={"PRIVATE-TOKEN": lab.environment["GITLAB_TOKEN"]},
            verify=lab.environment["GITLAB_CA_FILE"],
            timeout=60,
        )
        page = answer.json()["data"]["runners"]
        sizes.append(len(page["nodes"]))
        found += [int(node["id"].rpartition("/")[2]) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sizes == [100, 100, 62]
    assert found == sorted(lab.runners(), reverse=True)  # The newest first.


def test_an_unknown_list_is_refused(lab: Lab) -> None:
    with pytest.raises(AssertionError, match="no list unicorns"):
        lab.fault(action="add", unicorns=3)
    assert lab.requests(system="gitlab") == []
