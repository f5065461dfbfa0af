"""Who: every target of this site, one line each.

The tags of the runners are here and nowhere else; the enforcer's script is generated from them
(ops/site/tag_repair/enforcer.py). Settings are in group_data/, by group.
"""

from ops.site.clone import require_configuration

require_configuration(__file__)

from group_data.all import kubernetes_via as _kubernetes_via
from group_data.experiment_role import database_namespaces as _database_namespaces
from group_data.experiment_role import experiment_role_name as _role_name

runners = [
    ("@gitlab/runners/6", {"description": "k8s-runner", "tags": ["kubernetes"]}),
    ("@gitlab/runners/7", {"description": "node5-macos-x86", "tags": ["macos", "x86_64"]}),
    ("@gitlab/runners/8", {"description": "node6-macos-arm", "tags": ["macos", "arm64"]}),
    ("@gitlab/runners/9", {"description": "node7-linux-arm", "tags": ["arm64", "linux"]}),
    ("@gitlab/runners/10", {"description": "node8-linux-riscv", "tags": ["riscv64", "linux"]}),
    ("@gitlab/runners/11", {"description": "pve1-linux-x86", "tags": ["debian", "x86_64"]}),
    ("@gitlab/runners/12", {"description": "pve2-linux-x86", "tags": ["debian", "x86_64"]}),
    ("@gitlab/runners/13", {"description": "node3-linux-x86", "tags": ["ubuntu", "x86_64"]}),
    ("@gitlab/runners/14", {"description": "node4-linux-x86", "tags": ["ubuntu", "x86_64"]}),
    ("@gitlab/runners/15", {"description": "k8s-runner-2", "tags": ["kubernetes"]}),
    ("@gitlab/runners/16", {"description": "k8s-runner-3", "tags": ["kubernetes"]}),
    ("@gitlab/runners/17", {"description": "k8s-runner-4", "tags": ["kubernetes", "experiment"]}),
]


def _with_tag(tag: str) -> list[str]:
    return [name for name, data in runners if tag in data["tags"]]


# A group for each tag: --limit debian
arm64 = _with_tag("arm64")
debian = _with_tag("debian")
experiment = _with_tag("experiment")
kubernetes = _with_tag("kubernetes")
linux = _with_tag("linux")
macos = _with_tag("macos")
riscv64 = _with_tag("riscv64")
ubuntu = _with_tag("ubuntu")
x86_64 = _with_tag("x86_64")

gitlab = ["@gitlab"]
toolbox = ["@pod/gitlab/app=toolbox"]
enforcer = ["@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"]
enforcer_script = ["@kubernetes/gitlab-runner/configmaps/runner-tag-enforcer-script"]
# pve1, the way to the Kubernetes API; empty where that is reached without it.
control_node = [("10.0.10.201", {"ssh_user": "root"})] if _kubernetes_via else []
operator = ["@local"]  # has the operator's clone of the project

# What follows is asked only by the jobs that need it, so that the others run without it.
_later = {"connect_when_needed": True}
_created = {"connect_when_needed": True, "may_be_missing": True}

project = [("@gitlab/projects/280", _later)]  # comdare/research/dedup-database-analysis
cluster = [("@kubernetes", _later)]
runner_pod = [("@pod/gitlab-runner/app=gitlab-runner-4", _later)]
kafka = [("@kubernetes/kafka/kafkas.kafka.strimzi.io/kafka-cluster", _later)]
kafka_user = [("@kubernetes/kafka/kafkausers.kafka.strimzi.io/dedup-lab", _later)]
kafka_secret = [("@kubernetes/kafka/secrets/dedup-lab", _later)]
# Controllers have the same labels, but for this one, and no listener for clients.
_broker = "strimzi.io/cluster=kafka-cluster,strimzi.io/broker-role=true"
kafka_broker = [(f"@pod/kafka/{_broker}/kafka", _later)]
experiment_config = [("@kubernetes/databases/configmaps/dedup-experiment-config", _later)]
_rbac = f"v1.rbac.authorization.k8s.io/{_role_name}"
experiment_role = [(f"@kubernetes/-/clusterroles.{_rbac}", _created)]
experiment_role_bindings = [
    (f"@kubernetes/{name}/rolebindings.{_rbac}", {**_created, "namespace": name})
    for name in _database_namespaces
]
