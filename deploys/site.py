"""The whole handover, in its order; each job skips what is already so.

    pyinfra inventory.py deploys/site.py --dry
    pyinfra inventory.py deploys/site.py

docs/site.md says what a second run adds.
"""

from ops.job import job

job("fix_tags")  # Without tags nothing else in CI goes on.
job("pipelines")  # Jobs of obsolete pipelines would take the runners first.
job("ci_variables")  # The experiment's jobs need their passwords,
job("experiment_rbac")  # and their rights.
job("unblock_pipeline", stalled_is_error=False)  # What waits starts; a runner may need the next.
job("follow_experiment", stalled_is_error=False)  # It takes hours; what comes below can wait.
job("revert_super_users", evidence_required=False)  # With a proof; else in the next run.
job("verify_kafka_sasl")  # After the anonymous way in is closed.
job("sync_master")  # The archive gets what has run,
job("widen_changes_filter")  # before there are new commits: this one,
job("kafka_config")  # and this one.
