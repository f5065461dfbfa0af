"""What experiment:reset must be allowed to do in the cluster, and as whom."""

from os import environ

experiment_role_name = "experiment-reset-access"
experiment_service_account = "system:serviceaccount:gitlab-runner:default"
experiment_rules = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
    {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]},
]
# Where the pods are in which it executes; each gets a RoleBinding (inventory.py).
database_namespaces = environ.get("DATABASE_NAMESPACES", "databases").split()

field_manager = "site-operations"
# What people did with kubectl may be taken over; what an operator or GitOps owns may not.
field_managers_taken_over = [
    *("kubectl", "kubectl-create", "kubectl-edit", "kubectl-patch", "kubectl-client-side-apply")
]
