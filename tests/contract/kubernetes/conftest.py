"""The contract of the Kubernetes API: each test asks the practice site, and a real API server."""

import secrets
from collections.abc import Iterator

import pytest
from kubernetes_api import Api, Space
from lab_process import Lab
from real_kubernetes import RealKubernetes

VERSION = "1.37.2"  # as which the practice site answers
WITNESSES = [
    pytest.param("lab", marks=pytest.mark.site),
    pytest.param("real", marks=[pytest.mark.site, pytest.mark.real]),
]


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
