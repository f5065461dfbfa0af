"""The repair of the database behind the runner tags, and what else a run of it writes."""

from pyinfra import context
from pyinfra.api import deploy
from pyinfra.api.inventory import Inventory

from ops.api.hosts import has
from ops.api.outcome import succeeded
from ops.shell.elsewhere import check_start
from ops.site.settings import Enforcer, Toolbox
from ops.site.tag_repair import enforcer, migration
from ops.site.tag_repair.migration import check_repair
from ops.site.tag_repair.protection import Protection
from ops.site.tag_repair.situation import ISSUE, Situation, chosen_repair, record_name

DEPLOY, MIGRATION = "Migration", "Run it down and up"


def enforcer_script(inventory: Inventory, found: Situation) -> str:
    """Return the script of the enforcer that sets the tags of the inventory."""
    data = Enforcer.of(inventory)
    return enforcer.script(
        found.wanted,
        data.enforcer_url_variable,
        data.enforcer_token_variable,
        environment=found.enforcer_environment,
        authority=enforcer.authority(data.enforcer_ca_file),
    )


@deploy(DEPLOY)
def repair_database(found: Situation, wanted: bool = True) -> None:
    """Run the repair's migration where it is due, and record that on the cluster.

    + found: the situation of the site
    + wanted: false where nothing is to be repaired; then only what a killed run left is removed

    It has a part for the toolbox, one for the enforcer's CronJob, which carries the record, and one
    for the cluster, which keeps the toolbox' pod meanwhile.
    """
    host, inventory = context.host, context.inventory
    if not has(inventory, "toolbox"):
        return
    data = Toolbox.of(inventory)
    wanted = wanted and data.tag_repair != "none"
    # Without an enforcer there is no CronJob to carry a record, and the job's own files tell.
    annotation = record_name(inventory) if found.has_enforcer else ""
    again, any_version = data.rerun_migration, data.migration_any_version
    due = wanted and found.migration_due(again)
    if due:
        # With -y the operations check this too late: after the record of the start.
        check_repair(host.name, data.tag_repair, found.gitlab_version, any_version)
        if "toolbox" in host.groups:
            check_start(host, migration.job_of(data.tag_repair))
    protection = Protection(inventory, host, due)
    if "enforcer" in host.groups and due:
        migration.record(name="Record the start", annotation=annotation, word="started")
    protection.begin()
    if "toolbox" in host.groups and due:
        migration.rerun(
            name=MIGRATION,
            repair=data.tag_repair,
            gitlab_version=found.gitlab_version,
            rails_directory=data.gitlab_rails_directory,
            timeout=data.migration_timeout,
            database=data.migration_database,
            any_version=any_version,
            again=again,
        )
    protection.end()
    if "enforcer" in host.groups and wanted:
        migration.record(
            name="Record the end",
            annotation=annotation,
            word="finished",
            _if=succeeded(f"{DEPLOY} | {MIGRATION}") if due else None,
        )


def advice(inventory: Inventory) -> list[str]:
    """Return what to try next when the tags do not last, after the repair or without one."""
    chosen = chosen_repair(inventory)
    if chosen is None:
        return [
            "The database loses tags, and this run has not repaired it (no toolbox, or tag_repair",
            "is none). docs/fix_tags.md says how that is done by hand, on the machine that has",
            f"gitlab-rake, and which host can be the toolbox. The issue at GitLab: {ISSUE}",
        ]
    repair = chosen.tag_repair
    other = "force-copy" if repair == "requeue" else "requeue"
    return [
        "The database still loses tags. What to try next, after reading docs/fix_tags.md:",
        f"  1. the other repair: --data tag_repair={other}",
        f"  2. the same one again: --data tag_repair={repair} --data rerun_migration=true",
        f"  3. the issue at GitLab: {ISSUE}",
    ]
