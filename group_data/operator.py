"""The operator's machine: a clone of the project, files that a run leaves, and what is known."""

from os import environ

operator_clone = environ.get("OPERATOR_CLONE") or "~/dedup-database-analysis"
git_remotes = ["gitlab", "github"]
# Where a remote has none, or it is not set, git's own configuration serves.
git_token_variables = {"gitlab": "GITLAB_TOKEN", "github": "GITHUB_TOKEN"}
snapshot_directory = environ.get("SNAPSHOT_DIRECTORY") or "snapshots"
# What needs no attention in `overview` until a day is over (docs/overview.md):
# {"host": "@gitlab/runners/10", "reason": "its disk is replaced", "until": "2026-12-31"}
known_exceptions = []
