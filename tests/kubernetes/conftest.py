"""Pods of both witnesses, as hosts of pyinfra."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract_pods import RUNNING, WITNESSES, pod_of
from lab_process import Lab, Pyinfra
from pod_host import PodHost
from real_kubernetes import RealKubernetes


@pytest.fixture(params=WITNESSES)
def pod_host(request: pytest.FixtureRequest, lab: Lab, tmp_path: Path) -> Iterator[PodHost]:
    """A pod that runs, of the practice site and then of a real cluster."""
    yield from _hosts(request, tmp_path, RUNNING)


def _hosts(request: pytest.FixtureRequest, directory: Path, state: str) -> Iterator[PodHost]:
    for pod in pod_of(request, state=state):
        if request.param == "lab":
            yield PodHost(request.getfixturevalue("pyinfra"), pod.host)
            continue
        real: RealKubernetes = request.getfixturevalue("real_nodes")
        lab: Lab = request.getfixturevalue("lab")
        pyinfra = Pyinfra({**lab.environment, "KUBECONFIG": real.kubeconfig}, directory)
        yield PodHost(pyinfra, pod.host)
        pyinfra.stop()
