"""The practice site with a real Kubernetes in the place of its own; GitLab stays the site's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes_api import Api
from lab_process import Lab, Pyinfra
from real_kubernetes import RealKubernetes
from real_site import empty, fill


@pytest.fixture
def real(lab: Lab, real_kubernetes: RealKubernetes) -> Iterator[Api]:
    """The real API, with the objects that the practice site has in the beginning."""
    api = Api("real", real_kubernetes.kubeconfig)
    objects = lab.state()["kubernetes"]["objects"]
    empty(api, {entry["namespace"] for entry in objects} - {""})
    fill(api, objects)
    yield api
    api.close()


@pytest.fixture
def there(
    lab: Lab, real: Api, real_kubernetes: RealKubernetes, tmp_path: Path
) -> Iterator[Pyinfra]:
    """pyinfra, pointed at the real Kubernetes and, for all else, at the practice site."""
    environment = {**lab.environment, "KUBECONFIG": real_kubernetes.kubeconfig}
    del environment["KUBERNETES_VIA"]
    pyinfra = Pyinfra(environment, tmp_path)
    yield pyinfra
    pyinfra.stop()
