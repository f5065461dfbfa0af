"""Have the rights that the CI job experiment:reset needs, and say whether CI stays off `master`.

    pyinfra inventory.py deploys/experiment_rbac.py --dry
    pyinfra inventory.py deploys/experiment_rbac.py

docs/experiment_rbac.md says what is written and how to undo it.
"""

from pyinfra import host, inventory

from ops.api.hosts import only
from ops.api.once import once
from ops.gitlab import workflow
from ops.kubernetes import objects, rbac
from ops.site.job import acts_on
from ops.site.settings import ExperimentRole, Project

acts_on(
    *("experiment_role", "experiment_role_bindings", "cluster", "project"),
    needs=("experiment_role", "cluster"),
)

rights, project, groups = ExperimentRole.of(inventory), Project.of(inventory), set(host.groups)
cluster, lacking = only(inventory, "cluster"), {}

if "project" in groups:
    workflow.report_pipelines(project.ci_file, project.ci_branch, project.target_branch)

if groups & {"experiment_role", "experiment_role_bindings", "cluster"}:
    # Before anything is written, and once: the role changes what the next answers would be.
    lacking = once(
        "lacking rights",
        lambda: rbac.lacking(
            cluster,
            rights.experiment_service_account,
            rights.experiment_rules,
            rights.database_namespaces,
        ),
    )

if "experiment_role" in groups and lacking:
    rbac.may_apply(cluster, "clusterroles")
    objects.server_side_apply(
        name="Have the role",
        document=rbac.cluster_role(rights.experiment_role_name, rights.experiment_rules),
        manager=rights.field_manager,
        taken_over=rights.field_managers_taken_over,
    )

if "experiment_role_bindings" in groups and host.data.namespace in lacking:
    rbac.may_apply(cluster, "rolebindings", host.data.namespace)
    objects.server_side_apply(
        name="Bind it to the service account of the jobs, in each namespace that lacks a right",
        document=rbac.role_binding(
            rights.experiment_role_name, host.data.namespace, rights.experiment_service_account
        ),
        manager=rights.field_manager,
        taken_over=rights.field_managers_taken_over,
    )

if "cluster" in groups:
    rbac.access_review(
        name="See that the jobs may do it in each namespace of a database",
        account=rights.experiment_service_account,
        rules=rights.experiment_rules,
        namespaces=rights.database_namespaces,
    )
