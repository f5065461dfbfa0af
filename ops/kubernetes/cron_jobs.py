"""Operations on CronJobs that must be held back for a time.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.host import Host
from pyinfra.api.state import State

from ops.api.action import Action
from ops.api.console import report_problem
from ops.api.difference import merged
from ops.api.operation import operation, read
from ops.http.request import Request, merge_patch
from ops.http.watch import READ_ERRORS, ask, watch
from ops.kubernetes import reverses
from ops.kubernetes.facts import Object, PatchedObject
from ops.kubernetes.objects import patch_of

RUNNING_JOB_SECONDS = 300
CHANGED = (
    "somebody changed the CronJob while it was to be suspended, so what was observed meanwhile"
    " proves nothing: find out who (a colleague, GitOps), and run again"
)


@operation
def suspension(schedule: str, suspend: bool) -> Iterator[PyinfraCommand]:
    """
    Suspend a CronJob, and undo that if the run ends before it set the CronJob again.

    + schedule: five cron fields to go back to when a later step fails or the run is interrupted
    + suspend: whether to go back to a suspended CronJob

    A job of it that runs already is waited for: suspending does not stop it. The rollback is sent
    when pyinfra disconnects: after an error, Ctrl-C, SIGTERM or SIGHUP. A killed process (SIGKILL)
    cannot send it; the next run finds the CronJob suspended and starts here. Raises OperationError
    where its state cannot be read, and where the API would refuse the rollback (`dryRun=All`).

    **Example:**

    ```python
    cron_jobs.suspension(
        name="Suspend the enforcer during the proof",
        schedule="* * * * *",
        suspend=False,
    )
    ```
    """
    before = read(host, Object)
    rollback = {"spec": {"schedule": schedule, "suspend": suspend}}
    if before is not None and merged(before, rollback) != before:
        read(host, PatchedObject, patch=rollback)  # Refused at the end, it would stay suspended.
    request = merge_patch(host.data.kubernetes_path, rollback)
    if before is not None:
        suspended = merged(before, {"spec": {"suspend": True}})
        request.taken_back_by(reverses.of_patch(suspended, merged(before, rollback)))
    yield Action(
        f"go back to schedule {schedule!r}, suspend {str(suspend).lower()} if a later step fails",
        _put_back_on_failure,
        request,
    )
    yield from patch_of(before, {"spec": {"suspend": True}})
    yield Action("wait until no job of it runs any more", _wait_until_idle)


@operation
def schedule(schedule: str | None = None, suspend: bool | None = None) -> Iterator[PyinfraCommand]:
    """
    Set when a CronJob runs and forget the rollback of `suspension`.

    + schedule: five cron fields; None leaves it as it is
    + suspend: whether new jobs are held back; None leaves it as it is

    It fails where somebody changed the CronJob since it was suspended in this run: what was
    observed meanwhile then proves nothing. Raises OperationError where its state cannot be read.

    **Example:**

    ```python
    cron_jobs.schedule(
        name="Set the enforcer's regular schedule",
        schedule="*/5 * * * *",
        suspend=False,
    )
    ```
    """
    wanted = {"schedule": schedule, "suspend": suspend}
    patch = {"spec": {name: value for name, value in wanted.items() if value is not None}}
    yield Action("see that it stayed suspended", _stayed_suspended)
    yield from patch_of(read(host, Object), patch)
    yield Action("forget the rollback", _put_back_on_failure, None)


def _put_back_on_failure(state: State, host: Host, request: Request | None) -> bool:
    host.connector.put_back = request  # type: ignore[attr-defined]
    return True


def _wait_until_idle(state: State, host: Host) -> bool:
    live: Mapping[str, Any] = {}

    def look(elapsed: float) -> bool | None:
        nonlocal live
        live = ask(host, Object)
        return None if live.get("status", {}).get("active") else True

    idle = watch(
        host,
        look,
        seconds=RUNNING_JOB_SECONDS,
        interval=2,
        waiting=lambda: "a job that was started before still runs",
    )
    if idle is None:
        report_problem(
            host, [f"a job of it still runs after {RUNNING_JOB_SECONDS} s: look at its pod"]
        )
    if not idle:
        return False
    if not live["spec"].get("suspend"):
        report_problem(host, [CHANGED])  # Since our own request, right before.
        return False
    host.connector.suspended_generation = _generation(live)  # type: ignore[attr-defined]
    return True


def _stayed_suspended(state: State, host: Host) -> bool:
    suspended = getattr(host.connector, "suspended_generation", None)
    try:
        live = ask(host, Object)
    except READ_ERRORS as error:
        report_problem(host, [f"whether it stayed suspended could not be read: {error}"])
        return False
    if suspended is None or _generation(live) == suspended:
        return True
    report_problem(host, [CHANGED])
    return False


def _generation(document: Mapping[str, Any]) -> int:
    return int(document["metadata"].get("generation", 0))
