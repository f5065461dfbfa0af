"""The site as it was on 2026-02-23: what `deploys/` and `inventory.py` here are about."""

from lab.site.dedup import cluster, gitlab, project
from lab.site.description import Description
from lab.ssh.control_node import Address

DESCRIPTION = Description(
    gitlab=gitlab.INSTALLATION,
    project=project.PROJECT,
    objects=cluster.objects,
    pods=cluster.templates(),
    programs=cluster.PROGRAMS,
    control_node=Address("10.0.10.201", ("10.0.15.250", 6443)),
    has_enforcer=True,
    has_kafka=True,
)
