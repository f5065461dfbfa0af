"""A job of a host whose pod was replaced: whether it may still run in the former one.

A detached job has its files where it runs, so a new pod knows nothing of it. While the former pod
is being deleted, or its node does not answer, what was begun there goes on.
"""

from pyinfra.api.exceptions import FactProcessError, OperationError
from pyinfra.api.host import Host

from ops.api.operation import read
from ops.api.visible import cut
from ops.shell.detached_script import STATE_DIRECTORY
from ops.shell.facts import DetachedJob

CALL_SECONDS = 30


def still_elsewhere(host: Host, job: str, directory: str = STATE_DIRECTORY) -> str:
    """Return where else a job of a host runs, or may run; an empty text where it does not.

    + job: id of the job
    + directory: state directory on the host

    Raises OSError where that cannot be found out. Only a connector whose hosts are replaced
    (`@pod`) has other places.
    """
    places = getattr(host.connector, "elsewhere", None)
    if places is None:
        return ""
    fact = DetachedJob()
    for place, (done, output) in places(fact.command(job, directory=directory), CALL_SECONDS):
        try:
            state = fact.process(output.stdout_lines) if done else None
        except FactProcessError:
            state = None
        if state is None:
            why = cut(" ".join(output.stderr_lines), 200) or "its answer is cut off"
            return f"it may still run in {place}, which does not answer ({why})"
        if state.state == "running":
            return f"it still runs in {place}, as pid {state.pid}"
    return ""


def check_start(host: Host, job: str, directory: str = STATE_DIRECTORY) -> None:
    """Raise OperationError where a job must not be started, for it may still run in another pod.

    + job: id of the job
    + directory: state directory on the host
    """
    try:
        reason = still_elsewhere(host, job, directory)
    except OSError as error:
        raise OperationError(f"{host.name}: whether job {job} runs is unknown: {error}") from None
    if not reason or read(host, DetachedJob, job=job, directory=directory).state == "running":
        return
    raise OperationError(
        f"{host.name}: job {job} is not started, for {reason}. Run again when that pod is gone; one"
        " whose node is off for good goes with kubectl delete pod --force"
    )
