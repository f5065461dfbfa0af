"""Have Kafka's port, user and empty password in the ConfigMap and in both repository files.

    pyinfra inventory.py deploys/kafka_config.py --dry
    pyinfra inventory.py deploys/kafka_config.py

docs/kafka_config.md says what is written and how to undo it.
"""

from pyinfra import host, inventory

from ops.api.hosts import only
from ops.gitlab import repository
from ops.kubernetes import config_maps, objects
from ops.site.experiment import configuration
from ops.site.job import acts_on

acts_on("experiment_config", "project", needs=("experiment_config",))

groups = host.groups
settings = configuration.settings(inventory)

if "experiment_config" in groups:
    objects.json_in_config_map(
        name="Set Kafka in the ConfigMap", key=settings.key, values=settings.values
    )

if "project" in groups:
    repository.commit(
        name="Set Kafka in the repository",
        branch=settings.ref,
        message="Set the endpoint of Kafka's clients in both configurations",
        edits=configuration.edits(settings),
        lint=settings.ci_file if settings.ci_variables else None,
        changes=configuration.changes(host, settings),
    )
    configuration.consistency(
        name="See that the three places agree",
        config_map=only(inventory, "experiment_config").name,
        settings=settings,
    )

if "experiment_config" in groups:
    config_maps.readers(name="Say who has the old values until a restart", key=settings.key)
