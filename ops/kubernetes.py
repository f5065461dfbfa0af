"""Operations on Kubernetes objects that exist.

Every change is a merge patch whose difference the API itself computed (`dryRun=All`), and which the
API refuses when the object was changed in between (`resourceVersion`).
https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand

from ops.api.difference import difference, merged
from ops.api.operation import operation, read
from ops.api.request import Request, merge_patch
from ops.facts.kubernetes import Object, PatchedObject

# What the API server itself changes with every write is no difference of ours.
SERVER_FIELDS = ("resourceVersion", "generation", "managedFields", "creationTimestamp")


@operation
def patch(patch: Mapping[str, Any]) -> Iterator[PyinfraCommand]:
    """
    Merge fields into an object (JSON merge patch, RFC 7386).

    + patch: the fields to set; null removes a field

    Nothing is sent when the object already has the fields. Raises OperationError where the object
    cannot be read.

    **Example:**

    ```python
    kubernetes.patch(
        name="Suspend the job",
        patch={"spec": {"suspend": True}},
    )
    ```
    """
    yield from patch_requests(patch)


@operation
def cron_job(schedule: str | None = None, suspend: bool | None = None) -> Iterator[PyinfraCommand]:
    """
    Set when a CronJob runs.

    + schedule: five cron fields, such as `*/5 * * * *`; None leaves it as it is
    + suspend: whether new jobs are held back; None leaves it as it is

    **Example:**

    ```python
    kubernetes.cron_job(
        name="Let the enforcer run every five minutes",
        schedule="*/5 * * * *",
        suspend=False,
    )
    ```
    """
    yield from patch_requests({"spec": _given(schedule=schedule, suspend=suspend)})


@operation
def config_map(data: Mapping[str, str]) -> Iterator[PyinfraCommand]:
    """
    Set keys of a ConfigMap; other keys stay as they are.

    + data: text for each key

    **Example:**

    ```python
    kubernetes.config_map(
        name="Write the script",
        data={"enforce.sh": "#!/bin/sh\\nexit 0\\n"},
    )
    ```
    """
    yield from patch_requests({"data": dict(data)})


@operation
def annotations(annotations: Mapping[str, str | None]) -> Iterator[PyinfraCommand]:
    """
    Set annotations of an object; others stay as they are.

    + annotations: text for each key, or None to remove it

    **Example:**

    ```python
    kubernetes.annotations(
        name="Record the repair",
        annotations={"example.com/repaired": "2026-02-23T10:00:00Z"},
    )
    ```
    """
    yield from patch_requests({"metadata": {"annotations": dict(annotations)}})


def patch_requests(patch: Mapping[str, Any]) -> Iterator[Request]:
    """Yield the request that merges fields into the object, if it does not have them yet.

    + patch: the fields to set; null removes a field
    """
    yield from patch_of(read(host, Object), patch)


def patch_of(live: Mapping[str, Any], patch: Mapping[str, Any]) -> Iterator[Request]:
    """Yield the request that merges fields into an object that was read, if it lacks them.

    + live: the object as it was read; the API refuses the patch if it was changed since then
    + patch: the fields to set; null removes a field
    """
    if merged(live, patch) == live:  # A secret equals its value as the API has it.
        host.noop("the object already is as wanted")
        return
    wanted = read(host, PatchedObject, patch=dict(patch))
    changes = difference(_comparable(live), _comparable(wanted))
    if not changes:
        host.noop("the API says that nothing would change")
        return
    guard = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"]}}
    yield merge_patch(host.data.kubernetes_path, merged(patch, guard), changes)


def _comparable(document: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {k: v for k, v in document["metadata"].items() if k not in SERVER_FIELDS}
    return {**document, "metadata": metadata, "status": None}


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
