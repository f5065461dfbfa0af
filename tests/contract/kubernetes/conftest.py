"""The contract of the Kubernetes API: each test asks the practice site, and a real API server."""

import secrets
from collections.abc import Iterator

import pytest
from contract_pods import VERSION, WITNESSES, pod_of
from exec_streams import Pod
from kubernetes_api import Api, Space
from lab_process import Lab
from real_kubernetes import RealKubernetes


@pytest.fixture(params=WITNESSES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The practice site's API, then that of a real kube-apiserver."""
    if request.param == "lab":
        lab: Lab = request.getfixturevalue("lab")
        lab.fault(action="set", kubernetes_version=VERSION)
        found = Api("lab", lab.environment["KUBECONFIG"])
    else:
        real: RealKubernetes = request.getfixturevalue("real_kubernetes")
        found = Api("real", real.kubeconfig)
    yield found
    found.close()


@pytest.fixture
def space(api: Api) -> Space:
    name = f"contract-{secrets.token_hex(4)}"
    answer = api.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert answer.status == 201, answer.body
    return Space(api, name)


@pytest.fixture(params=WITNESSES)
def pod(request: pytest.FixtureRequest) -> Iterator[Pod]:
    """A pod that runs, with one container, of the practice site and then of a real cluster."""
    yield from pod_of(request)


@pytest.fixture(params=WITNESSES)
def pod_of_two(request: pytest.FixtureRequest) -> Iterator[Pod]:
    """One with two containers and a note for kubectl."""
    notes = {"kubectl.kubernetes.io/default-container": "b"}
    yield from pod_of(request, ("a", "b"), annotations=notes)


@pytest.fixture(params=WITNESSES)
def unready(request: pytest.FixtureRequest) -> Iterator[Pod]:
    """One whose container is not begun."""
    yield from pod_of(request, state="Pending")


@pytest.fixture(params=WITNESSES)
def lost(request: pytest.FixtureRequest) -> Iterator[Pod]:
    """One whose node does not answer."""
    yield from pod_of(request, state="lost")
