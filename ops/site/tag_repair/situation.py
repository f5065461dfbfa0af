"""The repair of the runner tags: what it has to know of several hosts, read once for a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops.api.console import report
from ops.api.hosts import has, left_out, only, perhaps
from ops.api.once import once
from ops.api.operation import read
from ops.api.secret import reveal
from ops.gitlab.facts.instance import BatchedBackgroundMigrations, Version
from ops.gitlab.runners.inventory import live_runners, tag_table
from ops.gitlab.runners.losses import missing_tags
from ops.gitlab.runners.operations import mass_wipe
from ops.kubernetes.facts import Object
from ops.site.settings import Enforcer, Toolbox
from ops.site.tag_repair import enforcer
from ops.site.tag_repair.repairs import REPAIRS

SCRIPT_KEY = "enforce.sh"
ISSUE = "https://gitlab.com/gitlab-org/gitlab/-/issues/524402"


@dataclass(frozen=True)
class Situation:
    """The state of the site as far as the repair of the tags needs it.

    + wanted: the tags that each runner must have, by id
    + runners: the live settings of all runners, by id
    + has_enforcer: whether the site has a CronJob that sets lost tags again
    + schedule, suspend: of that CronJob
    + enforcer_environment: names of the variables that it sets, or None where that is not known
    + record: what the CronJob's annotation says of the migration: "", "started …" or "finished …"
    + cron_job: that CronJob itself
    + script: the text of its script in the ConfigMap, or None where there is none
    + gitlab_version: such as "17.9.2"
    + queued: whether the migration has queued its background job since the record says "started"
    """

    wanted: Mapping[int, set[str]]
    runners: Mapping[int, Mapping[str, Any]]
    has_enforcer: bool
    schedule: str
    suspend: bool
    enforcer_environment: set[str] | None
    record: str
    cron_job: Mapping[str, Any] | None
    script: str | None
    gitlab_version: str
    queued: bool

    def proven(self, schedule: str, suspend: bool, rerun: bool) -> bool:
        """Return whether tags are right and the enforcer is on schedule: the end of a proven run.

        A migration that was begun and did not end, or is to run again, is no such end. Without an
        enforcer nothing hides a loss, so tags that are there have lasted since they were set.

        + schedule, suspend: of the enforcer after the proof; of no use where there is none
        """
        regular = not self.has_enforcer or (
            self.suspend == suspend and (suspend or self.schedule == schedule)
        )
        unfinished = rerun or self.record.startswith("started")
        return regular and not unfinished and not missing_tags(self.wanted, self.runners)

    def migration_due(self, again: bool) -> bool:
        """Return whether the migration has to run, as far as the record on the cluster says."""
        return again or not (self.record.startswith("finished") or self.queued)


def situation(inventory: Inventory) -> Situation:
    """Read the situation once for a run; every host that runs the deploy gets the same.

    Raises OperationError where a part of it cannot be read.
    """
    return once("situation", lambda: _read(inventory))


def chosen_repair(inventory: Inventory) -> Toolbox | None:
    """Return how the database is repaired, or None where that is not done, or not possible."""
    if not has(inventory, "toolbox"):
        return None
    chosen = Toolbox.of(inventory)
    return None if chosen.tag_repair == "none" else chosen


def record_name(inventory: Inventory) -> str:
    """Return the annotation of the enforcer's CronJob that records the migration of the repair."""
    prefix, repair = Enforcer.of(inventory).migration_annotation_prefix, chosen_repair(inventory)
    return f"{prefix}{repair.tag_repair if repair else 'none'}"


def can_prove(inventory: Inventory, found: Situation) -> bool:
    """Return whether this run can repair the database and prove it; print what is known of it.

    The proof is one only with the enforcer suspended and after the repair. So where `--limit`
    leaves out a host of these, there is neither.
    """
    gitlab = only(inventory, "gitlab")
    diagnosis = mass_wipe(found.wanted, found.runners)
    if diagnosis:
        lines = [f"{diagnosis} {_about_the_repair(inventory)} {ISSUE}"]
        once(diagnosis, lambda: report(gitlab, lines))
    names = left_out(inventory, "gitlab", "enforcer", "toolbox")
    if names:
        text = f"--limit leaves out {', '.join(names)}"
        text += ": the database is not repaired, and nothing is proven"
        once(text, lambda: report(gitlab, [text]))
    return not names


def _about_the_repair(inventory: Inventory) -> str:
    if chosen_repair(inventory):
        return "So the repair comes first."
    why = "tag_repair is none" if has(inventory, "toolbox") else "the inventory has no toolbox"
    return f"It is not repaired here, for {why}; the proof tells whether it has to be."


def _read(inventory: Inventory) -> Situation:
    gitlab = only(inventory, "gitlab")
    runners = live_runners(gitlab)
    cron_job_host = perhaps(inventory, "enforcer")
    cron_job = read(cron_job_host, Object) if cron_job_host else None
    repair, record = chosen_repair(inventory), ""
    if cron_job:
        notes = cron_job["metadata"].get("annotations") or {}
        record = notes.get(record_name(inventory), "")
    spec = cron_job["spec"] if cron_job else {}
    return Situation(
        wanted=tag_table(inventory),
        runners=runners,
        has_enforcer=cron_job is not None,
        schedule=spec.get("schedule", ""),
        suspend=bool(spec.get("suspend")),
        enforcer_environment=enforcer.environment(cron_job) if cron_job else None,
        record=record,
        cron_job=cron_job,
        script=_script(inventory),
        gitlab_version=read(gitlab, Version),
        queued=_queued_since(gitlab, repair, record),
    )


def _script(inventory: Inventory) -> str | None:
    config_map = perhaps(inventory, "enforcer_script")
    live = read(config_map, Object) if config_map else None
    text = reveal(((live or {}).get("data") or {}).get(SCRIPT_KEY))
    return None if text is None else str(text)


def _queued_since(gitlab: Host, repair: Toolbox | None, record: str) -> bool:
    """Return whether the migration went up after the record's start.

    `up` queues a background job as its last act. Where the job's own log is lost with its pod, this
    tells a migration that was done from one that was cut off before it began.
    """
    if repair is None or not record.startswith("started "):
        return False
    job_class = REPAIRS[repair.tag_repair].background_job
    if job_class is None:
        return False
    database = repair.migration_database or "main"
    queued = read(gitlab, BatchedBackgroundMigrations, job_class_name=job_class, database=database)
    started = datetime.fromisoformat(record.split()[1])
    # Older versions of GitLab ignore the filter by class.
    return any(
        migration["job_class_name"] == job_class
        and datetime.fromisoformat(migration["created_at"]) >= started
        for migration in queued
    )
