"""What the overview looks at in the Kubernetes cluster. Everything here only reads."""

from collections.abc import Mapping

from pyinfra import context
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from ops.api.hosts import has, only
from ops.gitlab.facts.instance import BatchedBackgroundMigrations
from ops.http.watch import READ_ERRORS, ask
from ops.kafka import sasl_chain
from ops.kafka.rights import IGNORED_KEY
from ops.kafka.rights import rights as rights_of
from ops.kafka.strimzi import condition, is_ready
from ops.kubernetes import config_maps, rules
from ops.kubernetes.facts import AccessReview, Object, ServerVersion
from ops.site.experiment import configuration
from ops.site.overview.area import Area
from ops.site.sasl import chain_settings
from ops.site.settings import ExperimentRole
from ops.site.tag_repair.situation import chosen_repair, record_name

# Without all of these there is no chain to be looked at.
CHAIN = ("kafka_user", "kafka_secret", "kafka_broker", "project")


def enforcer(inventory: Inventory) -> Area:
    """Look at the tag enforcer's CronJob and what it records of the migration."""
    area = Area("Enforcer and migration")
    host = only(inventory, "enforcer")
    live = ask(host, Object)
    spec, data = live["spec"], host.data
    suspend = bool(spec.get("suspend"))
    area.lines.append(f"{spec['schedule']}{', suspended' if suspend else ''}")
    is_regular = suspend == data.enforcer_suspend and (
        suspend or spec["schedule"] == data.enforcer_schedule
    )
    if not is_regular:
        area.needs(
            "the enforcer has not its regular schedule, so tags are not proven to last: fix_tags",
            host.name,
        )
    notes = live["metadata"].get("annotations") or {}
    record, repair = notes.get(record_name(inventory), "not recorded"), chosen_repair(inventory)
    area.lines.append(f"migration {repair.tag_repair if repair else 'none'}: {record}")
    if record.startswith("started"):
        area.needs("a migration was started and its end is not recorded: fix_tags", host.name)
    for row in ask(
        only(inventory, "gitlab"), BatchedBackgroundMigrations,
        job_class_name="BackfillCiRunnersPartitionedTable",
        database=(repair.migration_database if repair else "") or "main",
    ):  # fmt: skip
        area.lines.append(f"background migration {row['id']}: {row['status']}")
        if row["status"] == "failed":
            area.needs(
                f"background migration {row['id']} has failed", only(inventory, "gitlab").name
            )
    return area


def kafka(inventory: Inventory) -> Area:
    """Look at Kafka's resource and the chain of SASL, but for the login."""
    area = Area("Kafka")
    host = only(inventory, "kafka")
    live = ask(host, Object)
    places = rights_of(live)
    area.lines += [f"operator: {condition(live)}", *places.lines()]
    if not is_ready(live):
        area.needs("Kafka is not Ready", host.name)
    chain = chain_settings(inventory) if has(inventory, *CHAIN) else None
    needs_them = chain is not None and not chain.logs_in
    for why in places.holding(host.data.removed_super_users):
        if chain is not None and needs_them:
            area.lines.append(f"{why}, as port {chain.port} needs it")
        else:
            area.needs(f"{why}: revert_super_users", host.name)
    if set(places.ignored) & set(host.data.removed_super_users):
        text = f"{IGNORED_KEY} does nothing, but looks as if: revert_super_users"
        area.needs(text, host.name)
    if chain is None:
        return area
    broker = only(inventory, "kafka_broker")
    for link in sasl_chain.look(context.state, broker, chain, login=False):
        area.lines.append(f"{sasl_chain.MARKS[link.ok]:<3} {link.name}: {link.seen}")
        if link.ok is False:
            job = "ci_variables" if link.name == sasl_chain.VARIABLE else "verify_kafka_sasl"
            area.needs(f"{link.name} is not OK: {job}", broker.name)
    return area


def experiment_configuration(inventory: Inventory) -> Area:
    """Look at the three places of the experiment's configuration."""
    area = Area("Experiment configuration")
    host, settings = only(inventory, "experiment_config"), configuration.settings(inventory)
    differences = configuration.differences_now(
        host,
        only(inventory, "project"),
        settings,
    )
    area.lines += differences or ["the three places agree"]
    if differences:
        area.needs("the configuration of Kafka is not as wanted everywhere: kafka_config")
    try:
        old = config_maps.outdated(host, settings.key)
    except (*READ_ERRORS, PyinfraError) as error:
        area.needs(f"which pods have read the ConfigMap could not be seen: {error}", host.name)
        return area
    area.lines += config_maps.advice(old)
    owners = dict.fromkeys(reader.owner for reader in old if not reader.renewed)
    for owner in owners:
        area.needs(f"{owner} has an old configuration: restart it", host.name)
    return area


def rights(inventory: Inventory) -> Area:
    """Look at what the jobs of the experiment may do in the cluster."""
    cluster = only(inventory, "cluster")
    data = ExperimentRole.of(inventory)
    area = Area("Rights of the experiment's jobs")
    account, denied = data.experiment_service_account, 0
    wanted = rules.for_web_sockets(data.experiment_rules, ask(cluster, ServerVersion))
    for namespace in data.database_namespaces:
        accesses = rules.attributes(wanted, [namespace])
        missing = [a for a in accesses if not _is_allowed(cluster, account, a)]
        denied += len(missing)
        if missing:
            area.lines.append(f"denied: {rules.show(*missing)}")
    if denied:
        area.needs(f"{denied} rights are denied: experiment_rbac", cluster.name)
    else:
        area.lines.append("all are there")
    return area


def _is_allowed(cluster: Host, account: str, access: Mapping[str, str]) -> bool:
    return bool(ask(cluster, AccessReview, resource=access, user=account)["allowed"])
