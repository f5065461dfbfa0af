"""The project: its branches and pipelines, and what is committed to it."""

from os import environ

ci_branch = "main"
target_branch = "stable"  # no CI there
ci_file = "ci/pipeline.yml"

newest_pipelines = 20  # pipelines that are looked at

unblock_seconds = environ.get("UNBLOCK_SECONDS") or 1800
unblock_most_jobs = 50  # jobs
# A runner that could take a job and has not asked for one for so many seconds does not poll.
stalled_seconds = environ.get("STALLED_SECONDS") or 120

# For how many seconds after a commit the pipeline of its push is awaited.
push_pipeline_seconds = environ.get("PUSH_PIPELINE_SECONDS") or 60
# An obsolete one with running or successful jobs of these stages is canceled
# only if its id is listed: --data obsolete_pipelines=901,902
costly_stages = ["release"]
obsolete_pipelines = []
# Approval to delete defunct pipelines, and ids of those with successful jobs.
delete_defunct_pipelines = False
defunct_pipelines = []
cancel_seconds = 360  # after_script has five minutes

changes_filter_job = "ui"
changes_filter_paths = ["config/shop.json"]

# Where the value of each CI/CD variable is (ops/api/secret_store.py).
ci_variables_scope = "*"
ci_variables = {
    key: environ.get(f"{key}_SOURCE") or f"environment:{key}"
    for key in ("SHOP_DB_PASSWORD", "SHOP_REGISTRY_TOKEN")
}
