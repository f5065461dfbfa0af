"""The deploy freeze periods of the lab's GitLab, with python-gitlab's requests."""

from typing import Any

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_process import Lab

WEEKEND = {"freeze_start": "0 23 * * 5", "freeze_end": "0 8 * * 1"}
PATH = "/projects/280/freeze_periods"


def numbers(client: Any) -> list[int]:
    return [period["id"] for period in client.http_list(PATH, get_all=True)]


def test_one_is_made_changed_and_deleted(lab: Lab, project: Project) -> None:
    client = project.manager.gitlab
    assert numbers(client) == []
    made = client.http_post(PATH, post_data={**WEEKEND, "cron_timezone": "Berlin"})
    other = client.http_post(PATH, post_data=WEEKEND)
    assert (made["cron_timezone"], other["cron_timezone"]) == ("Berlin", "UTC")
    one = f"{PATH}/{made['id']}"
    client.http_put(one, post_data={"freeze_end": "0 9 * * 1"})
    found = client.http_get(one)
    assert (found["freeze_start"], found["freeze_end"]) == ("0 23 * * 5", "0 9 * * 1")
    assert numbers(client) == [made["id"], other["id"]]
    client.http_delete(one)
    assert numbers(client) == [other["id"]]
    with pytest.raises(gitlab.GitlabHttpError):
        client.http_get(one)
    lab.reset()
    assert numbers(client) == []


@pytest.mark.parametrize(
    "given", [{"freeze_start": "0 23 * * 5"}, {**WEEKEND, "freeze_end": "monday"}]
)
def test_what_is_none_is_refused(project: Project, given: dict[str, str]) -> None:
    client = project.manager.gitlab
    with pytest.raises(gitlab.GitlabHttpError) as caught:
        client.http_post(PATH, post_data=given)
    assert caught.value.response_code == 400
    assert numbers(client) == []
