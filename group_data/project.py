"""The project: its branches and pipelines, and what is committed to it."""

from os import environ

ci_branch = "development"
target_branch = "master"  # no CI there
ci_file = ".gitlab-ci.yml"
# Which jobs a pipeline should have follows from that file; a list here is taken instead.
pipeline_jobs = []

newest_pipelines = 20  # pipelines that are looked at
# `--data pipeline=6936` looks after another one than the active pipeline (unblock, follow).

unblock_seconds = environ.get("UNBLOCK_SECONDS") or 1800
unblock_most_jobs = 50  # jobs
# A runner that could take a job and has not asked for one for so many seconds does not poll.
stalled_seconds = environ.get("STALLED_SECONDS") or 120

# For how many seconds after a commit the pipeline of its push is awaited.
push_pipeline_seconds = environ.get("PUSH_PIPELINE_SECONDS") or 60
# An obsolete one with running or successful jobs of these stages is canceled
# only if its id is listed: --data obsolete_pipelines=6930,6931
costly_stages = ["experiment-run"]
obsolete_pipelines = []
# Approval to delete defunct pipelines, and ids of those with successful jobs.
delete_defunct_pipelines = False
defunct_pipelines = []
cancel_seconds = 360  # after_script has five minutes

# Whether its deploy freeze periods on GitLab forbid every change, as windows do.
freeze_periods_count = False

changes_filter_job = "experiment:build"
# `k8s/**` is to GitLab only what is right in k8s/, and `k8s/**/*` also what is below.
changes_filter_paths = ["k8s/**/*", "src/cpp/config.example.json", "scripts/reset/**/*"]

# Where the value of each CI/CD variable is (ops/api/secret_store.py).
ci_variables_scope = "*"
ci_variables = {
    key: environ.get(f"{key}_SOURCE") or f"environment:{key}"
    for key in (
        "DEDUP_PG_PASSWORD", "DEDUP_CRDB_PASSWORD", "DEDUP_REDIS_PASSWORD",
        "DEDUP_MARIADB_PASSWORD", "DEDUP_MINIO_PASSWORD", "DEDUP_KAFKA_PASSWORD",
    )
}  # fmt: skip
# A file variable is the path of a file in a job; a protected one reaches protected branches alone.
ci_variables_files = []
ci_variables_protected = None  # as it is
