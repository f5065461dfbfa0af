"""What the overview looks at, area by area. Everything here only reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops import experiment_config, kafka_chain, rbac, tag_repair
from ops.api.demand import demand
from ops.api.difference import show
from ops.api.losses import missing_tags
from ops.api.pipeline import is_active, pending, progress
from ops.api.strimzi import condition, is_ready, super_users
from ops.facts.ci_variables import CiVariables
from ops.facts.git import RemoteBranches
from ops.facts.gitlab import BatchedBackgroundMigrations, Runners
from ops.facts.kubernetes import AccessReview, Object
from ops.facts.pipelines import PipelineJobs, Pipelines
from ops.migration import record_name
from ops.watch import ask


@dataclass
class Area:
    """A part of the site as it was seen.

    + name: what it is
    + lines: what was seen
    + hands: what needs a hand, each with the job that brings it about
    """

    name: str
    lines: list[str] = field(default_factory=list)
    hands: list[str] = field(default_factory=list)


def only(inventory: Inventory, group: str) -> Host:
    """Return the only host of a group."""
    host: Host = inventory.get_group(group)[0]
    return host


def runners(inventory: Inventory) -> Area:
    """Look at the tags and the state of all runners."""
    area = Area("Runners")
    live = ask(only(inventory, "gitlab"), Runners)
    wanted = tag_repair.tag_table(inventory)
    missing = missing_tags(wanted, live)
    for number in sorted(wanted):
        runner = live.get(number)
        if runner is None:
            area.hands.append(f"runner {number} does not exist in GitLab")
            continue
        state = "paused" if runner["paused"] else "online" if runner["online"] else "OFFLINE"
        tags = show(set(runner["tag_list"]))
        lack = f", lacks {show(missing[number])}" if number in missing else ""
        area.lines.append(f"{number:>2} {runner['description']:<18} {state:<8} {tags}{lack}")
        if state == "OFFLINE":
            area.hands.append(f"runner {number} ({runner['description']}) is offline")
    if missing:
        area.hands.append(f"{len(missing)} of {len(wanted)} runners lack tags: fix_tags")
    return area


def enforcer(inventory: Inventory) -> Area:
    """Look at the tag enforcer's CronJob and what it records of the migration."""
    area = Area("Enforcer and migration")
    host = only(inventory, "enforcer")
    live = ask(host, Object)
    spec, data = live["spec"], host.data
    suspend = bool(spec.get("suspend"))
    area.lines.append(f"{spec['schedule']}{', suspended' if suspend else ''}")
    is_relaxed = suspend == data.relaxed_suspend and (
        suspend or spec["schedule"] == data.relaxed_schedule
    )
    if not is_relaxed:
        area.hands.append("the enforcer is not relaxed, so tags are not proven to last: fix_tags")
    notes = live["metadata"].get("annotations") or {}
    record = notes.get(record_name(data.tag_repair), "not recorded")
    area.lines.append(f"migration {data.tag_repair}: {record}")
    if record.startswith("started"):
        area.hands.append("a migration was started and its end is not recorded: fix_tags")
    for row in ask(
        only(inventory, "gitlab"), BatchedBackgroundMigrations,
        job_class_name="BackfillCiRunnersPartitionedTable",
        database=data.migration_database or "main",
    ):  # fmt: skip
        area.lines.append(f"background migration {row['id']}: {row['status']}")
        if row["status"] == "failed":
            area.hands.append(f"background migration {row['id']} has failed")
    return area


def pipeline(inventory: Inventory) -> Area:
    """Look at the live pipeline by stage, and why each pending job waits."""
    project = only(inventory, "project")
    data = project.data
    area = Area(f"Pipelines of {data.ci_branch}")
    active = [p for p in ask(project, Pipelines, ref=data.ci_branch) if is_active(p["status"])]
    if not active:
        area.lines.append("none is active")
        return area
    if len(active) > 1:
        others = ", ".join(str(p["id"]) for p in active[1:])
        area.hands.append(f"more than one is active, obsolete: {others}: pipelines")
    newest = active[0]
    jobs = ask(project, PipelineJobs, pipeline=newest["id"])
    area.lines.append(f"{newest['id']} ({newest['source']}, {newest['sha'][:8]})")
    area.lines += [f"  {line}" for line in progress(jobs)]
    live, wanted = ask(only(inventory, "gitlab"), Runners), tag_repair.tag_table(inventory)
    for found in (demand(job, live, wanted) for job in pending(jobs)):
        why = f"waits for {show(found.tags)}"
        if found.ready:
            why += f", runner {found.ready[0]} could take it"
        elif found.after_tags:
            why += f", which runner {found.after_tags[0]} should have"
            area.hands.append(f"{found.job} waits for tags that are lost: unblock_pipeline")
        else:
            why += f": {found.reason}"
            area.hands.append(f"no runner can take {found.job}: {found.reason}")
        area.lines.append(f"  {found.job} {why}")
    return area


