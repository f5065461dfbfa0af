"""The operator's machine: a clone of the project, and files that a run leaves."""

from os import environ

operator_clone = environ.get("OPERATOR_CLONE") or "~/dedup-database-analysis"
git_remotes = ["gitlab", "github"]
# Where a remote has none, or it is not set, git's own configuration serves.
git_token_variables = {"gitlab": "GITLAB_TOKEN", "github": "GITHUB_TOKEN"}
snapshot_directory = environ.get("SNAPSHOT_DIRECTORY") or "snapshots"
