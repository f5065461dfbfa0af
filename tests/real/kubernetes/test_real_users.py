"""Users who have a certificate and no token, as the files of kubeadm's clusters have them."""

import pytest
from kubernetes_api import Api
from lab_process import Pyinfra
from real_kubernetes import RealKubernetes

HOST = "@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"
PATH = "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer"
DEPLOY = """
from ops.kubernetes import objects
objects.cron_job(name="Run it every five minutes", schedule="*/5 * * * *")
"""


@pytest.mark.parametrize("groups", [("system:masters",), ()])
def test_somebody_is_who_the_certificate_says(
    real: Api, there: Pyinfra, real_kubernetes: RealKubernetes, groups: tuple[str, ...]
) -> None:
    user = f"operator-{len(groups)}"
    there.environment["KUBECONFIG"] = real_kubernetes.kubeconfig_of(user, *groups)
    before = len(real_kubernetes.requests())
    code, output = there.run(HOST, there.write(DEPLOY), "-y")
    seen = [
        one for one in real_kubernetes.requests()[before:] if one["requestURI"].startswith(PATH)
    ]
    assert {one["user"]["username"] for one in seen} == {user}
    schedule = real.send("GET", PATH).body["spec"]["schedule"]
    if groups:
        assert (code, schedule) == (0, "*/5 * * * *"), output
    else:
        assert (code, schedule) == (1, "* * * * *"), output
        assert f'User "{user}" cannot get resource "cronjobs"' in output
