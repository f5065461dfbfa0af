"""Operations on the database migrations of a GitLab installation, run in its toolbox."""

from collections.abc import Iterator
from datetime import UTC, datetime

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError

from ops.api.action import Action
from ops.api.operation import operation, read
from ops.kubernetes.facts import Object
from ops.kubernetes.objects import patch_requests
from ops.shell.detached import Watch, complaint, start, wait
from ops.shell.elsewhere import check_start
from ops.shell.facts import DetachedJob
from ops.site.tag_repair.facts import MigrationFile
from ops.site.tag_repair.repairs import REPAIRS


@operation
def rerun(
    repair: str,
    gitlab_version: str,
    rails_directory: str,
    timeout: float = 600,
    interval: float = 2,
    database: str = "",
    any_version: bool = False,
    again: bool = False,
) -> Iterator[PyinfraCommand]:
    """
    Run a repair's migration down and up again, once, in a job that outlives the connection.

    + repair: "requeue" or "force-copy" (`ops.api.repair`)
    + gitlab_version: version of the installation, such as "17.9.2"
    + rails_directory: Rails directory in the toolbox, `/srv/gitlab` in the Helm chart
    + timeout: seconds to wait for the job; it is not stopped after that
    + interval: seconds between polls
    + database: "" for one database; "ci" where the databases are decomposed
    + any_version: approval to a GitLab version for which the repair is not meant
    + again: run it although a former job has finished well

    The job reads the migration's status and does what is missing, so after a broken attempt it only
    goes up. Done is what the line with `migrated (` says, not the exit code. Raises
    OperationValueError where the version is refused or the migration's file is missing.

    **Example:**

    ```python
    migration.rerun(
        name="Run the migration again",
        repair="requeue",
        gitlab_version="17.9.2",
        rails_directory="/srv/gitlab",
    )
    ```
    """
    check_repair(host.name, repair, gitlab_version, any_version)
    chosen = REPAIRS[repair]
    file = read(host, MigrationFile, directory=rails_directory, migration=chosen.name)
    if file is None:
        raise OperationValueError(
            f"{host.name}: {rails_directory} has no file of migration {chosen.name}: this GitLab"
            " is too old or too new for it, or gitlab_rails_directory is wrong"
        )
    job = job_of(repair)
    settings = Watch(job, timeout, interval, chosen.success_lines())
    current = read(host, DetachedJob, job=job, patterns=settings.success)
    if current.state == "finished" and not complaint(current, settings) and not again:
        host.noop("the job has finished well already")
        return
    if current.state != "running":
        check_start(host, job)
        begin = start(chosen.script(rails_directory, database), job, current)
        begin.summary = f"start job {job}: gitlab-rake db:migrate:down and up of {file}"
        begin.changes = [f"migration {chosen.name}: status unknown until run -> up"]
        begin.unknown_until_run = True
        yield begin
    yield Action(f"wait at most {timeout} s for job {job}", wait, settings)


@operation
def record(annotation: str, word: str) -> Iterator[PyinfraCommand]:
    """
    Record on the cluster what is known of a repair's migration: an annotation of the host's object.

    + annotation: its name, such as "example.org/migration-requeue"
    + word: "started" or "finished"; the time is added, and an older record of the same word is kept

    **Example:**

    ```python
    migration.record(
        name="Record the end",
        annotation="example.org/migration-requeue",
        word="finished",
    )
    ```
    """
    notes = read(host, Object)["metadata"].get("annotations") or {}
    if notes.get(annotation, "").startswith(word):
        host.noop(f"it says {word} already")
        return
    text = f"{word} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    yield from patch_requests({"metadata": {"annotations": {annotation: text}}})


def job_of(repair: str) -> str:
    """Return the id of the job that carries out a repair."""
    return f"migration-{repair}"


def check_repair(where: str, repair: str, gitlab_version: str, any_version: bool) -> None:
    """Raise OperationValueError where a repair is unknown, or not meant for a GitLab version.

    + where: name of the host that is to carry it out
    + repair, gitlab_version, any_version: as in `rerun`
    """
    if repair not in REPAIRS:
        raise OperationValueError(f"tag_repair {repair!r} is unknown: {', '.join(REPAIRS)} or none")
    refusal = REPAIRS[repair].refusal(gitlab_version)
    if refusal and not any_version:
        raise OperationValueError(
            f"{where}: repair {repair!r} is refused: {refusal}. Read docs/fix_tags.md about"
            " the other repair, or approve it with --data migration_any_version=true"
        )
