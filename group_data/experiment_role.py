"""What experiment:reset must be allowed to do in the cluster, and as whom."""

from os import environ

experiment_role_name = environ.get("EXPERIMENT_ROLE_NAME") or "experiment-reset-access"
experiment_service_account = "system:serviceaccount:gitlab-runner:gitlab-runner"
experiment_rules = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
    # From Kubernetes 1.35 on `get` as well, which is added where the cluster is such a one.
    {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
]
# Where the pods are in which it executes. The role is bound in those where something is lacking.
database_namespaces = (
    environ.get("DATABASE_NAMESPACES") or "databases cockroach-operator-system redis kafka minio"
).split()

field_manager = "site-operations"
# What people did with kubectl may be taken over; what an operator or GitOps owns may not.
field_managers_taken_over = [
    *("kubectl", "kubectl-create", "kubectl-edit", "kubectl-patch", "kubectl-client-side-apply")
]
