"""Have the rights that the CI job experiment:reset needs, and see that CI stays off `master`.

    pyinfra inventory.py deploys/experiment_rbac.py --dry
    pyinfra inventory.py deploys/experiment_rbac.py

docs/experiment_rbac.md says what is written and how to undo it.
"""

from pyinfra import host, inventory

from ops.gitlab import repository
from ops.kubernetes import objects, rbac
from ops.site.job import acts_on

acts_on("experiment_role", "experiment_role_bindings", "cluster", "project")

data, groups = host.data, host.groups
cluster = inventory.get_group("cluster")[0]

if "experiment_role" in groups:
    rbac.may_apply(cluster, "clusterroles")
    objects.server_side_apply(
        name="Have the role",
        document=rbac.cluster_role(data.experiment_role_name, data.experiment_rules),
        manager=data.field_manager,
        taken_over=data.field_managers_taken_over,
    )

if "experiment_role_bindings" in groups:
    rbac.may_apply(cluster, "rolebindings", data.namespace)
    objects.server_side_apply(
        name="Bind it to the service account of the jobs, in each namespace of a database",
        document=rbac.role_binding(
            data.experiment_role_name, data.namespace, data.experiment_service_account
        ),
        manager=data.field_manager,
        taken_over=data.field_managers_taken_over,
    )

if "cluster" in groups:
    rbac.access_review(
        name="See that the jobs may execute in the databases' pods",
        account=data.experiment_service_account,
        rules=data.experiment_rules,
        namespaces=data.database_namespaces,
    )

if "project" in groups:
    repository.workflow_rules(
        name=f"See that CI stays off {data.target_branch}",
        file=data.ci_file,
        ref=data.ci_branch,
        branch=data.target_branch,
    )
