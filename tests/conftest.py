"""Fixtures: the practice site and the command line of pyinfra."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from lab_process import Lab, Pyinfra


@pytest.fixture(scope="session")
def lab_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture
def lab(lab_process: Lab) -> Lab:
    """The practice site in its broken state of the beginning."""
    lab_process.reset()
    return lab_process


@pytest.fixture
def cluster(lab: Lab, tmp_path: Path) -> Iterator[Cluster]:
    """The practice site's cluster, through the clients of a real one."""
    cluster = Cluster(lab.environment["KUBECONFIG"], tmp_path)
    yield cluster
    cluster.close()


@pytest.fixture
def pyinfra(lab: Lab, tmp_path: Path) -> Pyinfra:
    """pyinfra, pointed at the practice site."""
    return Pyinfra(lab.environment, tmp_path)
