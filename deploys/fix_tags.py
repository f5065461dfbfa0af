"""Repair the tags of the runners, and prove that they last.

    pyinfra inventory.py deploys/fix_tags.py --dry     # what would change; writes nothing
    pyinfra inventory.py deploys/fix_tags.py           # change it and prove it

docs/fix_tags.md says what it needs, what it writes and how to undo it.
"""

from pyinfra import host, inventory

from ops import cron_jobs, enforcer, gitlab, kubernetes, snapshot, tag_repair
from ops.api.consent import consent
from ops.api.outcome import succeeded

PROOF = "Prove that the tags last"
data, groups = host.data, host.groups
site = tag_repair.situation(inventory)

if site.proven(data.relaxed_schedule, data.relaxed_suspend, consent(host, "rerun_migration")):
    tag_repair.report_proven(host, site)
    groups = []

if "gitlab" in groups:
    tag_repair.diagnose(host, site)
    snapshot.runners(name="Save all runner settings", directory=data.snapshot_directory)

if "enforcer" in groups or "toolbox" in groups:
    tag_repair.repair_database(site)

if "enforcer_script" in groups:
    text = enforcer.script(
        site.wanted,
        data.enforcer_url_variable,
        data.enforcer_token_variable,
        environment=site.enforcer_environment,
        authority=enforcer.authority(data.enforcer_ca_file),
    )
    kubernetes.config_map(name="Write the enforcer's script", data={"enforce.sh": text})

if "enforcer" in groups:
    cron_jobs.suspended_for_now(
        name="Suspend the enforcer", schedule=data.alert_schedule, suspend=False
    )

if "runners" in groups:
    allowed = tag_repair.check_removal(host)
    gitlab.runner(name="Set the tags", tags=data.tags, tag_removal_allowed=allowed)

if "gitlab" in groups:
    gitlab.runner_tags_held(
        name=PROOF,
        tags=site.wanted,
        seconds=data.hold_seconds,
        interval=data.hold_interval,
        advice=tag_repair.advice(data.tag_repair),
    )

if "enforcer" in groups:
    cron_jobs.settled(
        name="Relax the enforcer",
        schedule=data.relaxed_schedule,
        suspend=data.relaxed_suspend,
        _if=succeeded(PROOF),
    )
