"""The contract of lists: selectors, pages, and pages of what the server has forgotten."""

import base64
import json

import pytest
from kubernetes_api import Answer, Space


def make(space: Space) -> None:
    for name, labels in (
        ("a", {"app": "x"}),
        ("b", {"app": "y", "tier": "db"}),
        ("c", {}),
        ("d", {"app": "x", "tier": "web"}),
    ):
        space.made("configmaps", {"metadata": {"name": name, "labels": labels}})


def found(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["metadata"]["name"] for item in answer.body["items"]]


def listed(space: Space, **query: object) -> Answer:
    return space.api.send("GET", space.path("configmaps"), **query)


SELECTORS = {
    "": "abcd",
    "app=x": "ad",
    "app==x": "ad",
    "app!=x": "bc",
    "app": "abd",
    "!app": "c",
    "app in (x,y)": "abd",
    "app in(x)": "ad",
    "app in ( x , z )": "ad",
    "app notin (x)": "bc",
    "app=x,tier=web": "d",
    "app = x , tier": "d",
    "app=": "",
    "app in (x),tier notin (db)": "ad",
    "tier in (web, db),app": "bd",
    "app=nothing": "",
    " app ": "abd",
}


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_label_selector(space: Space, selector: str) -> None:
    make(space)
    assert "".join(found(listed(space, labelSelector=selector))) == SELECTORS[selector]


@pytest.mark.parametrize(
    "selector", ["app===x", "app=x y", "=x", "app in x", "app in (x", "-app=x", "app=x,"]
)
def test_what_is_no_label_selector(space: Space, selector: str) -> None:
    answer = listed(space, labelSelector=selector)
    assert answer.refusal == (400, "BadRequest")


FIELDS = {
    "metadata.name=a": "a",
    "metadata.name!=a": "bcd",
    "metadata.name==b": "b",
    "metadata.name=a,metadata.namespace=nowhere": "",
}


@pytest.mark.parametrize("selector", FIELDS)
def test_a_field_selector(space: Space, selector: str) -> None:
    make(space)
    assert "".join(found(listed(space, fieldSelector=selector))) == FIELDS[selector]


def test_what_is_no_field_selector(space: Space) -> None:
    for selector in ("data.a=1", "metadata.name"):
        assert listed(space, fieldSelector=selector).refusal == (400, "BadRequest")


def test_a_pod_that_terminates_is_listed(space: Space) -> None:
    pod = {
        "metadata": {"name": "one", "labels": {"app": "x"}},
        "spec": {
            "nodeName": "somewhere",
            "containers": [{"name": "main", "image": "example"}],
        },
    }
    space.made("pods", pod)
    gone = space.api.send("DELETE", space.path("pods", "one"), {"gracePeriodSeconds": 600})
    assert gone.status == 200
    for selector in ("app=x", ""):
        answer = space.api.send("GET", space.path("pods"), labelSelector=selector)
        assert found(answer) == ["one"]
    metadata = answer.body["items"][0]["metadata"]
    assert metadata["deletionGracePeriodSeconds"] == 600
    assert metadata["deletionTimestamp"]


def test_a_list(space: Space) -> None:
    make(space)
    body = listed(space).body
    assert (body["kind"], body["apiVersion"]) == ("ConfigMapList", "v1")
    assert set(body["metadata"]) == {"resourceVersion"}
    assert "kind" not in body["items"][0]


def test_pages(space: Space) -> None:
    make(space)
    first = listed(space, limit=2)
    assert found(first) == ["a", "b"]
    assert first.body["metadata"]["remainingItemCount"] == 2
    token = first.body["metadata"]["continue"]
    last = listed(space, limit=2, **{"continue": token})
    assert found(last) == ["c", "d"]
    assert set(last.body["metadata"]) == {"resourceVersion"}
    assert last.body["metadata"]["resourceVersion"] == first.body["metadata"]["resourceVersion"]


def test_a_page_of_what_a_selector_leaves(space: Space) -> None:
    make(space)
    first = listed(space, limit=1, labelSelector="app")
    assert found(first) == ["a"]
    assert "remainingItemCount" not in first.body["metadata"]
    assert first.body["metadata"]["continue"]


def test_later_pages_are_of_the_moment_of_the_first_one(space: Space) -> None:
    make(space)
    token = listed(space, limit=2).body["metadata"]["continue"]
    assert space.api.send("DELETE", space.path("configmaps", "c")).status == 200
    space.made("configmaps", {"metadata": {"name": "e"}})
    assert found(listed(space, limit=5, **{"continue": token})) == ["c", "d"]


def test_a_page_of_what_is_forgotten(space: Space) -> None:
    make(space)
    token = listed(space, limit=2).body["metadata"]["continue"]
    content = json.loads(base64.urlsafe_b64decode(token + "=="))
    old = json.dumps({**content, "rv": 1}).encode()
    expired = base64.urlsafe_b64encode(old).decode().rstrip("=")
    answer = listed(space, limit=2, **{"continue": expired})
    assert answer.refusal == (410, "Expired")
    # One that goes on from there in the list as it is now.
    inconsistent = answer.body["metadata"]["continue"]
    assert found(listed(space, limit=5, **{"continue": inconsistent})) == ["c", "d"]


def test_what_is_no_token(space: Space) -> None:
    assert listed(space, limit=2, **{"continue": "?"}).refusal == (400, "BadRequest")
