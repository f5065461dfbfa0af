"""Fixtures: the practice site and the command line of pyinfra."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from forked import ForkServer
from hypothesis import settings
from kubernetes_api import Api
from lab_process import ROOT, SCRIPT, Lab, Pyinfra, without_a_site
from real_cluster import fill_cluster
from real_kubernetes import RealKubernetes, need_real
from real_site import install_strimzi

# The same examples in each run, nothing is kept, and a busy machine is no failure.
settings.register_profile("ours", derandomize=True, database=None, deadline=None)
settings.load_profile("ours")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the practice site, or a real one; begin with what is long.

    `make quick` leaves out both, and `make test` what only `make real` builds. The marks come of
    fixtures: a test without one would be skipped there, and left out where it could run.
    A process that is left with the longest test at the end would keep all others waiting.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if {"lab_process", "small_process"} & fixtures:
            item.add_marker("site")
        if {"real_kubernetes", "real_nodes"} & fixtures:
            item.add_marker("real")
    items.sort(key=lambda item: (not item.get_closest_marker("long"), "site" not in item.keywords))


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


@pytest.fixture(scope="session")
def small_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("small"), "small")
    yield lab
    lab.stop()


@pytest.fixture
def small(small_process: Lab) -> Lab:
    """The other site, that of examples/small/, in its broken state of the beginning."""
    small_process.reset()
    return small_process


@pytest.fixture
def cluster(lab: Lab, tmp_path: Path) -> Iterator[Cluster]:
    """The practice site's cluster, through the clients of a real one."""
    cluster = Cluster(lab.environment["KUBECONFIG"], tmp_path)
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def fork_server(lab_process: Lab) -> Iterator[ForkServer]:
    server = ForkServer(SCRIPT, ROOT, {**without_a_site(), **lab_process.environment})
    yield server
    server.stop()


@pytest.fixture
def pyinfra(lab: Lab, fork_server: ForkServer, tmp_path: Path) -> Iterator[Pyinfra]:
    """pyinfra, pointed at the practice site."""
    pyinfra = Pyinfra(lab.environment, tmp_path, fork_server)
    yield pyinfra
    pyinfra.stop()


@pytest.fixture(scope="session")
def real_kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKubernetes]:
    """A kube-apiserver with Strimzi's definitions, one for all tests of a process."""
    yield from _real(tmp_path_factory.mktemp("kubernetes"), nodes=False)


@pytest.fixture(scope="session")
def real_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKubernetes]:
    """One more, in which pods run, and Kubernetes' controllers are at work."""
    yield from _real(tmp_path_factory.mktemp("nodes"), nodes=True)


@pytest.fixture
def real_cluster(lab: Lab, real_nodes: RealKubernetes) -> Iterator[Api]:
    """The API of a real cluster that has what the practice site has, with pods that run.

    The practice site's enforcer is suspended: that of the real cluster is the one.
    """
    api = Api("real", real_nodes.kubeconfig)
    fill_cluster(real_nodes, api, lab)
    lab.fault(action="patch_object", kind="CronJob", patch={"spec": {"suspend": True}})
    yield api
    api.close()


@pytest.fixture
def pyinfra_there(lab: Lab, real_nodes: RealKubernetes, tmp_path: Path) -> Iterator[Pyinfra]:
    """pyinfra, pointed at the real cluster and, for all else, at the practice site."""
    environment = {**lab.environment, "KUBECONFIG": real_nodes.kubeconfig}
    del environment["KUBERNETES_VIA"]
    pyinfra = Pyinfra(environment, tmp_path)
    yield pyinfra
    pyinfra.stop()


def _real(directory: Path, nodes: bool) -> Iterator[RealKubernetes]:
    need_real(nodes)
    server = RealKubernetes(directory, nodes)
    api = Api("real", server.kubeconfig)
    install_strimzi(api)
    api.close()
    yield server
    server.stop()
