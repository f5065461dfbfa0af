"""Verify the chain from Kafka's user to a login with SASL, link by link. Nothing is changed.

    pyinfra inventory.py deploys/verify_kafka_sasl.py -y

docs/verify_kafka_sasl.md says what each link is.
"""

from pyinfra import host

from ops import kafka_chain

data = host.data

if "kafka_broker" in host.groups:
    kafka_chain.verified(
        name="Verify the chain from Kafka's user to its login",
        settings=kafka_chain.Settings(
            ci_branch=data.ci_branch,
            ci_file=data.ci_file,
            variable=data.kafka_password_variable,
            scope=data.ci_variables_scope,
            exported_as=data.kafka_password_exported_as,
            client_file=data.kafka_client_file,
            user=data.kafka_user_name,
            bootstrap=data.kafka_bootstrap,
            programs=data.kafka_programs,
        ),
    )
