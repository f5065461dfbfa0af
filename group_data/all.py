"""Settings of the jobs. Each can be given for one run: `--data tag_verification_seconds=60`."""

from os import environ

# deploys/fix_tags.py: the repair of the database ("requeue", "force-copy" or "none").
tag_repair = "requeue"
migration_timeout = 600  # seconds to wait; the job itself is never stopped
migration_database = ""  # "ci" where GitLab's databases are decomposed
migration_any_version = False  # approval to a GitLab version for which the repair is not meant
rerun_migration = False  # run the migration although it is recorded as done
gitlab_rails_directory = environ.get("GITLAB_RAILS_DIRECTORY", "/srv/gitlab")

# The proof: how long all tags must last while the enforcer is suspended.
tag_verification_seconds = environ.get("TAG_VERIFICATION_SECONDS", 300)
tag_verification_interval = environ.get("TAG_VERIFICATION_INTERVAL", 10)

# The enforcer after the proof, and while the tags are not proven to last.
enforcer_schedule = "*/5 * * * *"
enforcer_suspend = False
enforcer_fallback_schedule = "* * * * *"

# Variables in which the enforcer's CronJob hands GitLab's URL and token to its script.
enforcer_url_variable = "GITLAB_URL"
enforcer_token_variable = "GITLAB_TOKEN"
# PEM file of the CA behind GitLab's certificate, which goes into the script; empty: a public CA.
enforcer_ca_file = environ.get("GITLAB_CA_FILE", "")

# Approval to take away a tag that a runner has, for one run: --data allow_tag_removal=true
allow_tag_removal = False

snapshot_directory = environ.get("SNAPSHOT_DIRECTORY", "snapshots")

# How often a watching job looks, in seconds.
watch_interval = environ.get("WATCH_INTERVAL", 5)

# The project's repository and its pipelines.
ci_branch = "development"
target_branch = "master"  # no CI there
ci_file = ".gitlab-ci.yml"
git_remotes = ["gitlab", "github"]
operator_clone = environ.get("OPERATOR_CLONE", "~/dedup-database-analysis")
pipeline_jobs = [
    "build-k8s", "build-debian-x86", "build-ubuntu-x86", "build-macos-x86", "build-macos-arm",
    "build-linux-arm64", "build-linux-riscv", "aggregate-results", "experiment:build",
    "experiment:preflight", "experiment:reset", "experiment:mariadb", "experiment:clickhouse",
    "experiment:redis", "experiment:kafka", "experiment:minio", "experiment:postgresql",
    "experiment:cockroachdb", "experiment:run-all", "experiment:upload-results",
    "experiment:cleanup",
]  # fmt: skip

newest_pipelines = 20  # How many are looked at; GitLab gives 100 at most in one request.
# `--data pipeline=6936` looks after another one than the active pipeline (unblock, follow).

# deploys/unblock_pipeline.py: how long to watch, and how many jobs.
unblock_seconds = environ.get("UNBLOCK_SECONDS", 1800)
unblock_most_jobs = 50
# A runner that could take a job and has not asked for one for so many seconds does not poll.
stalled_seconds = environ.get("STALLED_SECONDS", 120)

# deploys/follow_experiment.py: the runner whose pod is replaced after each experiment job.
experiment_runner = 17
follow_seconds = 14400
runner_ready_seconds = 300  # for the next pod of the runner

# deploys/pipelines.py: for how long after a commit the pipeline of its push is awaited.
push_pipeline_seconds = environ.get("PUSH_PIPELINE_SECONDS", 60)
# An obsolete one with running or successful jobs of these stages is canceled
# only if its id is listed (6930,6931).
costly_stages = ["experiment-run"]
obsolete_pipelines = ""
# Approval to delete defunct pipelines, and ids of those with successful jobs.
delete_defunct_pipelines = False
defunct_pipelines = ""
cancel_seconds = 360  # after_script has five minutes

# deploys/widen_changes_filter.py
changes_filter_job = "experiment:build"
changes_filter_paths = ["k8s/**", "src/cpp/config.example.json", "scripts/reset/**"]

# deploys/revert_super_users.py: what proves that clients use SASL, and where the proof is kept.
removed_super_users = ["User:ANONYMOUS"]
sasl_required_commit = environ.get("SASL_REQUIRED_COMMIT", "3719896")
evidence_jobs = r"experiment:(kafka|run-all)"
evidence_wanted = r"Kafka producer ready \(\S*:9094, user=dedup-lab\)"
evidence_forbidden = [":9092", "SASL FAIL"]
evidence_directory = environ.get("EVIDENCE_DIRECTORY", "evidence")
kafka_ready_seconds = environ.get("KAFKA_READY_SECONDS", 900)

# deploys/kafka_config.py: the same values in three places. The password comes from the environment.
experiment_config_key = "config.json"
experiment_config_values = {"kafka": {"port": 9094, "user": "dedup-lab", "password": ""}}
experiment_config_map_file = "k8s/base/configmap.yaml"
experiment_config_file = "src/cpp/config.example.json"

# deploys/ci_variables.py: where the value of each variable is (ops/api/secret_store.py).
ci_variables_scope = "*"
ci_variables = {
    key: environ.get(f"{key}_SOURCE", f"environment:{key}")
    for key in (
        "DEDUP_PG_PASSWORD", "DEDUP_CRDB_PASSWORD", "DEDUP_REDIS_PASSWORD",
        "DEDUP_MARIADB_PASSWORD", "DEDUP_MINIO_PASSWORD", "DEDUP_KAFKA_PASSWORD",
    )
}  # fmt: skip

# deploys/verify_kafka_sasl.py
kafka_user_name = "dedup-lab"
kafka_password_variable = "DEDUP_KAFKA_PASSWORD"
kafka_password_exported_as = "KAFKA_PASSWORD"
kafka_client_file = "src/cpp/kafka_client.cpp"
kafka_bootstrap = "kafka-cluster-kafka-bootstrap.kafka.svc.cluster.local:9094"
kafka_programs = environ.get("KAFKA_BIN", "/opt/kafka/bin")

# deploys/experiment_rbac.py: what experiment:reset must be allowed to do, and as whom.
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
