"""Take away the rights of anonymous Kafka clients, once a job log proves that SASL works.

    pyinfra inventory.py deploys/revert_super_users.py --dry
    pyinfra inventory.py deploys/revert_super_users.py

docs/revert_super_users.md says what counts as proof, what is written and how to undo it.
"""

from pyinfra import host, inventory

from ops.api.hosts import only
from ops.api.operation import read
from ops.kafka import arrivals, super_users
from ops.site import evidence, proof_file, sasl, topics
from ops.site.job import acts_on
from ops.site.settings import Kafka, KafkaBroker

acts_on("operator", "kafka", needs=("kafka", "kafka_broker", "project"))

data, groups, kafka = host.data, host.groups, Kafka.of(inventory)
cluster, brokers = only(inventory, "kafka"), only(inventory, "kafka_broker")
programs = KafkaBroker.of(inventory).kafka_programs
file = f"{kafka.evidence_directory}/super_users.json"

if "operator" in groups:
    evidence.file(
        name="Keep the proof that clients use SASL",
        file=file,
        search=sasl.evidence_search(inventory),
        change=lambda: super_users.removal(cluster, kafka.removed_super_users),
        arrivals=lambda start, end: arrivals.between(
            cluster, brokers, programs, topics.of_clients(inventory, read), start, end
        ),
        required=data.get("evidence_required", True),
    )

if "kafka" in groups:
    super_users.absent(
        name="Remove the super users",
        users=kafka.removed_super_users,
        seconds=data.kafka_ready_seconds,
        interval=data.watch_interval,
        left_by_a_run=proof_file.incomplete(file).get("change"),
        when_ready=lambda: proof_file.complete(file),
        _if=evidence.is_kept(file),
    )
    super_users.verification(
        name="Prove that anonymous clients have no rights",
        users=kafka.removed_super_users,
        broker=brokers,
        programs=programs,
        _if=evidence.is_kept_or_needless(file),
    )
