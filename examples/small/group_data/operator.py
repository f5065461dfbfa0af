"""The operator's machine: a clone of the project, and files that a run leaves."""

from os import environ

operator_clone = environ.get("OPERATOR_CLONE") or "~/shop"
git_remotes = ["origin"]
git_token_variables = {"origin": "GITLAB_TOKEN"}
snapshot_directory = environ.get("SNAPSHOT_DIRECTORY") or "snapshots"
