"""All jobs of the site, in their order; each job skips what is already so.

    pyinfra inventory.py deploys/site.py --dry
    pyinfra inventory.py deploys/site.py

docs/site.md says what a preview cannot know yet, and docs/decisions/0010 why this is the order.
"""

from ops.site.job import job, some_job_acts

job("fix_tags")  # Without tags nothing else in CI goes on.
job("ci_variables")  # The experiment's jobs need their passwords,
job("experiment_rbac")  # their rights,
job("widen_changes_filter")  # and what is committed for them: this,
job("kafka_config")  # and this.
job("pipelines")  # So the pipeline of the head, which has all of that, is the one that counts.
job("unblock_pipeline", stalled_is_error=False)  # What waits starts; a runner may need the next.
job("follow_experiment", stalled_is_error=False)  # Hours; its logs are what comes below rests on.
job("verify_kafka_sasl")  # Before the anonymous way in is closed,
job("revert_super_users", evidence_required=False)  # with a proof; else in a later run.
job("sync_master", after="project")  # master gets what has run, and what that host commits.
some_job_acts()
