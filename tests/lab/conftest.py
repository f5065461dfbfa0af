"""Fixtures of the lab's own tests: clients of the real systems, pointed at the practice site."""

from collections.abc import Iterator

import gitlab
import pytest
from gitlab.v4.objects import Project
from lab_process import Lab


@pytest.fixture
def python_gitlab(lab: Lab) -> Iterator[gitlab.Gitlab]:
    environment = lab.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
    ) as gitlab_client:
        yield gitlab_client


@pytest.fixture
def project(python_gitlab: gitlab.Gitlab) -> Project:
    return python_gitlab.projects.get(280)


@pytest.fixture
def prompt(lab: Lab) -> Lab:
    """The site, where a push has its pipeline as soon as it is answered."""
    lab.fault(action="set", push_seconds=0)
    return lab