def branches(inventory: Inventory) -> Area:
    """Look at the heads of both branches on both remotes."""
    operator = only(inventory, "operator")
    data = operator.data
    area = Area("Branches")
    heads: dict[str, Mapping[str, str]] = {
        remote: ask(operator, RemoteBranches, directory=data.operator_clone, remote=remote)
        for remote in data.git_remotes
    }
    for branch in (data.ci_branch, data.archive_branch):
        at = {remote: found.get(branch, "")[:8] or "none" for remote, found in heads.items()}
        area.lines.append(f"{branch}: " + ", ".join(f"{c} on {r}" for r, c in at.items()))
    wanted = heads[data.git_remotes[0]].get(data.ci_branch)
    for remote, found in heads.items():
        if found.get(data.archive_branch) != wanted:
            text = f"{data.archive_branch} of {remote} is not at {data.ci_branch}: sync_master"
            area.hands.append(text)
        if found.get(data.ci_branch) != wanted:
            area.hands.append(f"{data.ci_branch} of {remote} is not at GitLab's: sync_master")
    return area


def kafka(inventory: Inventory, settings: kafka_chain.Settings, look: Callable[..., Any]) -> Area:
    """Look at Kafka's resource and the chain of SASL, but for the login."""
    area = Area("Kafka")
    host = only(inventory, "kafka")
    live = ask(host, Object)
    users = super_users(live)
    area.lines += [f"operator: {condition(live)}", f"super users: {', '.join(users) or 'none'}"]
    if not is_ready(live):
        area.hands.append("Kafka is not Ready")
    if set(users) & set(host.data.removed_super_users):
        area.hands.append("anonymous clients have all rights: revert_super_users")
    for link in look(settings):
        area.lines.append(f"{'ok' if link.holds else 'NO':<3} {link.name}: {link.seen}")
        if not link.holds:
            job = "ci_variables" if link.name == kafka_chain.VARIABLE else "verify_kafka_sasl"
            area.hands.append(f"{link.name} does not hold: {job}")
    return area


def configuration(inventory: Inventory, settings: experiment_config.Settings) -> Area:
    """Look at the three places of the experiment's configuration."""
    area = Area("Experiment configuration")
    differences = experiment_config.differences_now(
        only(inventory, "experiment_config"), only(inventory, "project"), settings
    )
    area.lines += differences or ["the three places agree"]
    if differences:
        area.hands.append("the configuration of Kafka is not as wanted everywhere: kafka_config")
    return area


def variables(inventory: Inventory) -> Area:
    """Look at the CI/CD variables: which exist, and which are masked."""
    project = only(inventory, "project")
    data = project.data
    live = ask(project, CiVariables)
    area = Area("CI/CD variables")
    missing = [key for key in data.ci_variables if (key, data.ci_variables_scope) not in live]
    present = [
        live[key, data.ci_variables_scope] for key in data.ci_variables if key not in missing
    ]
    unmasked = [variable["key"] for variable in present if not variable["masked"]]
    area.lines.append(f"{len(present)} of {len(data.ci_variables)} exist")
    for names, problem in ((missing, "missing"), (unmasked, "not masked")):
        if names:
            area.lines.append(f"{problem}: {', '.join(names)}")
            area.hands.append(f"{problem}: {', '.join(names)}: ci_variables")
    return area


def rights(inventory: Inventory) -> Area:
    """Look at what the jobs of the experiment may do in the cluster."""
    cluster = only(inventory, "cluster")
    data = cluster.data
    area = Area("Rights of the experiment's jobs")
    denied = []
    for attributes in rbac.attributes(data.experiment_rules, data.database_namespaces):
        account = data.experiment_service_account
        if not ask(cluster, AccessReview, resource=attributes, user=account)["allowed"]:
            denied.append(rbac.show(attributes))
    area.lines.append(f"denied: {', '.join(denied)}" if denied else "all are there")
    if denied:
        area.hands.append(f"{len(denied)} rights are denied: experiment_rbac")
    return area


Look = Callable[[], Area]


def seen(name: str, look: Look, errors: Sequence[type[Exception]]) -> Area:
    """Return an area; one that cannot be read is one that needs a hand."""
    try:
        return look()
    except tuple(errors) as error:
        return Area(name, [], [f"{name} could not be read: {error}"])
