"""The repair of the runner tags: what it has to know of several hosts, read once for a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyinfra import context
from pyinfra.api import deploy
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops import enforcer, migration
from ops.api.consent import consent
from ops.api.console import report
from ops.api.hosts import only
from ops.api.losses import missing_tags
from ops.api.operation import read
from ops.api.outcome import succeeded
from ops.api.repair import REPAIRS
from ops.facts.gitlab import BatchedBackgroundMigrations, Runners, Version
from ops.facts.kubernetes import Object
from ops.gitlab import check_tag_removal, mass_wipe
from ops.migration import check_repair
from ops.once import once

DEPLOY, MIGRATION = "Migration", "Run it down and up"
ISSUE = "https://gitlab.com/gitlab-org/gitlab/-/issues/524402"


@dataclass(frozen=True)
class Situation:
    """The state of the site as far as the repair of the tags needs it.

    + wanted: the tags that each runner must have, by id
    + runners: the live settings of all runners, by id
    + schedule, suspend: of the enforcer's CronJob
    + enforcer_environment: names of the variables that it sets, or None where that is not known
    + record: what the CronJob's annotation says of the migration: "", "started …" or "finished …"
    + gitlab_version: such as "17.9.2"
    + queued: whether the migration has queued its background job since the record says "started"
    """

    wanted: Mapping[int, set[str]]
    runners: Mapping[int, Mapping[str, Any]]
    schedule: str
    suspend: bool
    enforcer_environment: set[str] | None
    record: str
    gitlab_version: str
    queued: bool

    def proven(self, schedule: str, suspend: bool, rerun: bool) -> bool:
        """Return whether tags are right and the enforcer is relaxed: the end of a proven run.

        A migration that was begun and did not end, or is to run again, is no such end.
        """
        relaxed = self.suspend == suspend and (suspend or self.schedule == schedule)
        unfinished = rerun or self.record.startswith("started")
        return relaxed and not unfinished and not missing_tags(self.wanted, self.runners)

    def migration_due(self, repair: str, again: bool) -> bool:
        """Return whether the migration has to run, as far as the record on the cluster says."""
        if repair == "none":
            return False
        return again or not (self.record.startswith("finished") or self.queued)


def situation(inventory: Inventory) -> Situation:
    """Read the situation once for a run; every host that runs the deploy gets the same.

    Raises OperationError where a part of it cannot be read.
    """
    return once("situation", lambda: _read(inventory))


def live_runners(host: Host) -> Mapping[int, Mapping[str, Any]]:
    """Read the settings of all runners once for a run, and see that they are the inventory's.

    + host: any resource of GitLab, which is asked
    """
    return once("live runners", lambda: _live_runners(host))


def tag_table(inventory: Inventory) -> dict[int, set[str]]:
    """Return the tags of each runner of the inventory by its id: the one table of this site."""
    return {runner_id(runner): set(runner.data.tags) for runner in inventory.get_group("runners")}


def runner_id(host: Host) -> int:
    """Return the id of the runner that a host is."""
    return int(host.data.gitlab_path.rpartition("/")[2])


def report_proven(host: Host, found: Situation) -> None:
    """Print once that there is nothing to do, and why."""
    if "gitlab" in host.groups:
        state = "suspended" if found.suspend else f"at {found.schedule!r}"
        text = f"all {len(found.wanted)} runners have their tags and the enforcer is {state}"
        report(host, [f"{text}: proven before, nothing to do"])


def diagnose(host: Host, found: Situation) -> None:
    """Print what is known to be behind tags that are gone on many runners at once."""
    diagnosis = mass_wipe(found.wanted, found.runners)
    if diagnosis:
        report(host, [diagnosis, ISSUE])


@deploy(DEPLOY)
def repair_database(found: Situation) -> None:
    """Run the repair's migration where it is due, and record that on the cluster.

    + found: the situation of the site

    It has a part for the toolbox and one for the enforcer's CronJob, which carries the record.
    """
    host = context.host
    data = host.data
    again = consent(host, "rerun_migration")
    due = found.migration_due(data.tag_repair, again)
    if due:
        # With -y the operations check this too late: after the record of the start.
        check_repair(host.name, data.tag_repair, found.gitlab_version, _any_version(host))
    if "enforcer" in host.groups and due:
        migration.record(name="Record the start", repair=data.tag_repair, word="started")
    if "toolbox" in host.groups and due:
        migration.rerun(
            name=MIGRATION,
            repair=data.tag_repair,
            gitlab_version=found.gitlab_version,
            rails_directory=data.gitlab_rails_directory,
            timeout=data.migration_timeout,
            database=data.migration_database,
            any_version=_any_version(host),
            again=again,
        )
    if "enforcer" in host.groups and data.tag_repair != "none":
        migration.record(
            name="Record the end",
            repair=data.tag_repair,
            word="finished",
            _if=succeeded(f"{DEPLOY} | {MIGRATION}") if due else None,
        )


def check_removal(host: Host) -> bool:
    """Return whether tags may be taken away from the runner that a host is.

    Only GitLab is asked, so that tags can be set while the cluster is down. Raises
    OperationValueError where the runner has a tag too many and there is no consent; with -y the
    operation itself would find that out after other runners were changed.
    """
    allowed = consent(host, "allow_tag_removal")
    live = live_runners(host).get(runner_id(host))
    if live is not None:
        check_tag_removal(host, set(live["tag_list"]), set(host.data.tags), allowed)
    return allowed


def check_names(inventory: Inventory, live: Mapping[int, Mapping[str, Any]]) -> None:
    """Raise OperationValueError where an id of the inventory is another runner than it says.

    + inventory: has the id and the description of each runner
    + live: settings of all runners of the installation, by id

    Tags on the wrong runner send jobs to a machine that cannot do them.
    """
    for runner in inventory.get_group("runners"):
        number, name = runner_id(runner), runner.data.description
        if number not in live:
            continue  # The host itself has reported that.
        if live[number]["description"] != name:
            raise OperationValueError(
                f"{runner.name} is {live[number]['description']!r} in GitLab, and {name!r} in the"
                " inventory: correct the id or the description there"
            )
        same = sorted(n for n, settings in live.items() if settings["description"] == name)
        if len(same) > 1:
            raise OperationValueError(
                f"runners {same} are all called {name!r}, so it is not certain which one is meant:"
                " rename or remove the others in GitLab"
            )


def _any_version(host: Host) -> bool:
    return consent(host, "migration_any_version")


def advice(repair: str) -> list[str]:
    """Return what to try next when the tags do not last although the repair was done."""
    other = "force-copy" if repair == "requeue" else "requeue"
    return [
        "The database still loses tags. What to try next, after reading docs/fix_tags.md:",
        f"  1. the other repair: --data tag_repair={other}",
        f"  2. the same one again: --data tag_repair={repair} --data rerun_migration=true",
        f"  3. the issue at GitLab: {ISSUE}",
    ]


def _live_runners(host: Host) -> Mapping[int, Mapping[str, Any]]:
    runners: Mapping[int, Mapping[str, Any]] = read(host, Runners)
    check_names(context.inventory, runners)
    return runners


def _read(inventory: Inventory) -> Situation:
    gitlab = only(inventory, "gitlab")
    runners = live_runners(gitlab)
    cron_job = read(only(inventory, "enforcer"), Object)
    repair = gitlab.data.tag_repair
    notes = cron_job["metadata"].get("annotations") or {}
    record = notes.get(migration.record_name(repair), "")
    return Situation(
        wanted=tag_table(inventory),
        runners=runners,
        schedule=cron_job["spec"]["schedule"],
        suspend=bool(cron_job["spec"].get("suspend")),
        enforcer_environment=enforcer.environment(cron_job),
        record=record,
        gitlab_version=read(gitlab, Version),
        queued=_queued_since(gitlab, repair, record),
    )


def _queued_since(gitlab: Host, repair: str, record: str) -> bool:
    """Return whether the migration went up after the record's start.

    `up` queues a background job as its last act. Where the job's own log is lost with its pod, this
    tells a migration that was done from one that was cut off before it began.
    """
    if not record.startswith("started ") or repair not in REPAIRS:
        return False
    job_class = REPAIRS[repair].background_job
    if job_class is None:
        return False
    database = gitlab.data.migration_database or "main"
    queued = read(gitlab, BatchedBackgroundMigrations, job_class_name=job_class, database=database)
    started = datetime.fromisoformat(record.split()[1])
    # Older versions of GitLab ignore the filter by class.
    return any(
        migration["job_class_name"] == job_class
        and datetime.fromisoformat(migration["created_at"]) >= started
        for migration in queued
    )
