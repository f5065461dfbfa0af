"""Operations on Kubernetes objects that exist.

Every change is a merge patch whose difference the API itself computed (`dryRun=All`), and which the
API refuses when the object was changed in between (`resourceVersion`).
https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.difference import difference, merged
from ops.api.operation import operation, read
from ops.api.request import Request, merge_patch
from ops.api.stop import stop_on_signals
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


@operation
def suspended_for_now(schedule: str, suspend: bool) -> Iterator[PyinfraCommand]:
    """
    Suspend a CronJob, and undo that if the run ends before it set the CronJob again.

    + schedule: five cron fields to go back to when a later step fails or the run is interrupted
    + suspend: whether to go back to a suspended CronJob

    The way back is sent when pyinfra disconnects: after an error, Ctrl-C or SIGTERM. A killed
    process (SIGKILL) cannot send it; the next run finds the CronJob suspended and starts here.

    **Example:**

    ```python
    kubernetes.suspended_for_now(
        name="Suspend the enforcer during the proof",
        schedule="* * * * *",
        suspend=False,
    )
    ```
    """
    before = read(host, Object)
    way_back = {"spec": {"schedule": schedule, "suspend": suspend}}
    yield Action(
        f"go back to schedule {schedule!r}, suspend {str(suspend).lower()} if a later step fails",
        _put_back_on_failure,
        merge_patch(host.data.kubernetes_path, way_back),
    )
    yield from _patch_of(before, {"spec": {"suspend": True}})


@operation
def settled(schedule: str | None = None, suspend: bool | None = None) -> Iterator[PyinfraCommand]:
    """
    Set when a CronJob runs and forget the way back of `suspended_for_now`.

    + schedule: five cron fields; None leaves it as it is
    + suspend: whether new jobs are held back; None leaves it as it is

    **Example:**

    ```python
    kubernetes.settled(
        name="Relax the enforcer",
        schedule="*/5 * * * *",
        suspend=False,
    )
    ```
    """
    yield from patch_requests({"spec": _given(schedule=schedule, suspend=suspend)})
    yield Action("forget the way back", _put_back_on_failure, None)


def patch_requests(patch: Mapping[str, Any]) -> Iterator[Request]:
    """Yield the request that merges fields into the object, if it does not have them yet.

    + patch: the fields to set; null removes a field
    """
    yield from _patch_of(read(host, Object), patch)


def _patch_of(live: Mapping[str, Any], patch: Mapping[str, Any]) -> Iterator[Request]:
    if merged(live, patch) == live:
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


def _put_back_on_failure(state: State, host: Host, request: Request | None) -> bool:
    if request is not None:
        stop_on_signals()
    host.connector.put_back = request  # type: ignore[attr-defined]
    return True
