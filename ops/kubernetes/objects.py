"""Operations on Kubernetes objects.

Here a change is a merge patch of an object that exists, or a server-side apply, which also makes
one. Either names the version that was read, if there was one, and the API refuses it where the
object was changed since. The difference is what the API itself computes (`dryRun=All`). Values in
a JSON text in a ConfigMap are compared one by one, and replaced exactly where they stand.
https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationError

from ops.api import json_text
from ops.api.difference import difference, json_differences, merged
from ops.api.operation import operation, read
from ops.api.secret import Secret, reveal
from ops.api.unchangeable import Unchangeable
from ops.http.request import Request, apply, merge_patch
from ops.kubernetes import reverses
from ops.kubernetes.facts import Object, PatchedObject
from ops.kubernetes.reverses import comparable
from ops.kubernetes.server_side import application


@operation
def patch(patch: Mapping[str, Any]) -> Iterator[PyinfraCommand]:
    """
    Merge fields into an object (JSON merge patch, RFC 7386).

    + patch: the fields to set; null removes a field

    Nothing is sent when the object already has the fields. Raises OperationError where the object
    cannot be read.

    **Example:**

    ```python
    objects.patch(
        name="Suspend the job",
        patch={"spec": {"suspend": True}},
    )
    ```
    """
    yield from patch_requests(patch)


@operation
def server_side_apply(
    document: Mapping[str, Any], manager: str, taken_over: Collection[str] = ()
) -> Iterator[PyinfraCommand]:
    """
    Have an object with these fields, made where it is missing (server-side apply).

    + document: the fields to have, with apiVersion, kind and metadata.name
    + manager: name under which the API remembers who owns these fields
    + taken_over: names of managers, such as "kubectl-create", whose fields may be taken over

    The preview is what the API itself computes. A field that another manager owns with another
    value is a conflict, unless all other managers of the object are among `taken_over`. Nothing is
    taken away from the `rules` of a role and the `subjects` of a binding: what is missing is added.
    Raises OperationError where the object cannot be read, where the API refuses the document, and
    where a binding is one of another role, which the API lets nobody change.

    **Example:**

    ```python
    objects.server_side_apply(
        name="Have the role",
        document={
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "example"},
            "rules": [],
        },
        manager="site-operations",
    )
    ```
    """
    yield from apply_requests(document, manager, taken_over)


@operation
def cron_job(schedule: str | None = None, suspend: bool | None = None) -> Iterator[PyinfraCommand]:
    """
    Set when a CronJob runs.

    + schedule: five cron fields, such as `*/5 * * * *`; None leaves it as it is
    + suspend: whether new jobs are held back; None leaves it as it is

    Raises OperationError where its state cannot be read.

    **Example:**

    ```python
    objects.cron_job(
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
    objects.config_map(
        name="Write the script",
        data={"enforce.sh": "#!/bin/sh\\nexit 0\\n"},
    )
    ```
    """
    yield from patch_requests({"data": dict(data)})


@operation
def json_in_config_map(key: str, values: json_text.Values) -> Iterator[PyinfraCommand]:
    """
    Set values in a JSON document that is the text of a ConfigMap's key.

    + key: of the ConfigMap's data
    + values: a value for each JSONPath (RFC 9535); the rest stays to the last character

    The preview shows these values, with passwords as fingerprints. Raises OperationError where a
    path does not lead to exactly one value, and where the API would store another document.

    **Example:**

    ```python
    objects.json_in_config_map(
        name="Set Kafka's port",
        key="config.json",
        values={"$.databases[?@.system == 'kafka'].port": 9094},
    )
    ```
    """
    yield from json_requests(key, values)


def json_requests(key: str, values: json_text.Values) -> Iterator[Request]:
    """Yield the request that sets values in the JSON text of a key, if it does not have them.

    + key, values: as of `json_in_config_map`
    """
    live = read(host, Object) or {}
    text = reveal((live.get("data") or {}).get(key))
    if text is None:
        raise OperationError(f"{host.name}: it has no key {key}, or does not exist")
    try:
        new = json_text.with_values(text, values, key)
        if new == text:
            host.noop(f"{key} already has these values")
            return
        patch = {"data": {key: Secret(new)}}
        stored = reveal(read(host, PatchedObject, patch=patch)["data"][key])
        is_other = bool(json_differences(stored, values, key))
        lines = json_differences(text, values, key)
    except Unchangeable as error:
        raise OperationError(f"{host.name}: {error}, so it is not changed") from None
    if is_other:
        raise OperationError(f"{host.name}: the API would store other values of {key}")
    guard = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"]}}
    request = merge_patch(host.data.kubernetes_path, {**patch, **guard}, lines)
    yield request.taken_back_by(reverses.of_json(live, key, text, values))


@operation
def annotations(annotations: Mapping[str, str | None]) -> Iterator[PyinfraCommand]:
    """
    Set annotations of an object; others stay as they are.

    + annotations: text for each key, or None to remove it

    **Example:**

    ```python
    objects.annotations(
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


def patch_of(live: Mapping[str, Any] | None, patch: Mapping[str, Any]) -> Iterator[Request]:
    """Yield the request that merges fields into an object that was read, if it lacks them.

    + live: the object as it was read; the API refuses the patch if it was changed since then
    + patch: the fields to set; null removes a field
    """
    if live is None:
        raise OperationError(f"{host.name} does not exist, so it cannot be changed")
    if merged(live, patch) == live:  # A secret equals its value as the API has it.
        host.noop("the object already is as wanted")
        return
    wanted = read(host, PatchedObject, patch=dict(patch))
    changes = difference(comparable(live), comparable(wanted))
    if not changes:
        host.noop("the API says that nothing would change")
        return
    guard = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"]}}
    request = merge_patch(host.data.kubernetes_path, merged(patch, guard), changes)
    yield request.taken_back_by(reverses.of_patch(live, wanted))


def apply_requests(
    document: Mapping[str, Any], manager: str, taken_over: Collection[str] = ()
) -> Iterator[Request]:
    """Yield the request that applies a document, if the object is not so yet.

    + document, manager, taken_over: as of `server_side_apply`
    """
    document, force, live, wanted = application(host, document, manager, taken_over)
    changes = difference(comparable(live or {"metadata": {}}), comparable(wanted))
    if live is not None and not changes:
        host.noop("the object already is as wanted")
        return
    if live is not None:
        # With the uid an object that was deleted meanwhile is not made again.
        guard = {name: live["metadata"][name] for name in ("uid", "resourceVersion")}
        document = {**document, "metadata": {**document["metadata"], **guard}}
    back = reverses.of_making(wanted) if live is None else reverses.of_patch(live, wanted)
    request = apply(host.data.kubernetes_path, document, manager, changes, force=force)
    yield request.taken_back_by(back)


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
