"""Another site: five runners, an Omnibus GitLab below /gitlab, no enforcer, no Kafka, one remote.

The Kubernetes API is reached directly. `examples/small/` is the inventory of it.
"""

from typing import Any

from lab.gitlab.initial import Installation, RunnerRow
from lab.kubernetes import initial
from lab.kubernetes.workloads.templates import Template
from lab.site.description import Description
from lab.site.small.project import NAMESPACE, PODS, PROJECT

RUNNERS: list[RunnerRow] = [
    (3, "build-1", ["amd64", "docker"], False, 3600),
    (4, "build-2", ["amd64", "docker"], False, 3600),
    (5, "build-arm", ["arm64", "docker"], False, None),
    (21, "mac-mini", ["macos"], False, 7200),
    (22, "deployer", ["production", "shell"], False, None),
]


def _objects() -> list[dict[str, Any]]:
    return initial.objects(("default", NAMESPACE))


DESCRIPTION = Description(
    # The tags were lost once; what is set stays.
    gitlab=Installation(RUNNERS, None, version="17.11.3", root="/gitlab", loses_tags=False),
    project=PROJECT,
    objects=_objects,
    pods=[Template(name, NAMESPACE, {"app": name}, "runner") for name in PODS.values()],
)
