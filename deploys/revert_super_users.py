"""Take away the rights of anonymous Kafka clients, once a job log proves that SASL works.

    pyinfra inventory.py deploys/revert_super_users.py --dry
    pyinfra inventory.py deploys/revert_super_users.py

docs/revert_super_users.md says what counts as proof, what is written and how to undo it.
"""

from pyinfra import host, inventory

from ops import evidence, kafka

data, groups = host.data, host.groups
cluster = inventory.get_group("kafka")[0]

if kafka.has_super_users(cluster, data.removed_super_users):
    proof = evidence.find_once(
        inventory.get_group("project")[0],
        ref=data.ci_branch,
        since=data.sasl_required_commit,
        jobs=data.evidence_jobs,
        wanted=data.evidence_wanted,
        forbidden=data.evidence_forbidden,
    )
    if "operator" in groups:
        evidence.recorded(
            name="Keep the proof",
            file=f"{data.evidence_directory}/super_users.json",
            proof=evidence.as_document(proof, super_users=kafka.super_users_of(cluster)),
        )

if "kafka" in groups:
    kafka.super_users_removed(
        name="Remove the super users",
        users=data.removed_super_users,
        seconds=data.kafka_ready_seconds,
        interval=data.watch_interval,
        put_back=evidence.recorded_value(data.evidence_directory, "super_users"),
    )
