"""The forms of answers of the Kubernetes API, as far as something relies on them (`ops.api.form`).

`metadata` and its maps hold texts alone, whatever the object is; `spec` and `status` are objects.
"""

from typing import Any, NotRequired, TypedDict


class Owner(TypedDict):
    """An object that another one belongs to."""

    kind: str
    name: str


class Metadata(TypedDict):
    """https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/."""

    name: NotRequired[str]
    uid: NotRequired[str]
    resourceVersion: NotRequired[str]
    generation: NotRequired[int]
    creationTimestamp: NotRequired[str | None]
    deletionTimestamp: NotRequired[str | None]
    labels: NotRequired[dict[str, str] | None]
    annotations: NotRequired[dict[str, str] | None]
    ownerReferences: NotRequired[list[Owner] | None]
    managedFields: NotRequired[list[dict[str, Any]] | None]


class Object(TypedDict):
    """Any object."""

    kind: str
    metadata: NotRequired[Metadata]
    spec: NotRequired[dict[str, Any]]
    status: NotRequired[dict[str, Any]]
    data: NotRequired[dict[str, str] | None]


class NamedMetadata(Metadata):
    """Of an object in a list."""

    name: str  # type: ignore[misc]


class Container(TypedDict):
    """Of a pod."""

    name: str


class PodSpec(TypedDict):
    """What a pod is to be."""

    containers: list[Container]
    initContainers: NotRequired[list[Container] | None]
    volumes: NotRequired[list[Container] | None]


class Condition(TypedDict):
    """Of a pod."""

    type: str
    status: str
    reason: NotRequired[str | None]


class ContainerStatus(TypedDict):
    """What one container of a pod is."""

    state: NotRequired[dict[str, Any]]


class PodStatus(TypedDict):
    """What a pod is."""

    phase: NotRequired[str]
    conditions: NotRequired[list[Condition] | None]
    containerStatuses: NotRequired[list[ContainerStatus] | None]


class Pod(TypedDict):
    """A pod in a list."""

    metadata: NamedMetadata
    spec: NotRequired[PodSpec]
    status: NotRequired[PodStatus]


class Pods(TypedDict):
    """A list of pods."""

    items: list[Pod]


class Term(TypedDict):
    """One condition of a selector."""

    key: str
    operator: str
    values: NotRequired[list[str] | None]


class Selector(TypedDict):
    """Which pods are meant."""

    matchLabels: NotRequired[dict[str, str] | None]
    matchExpressions: NotRequired[list[Term] | None]


class BudgetSpec(TypedDict):
    """What a PodDisruptionBudget is to be."""

    selector: NotRequired[Selector | None]
    minAvailable: NotRequired[int | str | None]
    maxUnavailable: NotRequired[int | str | None]


class Budget(TypedDict):
    """A PodDisruptionBudget in a list."""

    metadata: NamedMetadata
    spec: BudgetSpec


class Budgets(TypedDict):
    """A list of PodDisruptionBudgets."""

    items: list[Budget]


class Verdict(TypedDict):
    """Of an access review."""

    allowed: bool
    reason: NotRequired[str | None]


class Review(TypedDict):
    """The answer to an access review."""

    status: Verdict


class Version(TypedDict):
    """The version of the API server; the minor one may end in a plus sign."""

    major: str
    minor: str


class BindingMetadata(NamedMetadata):
    """Of a binding; a ClusterRoleBinding is in no namespace."""

    namespace: NotRequired[str | None]


class Reference(TypedDict):
    """The role of a binding."""

    kind: str
    name: str


class Subject(TypedDict):
    """Somebody who is given a role."""

    kind: str
    name: str
    namespace: NotRequired[str | None]


class Binding(TypedDict):
    """A RoleBinding or ClusterRoleBinding in a list."""

    metadata: BindingMetadata
    roleRef: Reference
    subjects: NotRequired[list[Subject] | None]


class Bindings(TypedDict):
    """A list of bindings."""

    items: list[Binding]
