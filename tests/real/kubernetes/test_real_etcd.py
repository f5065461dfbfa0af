"""An etcd whose answer is lost: the API server knows of no result, and the change is stored."""

import secrets

import pytest
from kubernetes_api import Api
from lab_process import Pyinfra
from real_kubernetes import RealKubernetes

HOST = "@kubernetes/databases/configmaps/dedup-experiment-config"
PATH = "/api/v1/namespaces/databases/configmaps/dedup-experiment-config"
DEPLOY = """
from ops.kubernetes import objects
objects.patch(name="Add a line", patch={{"data": {{"added": "{text}"}}}})
"""


@pytest.mark.parametrize("stall", [False, True], ids=["hangs up", "stalls"])
def test_what_was_stored_is_not_written_twice(
    real: Api, there: Pyinfra, real_kubernetes: RealKubernetes, stall: bool
) -> None:
    text = secrets.token_hex(16)
    deploy = there.write(DEPLOY.format(text=text))
    before = len(real_kubernetes.requests())
    real_kubernetes.lose_answer(text, stall)
    code, output = there.run(HOST, deploy, "-y")
    events = real_kubernetes.requests()[before:]
    written = [
        one["responseStatus"]["code"]
        for one in events
        if one["verb"] == "patch" and "dryRun=All" not in one["requestURI"]
    ]
    assert written == [504 if stall else 500], output
    assert code == 0, output
    assert "but it was done (read again)" in output
    assert real.send("GET", PATH).body["data"]["added"] == text
