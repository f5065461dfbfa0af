"""Verify the chain from Kafka's user to a login with SASL, link by link. Nothing is changed.

    pyinfra inventory.py deploys/verify_kafka_sasl.py --dry    # all links but the login
    pyinfra inventory.py deploys/verify_kafka_sasl.py

docs/verify_kafka_sasl.md says what each link is.
"""

from pyinfra import host, inventory

from ops.kafka import sasl_chain
from ops.site.job import acts_on
from ops.site.sasl import chain_settings

acts_on("kafka_broker", needs=("kafka", "kafka_user", "kafka_secret", "project"))

if "kafka_broker" in host.groups:
    sasl_chain.verification(
        name="Verify the chain from Kafka's user to its login",
        settings=chain_settings(inventory),
    )
