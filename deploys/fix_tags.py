"""Repair the tags of the runners, and prove that they last.

    pyinfra inventory.py deploys/fix_tags.py --dry     # what would change; writes nothing
    pyinfra inventory.py deploys/fix_tags.py           # change it and prove it

docs/fix_tags.md says what it needs, what it writes and how to undo it.
"""

from pyinfra import host, inventory

from ops.gitlab import runners, snapshot
from ops.kubernetes import cron_jobs, objects
from ops.site import tag_repair
from ops.site.job import acts_on
from ops.site.settings import Operator

acts_on(
    *("gitlab", "enforcer", "toolbox", "enforcer_script", "runners"), needs=("gitlab", "runners")
)

PROOF = "Prove that the tags last"
data = host.data
site = tag_repair.situation(inventory)
groups = [] if tag_repair.is_proven(inventory, site) else host.groups
with_proof = bool(groups) and tag_repair.can_prove(inventory, site)

if "gitlab" in groups:
    directory = Operator.of(inventory).snapshot_directory
    snapshot.runners(name="Save all runner settings", directory=directory)

if {"cluster", "enforcer", "toolbox"} & {*host.groups}:
    tag_repair.repair_database(site, wanted=with_proof)

if "enforcer_script" in groups:
    script = tag_repair.enforcer_script(inventory, site)
    objects.config_map(name="Write the enforcer's script", data={tag_repair.SCRIPT_KEY: script})

if with_proof and "enforcer" in groups:
    cron_jobs.suspension(
        name="Suspend the enforcer", schedule=data.enforcer_fallback_schedule, suspend=False
    )

if "runners" in groups:
    allowed = runners.check_removal(host)
    runners.runner(name="Set the tags", tags=data.tags, tag_removal_allowed=allowed)

if with_proof and "gitlab" in groups:
    runners.tag_persistence(
        name=PROOF,
        tags=site.wanted,
        seconds=data.tag_verification_seconds,
        interval=data.tag_verification_interval,
        advice=tag_repair.advice(inventory),
    )

if with_proof and "enforcer" in groups:
    tag_repair.conclude(inventory, site, PROOF)
