"""What the facts of `ops` are, and what each is asked for on the practice site."""

import functools
import importlib
import inspect
from typing import Any

import case_files
from lab_process import Lab

from ops.api.strict_fact import StrictFact
from ops.http.fact import ResourceFact

PROJECT = "@gitlab/projects/280"
TAGS = "@kubernetes/gitlab-runner/cronjobs.v1.batch/runner-tag-enforcer"
FILE, BRANCH = ".gitlab-ci.yml", "development"

# Fact -> the host that is asked, and the arguments.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "instance.Version": ("@gitlab", {}),
    "instance.BatchedBackgroundMigrations": (
        "@gitlab", {"job_class_name": "BackfillCiRunnersPartitionedTable"}
    ),
    "runners.Runner": ("@gitlab/runners/17", {"runner": 16}),
    "runners.Runners": ("@gitlab", {}),
    "pipelines.Pipelines": (PROJECT, {"ref": BRANCH}),
    "pipelines.Pipeline": (PROJECT, {"pipeline": 6936}),
    "started_with.PipelineVariables": (PROJECT, {"pipeline": 6936}),
    "kubernetes.NamespaceExists": (TAGS, {"namespace": "kafka"}),
    "pipelines.PipelineJobs": (PROJECT, {"pipeline": 6936}),
    "pipelines.JobTrace": (PROJECT, {"job": "JOB"}),
    "pipelines.JobArtifact": (PROJECT, {"job": "JOB", "path": "none"}),
    "pipelines.RunningJobs": ("@gitlab", {"runner": 17, "status": "success"}),
    "protection.ProtectedBranches": (PROJECT, {}),
    "protection.ProjectGroups": (PROJECT, {}),
    "repository.RepositoryFile": (PROJECT, {"path": FILE, "ref": BRANCH}),
    "repository.BranchHead": (PROJECT, {"branch": BRANCH}),
    "repository.ChangedFiles": (PROJECT, {"before": "master", "after": BRANCH}),
    "repository.DefaultBranch": (PROJECT, {}),
    "repository.MergeBase": (PROJECT, {"one": "master", "other": BRANCH}),
    "repository.CiLint": (PROJECT, {"content": "a:\n  script: [b]\n", "simulated_on": BRANCH}),
    "repository.MergedConfiguration": (PROJECT, {"ref": BRANCH}),
    "repository.RepositoryFiles": (PROJECT, {"ref": BRANCH}),
    "variables.CiVariables": (PROJECT, {}),
    "variables.GroupVariables": (PROJECT, {"group": "GROUP"}),
    "variables.InstanceVariables": (PROJECT, {}),
    "kubernetes.Object": (TAGS, {}),
    "kubernetes.PatchedObject": (TAGS, {"patch": {"spec": {"suspend": True}}}),
    "kubernetes.JsonPatchedObject": (
        TAGS, {"patch": [{"op": "replace", "path": "/spec/suspend", "value": True}]}
    ),
    "kubernetes.AppliedObject": (
        TAGS,
        {
            "document": {"apiVersion": "batch/v1", "kind": "CronJob",
                         "metadata": {"name": "runner-tag-enforcer", "namespace": "gitlab-runner"}},
            "manager": "me", "force": True,
        },
    ),
    "kubernetes.AccessReview": (TAGS, {"resource": {"verb": "get", "resource": "pods"}}),
    "kubernetes.Pods": (TAGS, {"namespace": "kafka", "selector": ""}),
    "kubernetes.Budgets": (TAGS, {"namespace": "gitlab"}),
    "kubernetes.Bindings": (TAGS, {"resource": "clusterrolebindings"}),
}  # fmt: skip


@functools.cache
def facts() -> dict[str, type[StrictFact]]:
    """Every fact of `ops` that can be asked, as the folder of its cases is called."""
    found = {}
    for module in sorted(name for names in case_files.modules().values() for name in names):
        for value in vars(importlib.import_module(module)).values():
            is_fact = inspect.isclass(value) and issubclass(value, StrictFact)
            if is_fact and value.__module__ == module and "command" in vars(value):
                found[f"{case_files.label(module)}.{value.__name__}"] = value
    return found


RESOURCES = sorted(name for name, fact in facts().items() if issubclass(fact, ResourceFact))
COMMANDS = sorted(facts().keys() - set(RESOURCES))


def known(lab: Lab, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with what only the running site knows."""
    job = next(iter(next(iter(lab.project()["pipelines"]))["jobs"]))["id"]
    words = {
        "JOB": job,
        "GROUP": "comdare/research",
        "CLONE": lab.environment["OPERATOR_CLONE"],
        "RAILS": lab.environment["GITLAB_RAILS_DIRECTORY"],
        "MIGRATION": "requeue_backfill_ci_runners_partitioned_table",
    }
    return {
        name: words.get(value, value) if isinstance(value, str) else value
        for name, value in arguments.items()
    }
