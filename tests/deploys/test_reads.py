"""What is read while a run is prepared is read once; what decides about a write is read anew."""

from collections import Counter
from typing import Any

import pytest
from lab_process import Lab, Pyinfra
from moments import TAGS

ENFORCER = "/apis/batch/v1/namespaces/gitlab-runner/cronjobs/runner-tag-enforcer"
# Asked for itself: where a command goes, and which versions a cluster serves of each resource.
OTHERWISE = ("/pods", "/apis/kafka.strimzi.io", "/api/graphql", "/selfsubjectaccessreviews")


def key(request: dict[str, Any]) -> str:
    return f"{request['method']} {request['path']} {request.get('query')} {request.get('body')}"


def repeated(lab: Lab, since: int) -> dict[str, int]:
    """Return the requests to GitLab's and Kubernetes' APIs that were sent more than once."""
    sent = Counter(
        key(request)
        for request in lab.requests()[since:]
        if request["system"] in ("gitlab", "kubernetes")
        and request["path"].startswith("/api")
        and not any(part in request["path"] for part in OTHERWISE)
    )
    return {request: count for request, count in sent.items() if count > 1}


@pytest.mark.parametrize("job", ["site", "overview", "fix_tags", "kafka_config", "pipelines"])
def test_a_preview_sends_no_read_twice(undisturbed: Lab, pyinfra: Pyinfra, job: str) -> None:
    since = len(undisturbed.requests())
    code, output = pyinfra.deploy(job, "--dry")
    assert code == 0 or job == "overview", output
    assert repeated(undisturbed, since) == {}


def test_the_execution_reads_again_before_it_writes(undisturbed: Lab, pyinfra: Pyinfra) -> None:
    pyinfra.environment["TAG_VERIFICATION_SECONDS"] = "1"
    code, output = pyinfra.deploy("fix_tags", "-y")
    assert code == 0, output
    assert undisturbed.tags() == TAGS
    sent = [f"{r['method']} {r['path']}" for r in undisturbed.requests()]
    writes = [
        number
        for number, request in enumerate(undisturbed.requests())
        if request["path"] == ENFORCER and request["method"] == "PATCH"
        and not (request.get("query") or {}).get("dryRun")
    ]  # fmt: skip
    reads = [number for number, request in enumerate(sent) if request == f"GET {ENFORCER}"]
    # Once in the preparation, and then between each two writes of its own.
    for before, after in zip([reads[0], *writes], writes, strict=False):
        assert any(before < read < after for read in reads), sent
