"""Settings of the jobs. Each can be given for one run: `--data hold_seconds=60`."""

from os import environ

# deploys/fix_tags.py: the repair of the database ("requeue", "force-copy" or "none").
tag_repair = "requeue"
migration_timeout = 600  # seconds to wait; the job itself is never stopped
migration_database = ""  # "ci" where GitLab's databases are decomposed
migration_any_version = False  # consent to a GitLab version for which the repair is not meant
rerun_migration = False  # run the migration although it is recorded as done
gitlab_rails_directory = environ.get("GITLAB_RAILS_DIRECTORY", "/srv/gitlab")

# The proof: how long all tags must last while the enforcer is suspended.
hold_seconds = int(environ.get("RUNNER_TAGS_HOLD_SECONDS", "300"))
hold_interval = float(environ.get("RUNNER_TAGS_HOLD_INTERVAL", "10"))

# The enforcer after the proof, and while the tags are not proven to last.
relaxed_schedule = "*/5 * * * *"
relaxed_suspend = False
alert_schedule = "* * * * *"

# Variables in which the enforcer's CronJob hands GitLab's URL and token to its script.
enforcer_url_variable = "GITLAB_URL"
enforcer_token_variable = "GITLAB_TOKEN"
# PEM file of the CA behind GitLab's certificate, which goes into the script; empty: a public CA.
enforcer_ca_file = environ.get("GITLAB_CA_FILE", "")

# Consent to take away a tag that a runner has, for one run: --data allow_tag_removal=true
allow_tag_removal = False

snapshot_directory = environ.get("SNAPSHOT_DIRECTORY", "snapshots")
