"""Have the rights that the CI job experiment:reset needs, and say whether CI stays off `master`.

    pyinfra inventory.py deploys/experiment_rbac.py --dry
    pyinfra inventory.py deploys/experiment_rbac.py

docs/experiment_rbac.md says what is written and how to undo it.
"""

from pyinfra import host, inventory

from ops.api.once import once
from ops.gitlab import workflow
from ops.kubernetes import objects, rbac
from ops.site.experiment import rights
from ops.site.job import acts_on
from ops.site.settings import ExperimentRole, Project

RIGHTS = ("experiment_role", "experiment_role_bindings", "cluster")
acts_on(*RIGHTS, "project", needs=("experiment_role", "cluster"))
data, project, groups = ExperimentRole.of(inventory), Project.of(inventory), set(host.groups)

if "project" in groups:
    workflow.report_pipelines(project.ci_file, project.ci_branch, project.target_branch)

lacking = once("lacking rights", lambda: rights.lacking(inventory)) if groups & {*RIGHTS} else {}

if "experiment_role" in groups and lacking:
    rbac.role(
        name="Have the role",
        document=rights.role(inventory),
        account=data.experiment_service_account,
        named_by=rights.NAMED_BY,
        **rights.owner(data),
    )

if "experiment_role_bindings" in groups and host.data.namespace in lacking:
    objects.server_side_apply(
        name="Bind it to the service account of the jobs, in each namespace that lacks a right",
        document=rights.binding(data, host.data.namespace),
        **rights.owner(data),
    )

if "cluster" in groups:
    rbac.access_review(
        name="See that the jobs may do it in each namespace of a database",
        account=data.experiment_service_account,
        rules=rights.rules(inventory),
        namespaces=data.database_namespaces,
    )
