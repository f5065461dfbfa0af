"""The operator's machine: a clone of the project, and files that a run leaves."""

from os import environ

operator_clone = environ.get("OPERATOR_CLONE", "~/dedup-database-analysis")
git_remotes = ["gitlab", "github"]
snapshot_directory = environ.get("SNAPSHOT_DIRECTORY", "snapshots")
evidence_directory = environ.get("EVIDENCE_DIRECTORY", "evidence")
