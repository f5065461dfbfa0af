"""The small site: GitLab below a path, and nothing of the systems that it does not have."""

import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator

import gitlab
import pytest
from lab_process import Lab
from limits import LIMIT

HELPER = '!f() { test "$1" = get && echo username=oauth2 && echo "password=$GITLAB_TOKEN"; }; f'


@pytest.fixture
def client(small: Lab) -> Iterator[gitlab.Gitlab]:
    environment = small.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
        per_page=2,
    ) as client:
        yield client


def _git(small: Lab, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", f"credential.helper={HELPER}", *arguments],
        cwd=small.environment["OPERATOR_CLONE"],
        env={**small.environment, "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_gitlab_is_below_its_relative_url_and_pages_lead_on_there(client: gitlab.Gitlab) -> None:
    assert client.url.endswith("/gitlab")
    found = client.runners_all.list(get_all=True)
    assert sorted(runner.id for runner in found) == [3, 4, 5, 21, 22]
    project = client.projects.get("acme/web/shop")
    assert (project.id, project.default_branch, project.ci_config_path) == (
        42, "main", "ci/pipeline.yml",
    )  # fmt: skip
    assert project.http_url_to_repo == f"{client.url}/acme/web/shop.git"


def test_nothing_answers_beside_it(small: Lab) -> None:
    url = small.environment["GITLAB_URL"].removesuffix("/gitlab")
    context = ssl.create_default_context(cafile=small.environment["GITLAB_CA_FILE"])
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{url}/api/v4/version", context=context, timeout=30)
    assert error.value.code == 501
    error.value.close()


def test_git_has_one_remote_below_the_path(small: Lab) -> None:
    assert _git(small, "remote") == "origin"
    assert "/gitlab/acme/web/shop.git" in _git(small, "remote", "get-url", "origin")
    before = small.heads("gitlab")
    assert set(before) == {"main", "stable"}
    _git(small, "push", "--quiet", "origin", f"{before['main']}:refs/heads/stable")
    assert small.heads("gitlab")["stable"] == before["main"]
    assert list(small.project()["branches"]) == ["gitlab"]


def test_tags_are_lost_once_and_stay_when_they_are_set(small: Lab, client: gitlab.Gitlab) -> None:
    small.fault(action="set", loss_delay=0.1)
    assert set(map(len, small.tags().values())) == {0}
    client.runners.update(5, {"tag_list": ["arm64", "docker"]})
    with pytest.raises(AssertionError, match="not in"):
        small.wait(lambda: not small.tags()[5], seconds=0.5)


def test_jobs_of_another_ci_file_run_on_other_runners(small: Lab, client: gitlab.Gitlab) -> None:
    small.fault(action="set_tags", runner=3, tags=["amd64", "docker"])
    made = client.projects.get(42, lazy=True).pipelines.create({"ref": "main"})
    assert list(small.jobs(made.id)) == ["lint", "unit", "unit-arm", "ui", "container", "publish"]
    small.wait(lambda: small.jobs(made.id)["unit"]["status"] == "success")
    assert small.jobs(made.id)["unit"]["runner"] == 3


def test_what_the_site_does_not_have_is_said(small: Lab) -> None:
    state = small.state()
    assert [state[name] for name in ("kafka", "cronjob", "control_node")] == [None] * 3
    for fault in (
        {"action": "fire_cronjob"},
        {"action": "drop_ssh"},
        {"action": "set", "kafka_roll_seconds": 1},
        {"action": "set", "kafka_log": "plain"},
    ):
        with pytest.raises(AssertionError, match="400"):
            small.fault(**fault)
    absent = {"KUBERNETES_VIA", "GITHUB_TOKEN", "KAFKA_BIN", "GITLAB_RAILS_DIRECTORY"}
    assert not absent & set(small.environment)
