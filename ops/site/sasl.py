"""The chain of SASL of this site: what its links are called."""

from pyinfra.api.inventory import Inventory

from ops.kafka import sasl_chain
from ops.site.settings import KafkaBroker, Project


def chain_settings(inventory: Inventory) -> sasl_chain.Settings:
    """Return what the links of the chain are called, out of the settings of the inventory."""
    project, broker = Project.of(inventory), KafkaBroker.of(inventory)
    return sasl_chain.Settings(
        ci_branch=project.ci_branch,
        ci_file=project.ci_file,
        variable=broker.kafka_password_variable,
        scope=project.ci_variables_scope,
        exported_as=broker.kafka_password_exported_as,
        client_file=broker.kafka_client_file,
        user=broker.kafka_user_name,
        host=broker.kafka_host,
        port=broker.kafka_port,
        logs_in=bool(broker.endpoint.user),
        programs=broker.kafka_programs,
    )
