"""The repair of the database behind the tags, which is run in the toolbox (docs/fix_tags.md)."""

from os import environ

tag_repair = "requeue"  # or "force-copy" or "none"
migration_timeout = 600  # seconds to wait; the job itself is never stopped
migration_database = ""  # "ci" where GitLab's databases are decomposed
migration_any_version = False  # approval to a GitLab version for which the repair is not meant
rerun_migration = False  # run the migration although it is recorded as done
gitlab_rails_directory = environ.get("GITLAB_RAILS_DIRECTORY") or "/srv/gitlab"
