"""What makes one site differ from another: its data, and which systems there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.gitlab.initial import Installation, ProjectData
from lab.kubernetes.workloads.pods import Programs
from lab.kubernetes.workloads.templates import Template
from lab.ssh.control_node import Address


@dataclass(frozen=True)
class Description:
    """A site in the beginning, broken as the real one was.

    + objects: returns the Kubernetes objects other than pods
    + pods, programs: what pods are made from, and what is installed in their containers
    + control_node: the way to the Kubernetes API; None where that is reached directly
    + has_enforcer, has_kafka: whether the cluster has the tag enforcer, and Kafka with its operator
    """

    gitlab: Installation
    project: ProjectData
    objects: Callable[[], list[dict[str, Any]]]
    pods: Sequence[Template] = ()
    programs: Programs = field(default_factory=dict)
    control_node: Address | None = None
    has_enforcer: bool = False
    has_kafka: bool = False

    @property
    def has_toolbox(self) -> bool:
        """Whether a pod has gitlab-rake; an Omnibus installation has it on its own machine."""
        return "toolbox" in self.programs

    @property
    def remotes(self) -> Mapping[str, str]:
        """The paths of the repository by the name of the remote."""
        return self.project.repository.paths
