"""The CronJob that enforces the tags: after the proof, and while they are not proven to last."""

from os import environ

enforcer_schedule = "*/5 * * * *"
enforcer_suspend = False
enforcer_fallback_schedule = "* * * * *"

# Variables in which the CronJob hands GitLab's URL and token to its script.
enforcer_url_variable = "GITLAB_URL"
enforcer_token_variable = "GITLAB_TOKEN"
# PEM file of the CA behind GitLab's certificate, which goes into the script; empty: a public CA.
enforcer_ca_file = environ.get("GITLAB_CA_FILE") or ""

# The CronJob's annotation that records a migration; the name of the repair follows.
migration_annotation_prefix = "gitlab.comdare.de/migration-"
