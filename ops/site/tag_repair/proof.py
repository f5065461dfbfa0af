"""Whether the tags are proven to last, by a run before this one, and everything is still so."""

from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.inventory import Inventory

from ops.api.console import report
from ops.api.hosts import has, only
from ops.api.once import once
from ops.api.outcome import succeeded
from ops.kubernetes import cron_jobs
from ops.site.settings import Enforcer
from ops.site.tag_repair import basis, migration
from ops.site.tag_repair.repair import enforcer_script
from ops.site.tag_repair.situation import Situation, chosen_repair


def is_proven(inventory: Inventory, found: Situation) -> bool:
    """Return whether a run before this one has done and proven everything, and print that.

    What the proof rests on is compared again: the tags, the enforcer's schedule, what its CronJob
    runs and its script, the record of the migration. What differs is named.
    """
    repair = chosen_repair(inventory)
    regular = Enforcer.of(inventory) if found.has_enforcer else None
    schedule, suspend = (
        (regular.enforcer_schedule, regular.enforcer_suspend) if regular else ("", False)
    )
    if not found.proven(schedule, suspend, bool(repair and repair.rerun_migration)):
        return False
    others = _differences(inventory, found)
    if others:
        text = f"proven before, but not any more as it is: {'; '.join(others)}"
        once(text, lambda: report(only(inventory, "gitlab"), [text]))
        return False
    text = f"all {len(found.wanted)} runners have their tags and "
    if not found.has_enforcer:
        text += "no enforcer hides a loss: nothing to do"
    else:
        state = "suspended" if found.suspend else f"at {found.schedule!r}"
        text += f"the enforcer is {state}: proven before, nothing to do"
    once(text, lambda: report(only(inventory, "gitlab"), [text]))
    return True


def conclude(inventory: Inventory, found: Situation, proof: str) -> None:
    """Set the enforcer's regular schedule and record what the proof rests on, where it succeeded.

    + found: the situation of the site
    + proof: name of the operation that proves it
    """
    data = Enforcer.of(inventory)
    cron_jobs.schedule(
        name="Set the enforcer's regular schedule",
        schedule=data.enforcer_schedule,
        suspend=data.enforcer_suspend,
        _if=succeeded(proof),
    )
    migration.record(
        name="Record what the proof rests on",
        annotation=proof_name(inventory),
        word=proof_text(inventory, found),
        _if=succeeded(proof),
    )


def proof_name(inventory: Inventory) -> str:
    """Return the annotation of the enforcer's CronJob that keeps what a proof rests on."""
    domain, slash, _ = Enforcer.of(inventory).migration_annotation_prefix.rpartition("/")
    return f"{domain}{slash}tag-proof"


def proof_text(inventory: Inventory, found: Situation) -> str:
    """Return what is kept there once the tags are proven: the script is the one that is wanted."""
    if found.cron_job is None:
        return ""
    script = enforcer_script(inventory, found) if has(inventory, "enforcer_script") else None
    return basis.record(basis.basis(found.cron_job, script))


def _differences(inventory: Inventory, found: Situation) -> list[str]:
    """Return what is other than when it was proven, in words."""
    if found.cron_job is None:
        return []
    try:
        wanted = enforcer_script(inventory, found)
    except OperationValueError as error:
        return [str(error)]
    lines = []
    if has(inventory, "enforcer_script") and found.script != wanted:
        lines.append("the enforcer's script in the ConfigMap is not the one of the inventory")
    if chosen_repair(inventory) and not found.record.startswith("finished"):
        lines.append("no migration of the repair is recorded as finished")
    kept = (found.cron_job["metadata"].get("annotations") or {}).get(proof_name(inventory), "")
    if not kept:
        return [*lines, "what the proof rested on is not recorded"]
    parts = basis.changed(kept, basis.basis(found.cron_job, found.script))
    others = [part for part in parts if part != "script" or not lines]
    if others:
        lines.append(f"the enforcer's {', '.join(others)} changed since the proof")
    return lines
