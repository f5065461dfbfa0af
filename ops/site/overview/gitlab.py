"""What the overview looks at in GitLab and on the git remotes. Everything here only reads."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pyinfra.api.inventory import Inventory

from ops.api.difference import show
from ops.api.hosts import has, only
from ops.git.facts import RemoteBranches
from ops.gitlab import workflow
from ops.gitlab.ci import configuration, filters
from ops.gitlab.facts.repository import RepositoryFile
from ops.gitlab.facts.runners import Runners
from ops.gitlab.pipelines import selection
from ops.gitlab.pipelines.demand import demand
from ops.gitlab.pipelines.results import lost
from ops.gitlab.pipelines.seen import Seen
from ops.gitlab.pipelines.status import Jobs, pending, progress
from ops.gitlab.precedence import of_key
from ops.gitlab.runners.inventory import tag_table
from ops.gitlab.runners.losses import missing_tags
from ops.gitlab.runners.operations import mass_wipe
from ops.gitlab.variable_levels import branch_is_protected, levels
from ops.http.watch import ask
from ops.site.experiment.pause_mark import mark_of
from ops.site.experiment.runner_pause import is_alive
from ops.site.overview.area import Area
from ops.site.settings import Operator, Project, RunnerPod

MOST_AT_ONCE = 8  # requests to GitLab


def runners(inventory: Inventory) -> Area:
    """Look at the tags and the state of all runners."""
    area = Area("Runners")
    live = ask(only(inventory, "gitlab"), Runners)
    wanted = tag_table(inventory)
    missing = missing_tags(wanted, live)
    cause = mass_wipe(wanted, live)
    if cause:
        area.needs(f"{cause.partition('. ')[0]} (GitLab issue 524402): fix_tags")
    # Where no job replaces a pod, none has left a pause.
    pod = RunnerPod.of(inventory) if has(inventory, "runner_pod") else None
    for number in sorted(wanted):
        runner, name = live.get(number), f"@gitlab/runners/{number}"
        if runner is None:
            area.needs(f"runner {number} does not exist in GitLab", name)
            continue
        state = "paused" if runner["paused"] else "online" if runner["online"] else "OFFLINE"
        tags = show(set(runner["tag_list"]))
        lack = f", lacks {show(missing[number])}" if number in missing else ""
        area.lines.append(f"{number:>2} {runner['description']:<18} {state:<8} {tags}{lack}")
        if state == "OFFLINE":
            area.needs(f"runner {number} ({runner['description']}) is offline", name)
        if state == "paused" and mark_of(runner) is None:
            area.needs(f"runner {number} ({runner['description']}) is paused", name)
        if pod is not None:
            _show_pause(area, runner, pod.runner_ready_seconds, name)
    if missing and not cause:
        area.needs(f"{len(missing)} of {len(wanted)} runners lack tags: fix_tags")
    return area


def _show_pause(area: Area, runner: Mapping[str, Any], ready_seconds: float, host: str) -> None:
    """Add which run has paused a runner, and that it is gone where it is."""
    mark = mark_of(runner)
    if mark is None:
        return
    area.lines.append(f"   paused by {mark}, while its pod is replaced")
    if not is_alive(mark, ready_seconds):
        text = f"runner {runner['id']} was left paused by {mark}: follow_experiment"
        area.needs(text, host)


def pipelines(inventory: Inventory) -> Area:
    """Look at the pipelines of the branch: the active one by stage, and the superfluous ones."""
    project = only(inventory, "project")
    data = Project.of(inventory)
    area = Area(f"Pipelines of {data.ci_branch}")
    branch = selection.branch(
        project, data.ci_branch, data.pipeline_jobs, data.newest_pipelines, look=ask
    )
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        list(pool.map(branch.jobs, [found["id"] for found in branch.pipelines]))
    live = branch.active_pipeline()
    if live is None:
        area.lines.append("none is active")
    else:
        _show(area, live, branch.jobs(live["id"]) or (), inventory)
    head = branch.head_pipeline()
    if head is None:
        area.needs(f"the head {branch.head[:8]} has no complete pipeline: pipelines", project.name)
    elif lost(branch.jobs(head) or ()):
        area.lines.append(f"lost in {head}: {', '.join(lost(branch.jobs(head) or ()))}")
        area.needs(f"pipeline {head} of the head has failed: retry it in GitLab", project.name)
    obsolete, defunct = branch.obsolete(), branch.defunct()
    if obsolete:
        text = f"obsolete and active: {', '.join(map(str, obsolete))}: pipelines"
        area.needs(text, project.name)
    if defunct:
        area.lines.append(
            f"defunct pipelines, to be deleted with approval: {', '.join(map(str, defunct))}"
        )
    return area


def _show(area: Area, pipeline: Mapping[str, Any], jobs: Jobs, inventory: Inventory) -> None:
    """Add the stages of a pipeline, and why each pending job waits."""
    area.lines.append(f"{pipeline['id']} ({pipeline['source']}, {pipeline['sha'][:8]})")
    Seen(pipeline["id"]).observe(jobs)
    area.lines += [f"  {line}" for line in progress(jobs)]
    live, wanted = ask(only(inventory, "gitlab"), Runners), tag_table(inventory)
    project = only(inventory, "project").name
    for found in (demand(job, live, wanted) for job in pending(jobs)):
        why = f"waits for {show(found.tags)}"
        if found.ready:
            why += f", runner {found.ready[0]} could take it"
        elif found.after_tags:
            why += f", which runner {found.after_tags[0]} should have"
            area.needs(f"{found.job} waits for tags that are lost: unblock_pipeline", project)
        else:
            why += f": {found.reason}"
            area.needs(f"no runner can take {found.job}: {found.reason}", project)
        area.lines.append(f"  {found.job} {why}")


def ci_rules(inventory: Inventory) -> Area:
    """Look at the rules of the CI configuration: what runs the experiment, and what stays off."""
    project = only(inventory, "project")
    data = Project.of(inventory)
    area = Area("CI/CD configuration")
    file = ask(project, RepositoryFile, path=data.ci_file, ref=data.ci_branch)
    if file is None:
        area.needs(f"{data.ci_branch} has no {data.ci_file}", project.name)
        return area
    document = configuration.load(file.text)
    lacking = _filter(area, document, data.changes_filter_job, data.changes_filter_paths)
    if lacking:
        area.needs(f"{lacking}: widen_changes_filter", project.name)
    found = workflow.seen(project, data.ci_file, data.ci_branch, data.target_branch)
    if found.kept_off:
        area.lines.append(found.text)
    else:
        area.needs(found.text, project.name)
    return area


def _filter(
    area: Area, document: configuration.Configuration, job: str, paths: Sequence[str]
) -> str:
    """Add for which files a push runs a job; return how many of the wanted ones it lacks, or ""."""
    if job not in document.entries and document.includes():
        area.lines.append(f"{job} is in what is included: {'; '.join(document.includes())}")
        return ""
    found = filters.lists(document, job)
    listed = [str(glob) for glob in found[0]] if found else []
    area.lines.append(f"{job} runs for changes of {', '.join(listed)}")
    alike = filters.same_filters(document, job, paths) if len(found) == 1 else []
    lacking = {path for f in alike for path in paths if path not in list(f.listed)}
    missing = [path for path in paths if path in lacking or path not in listed]
    if missing:
        area.lines.append(f"it, or a job with the same filter, does not for {', '.join(missing)}")
        return f"{job} does not run for {len(missing)} wanted paths"
    return ""


def branches(inventory: Inventory) -> Area:
    """Look at the heads of both branches on each remote."""
    operator = only(inventory, "operator")
    data, project = Operator.of(inventory), Project.of(inventory)
    area = Area("Branches")
    heads: dict[str, Mapping[str, str]] = {
        remote: ask(
            operator, RemoteBranches,
            directory=data.operator_clone,
            remote=remote,
            token_variable=data.git_token_variables.get(remote, ""),
        )
        for remote in data.git_remotes
    }  # fmt: skip
    for branch in (project.ci_branch, project.target_branch):
        at = {remote: found.get(branch, "")[:8] or "none" for remote, found in heads.items()}
        area.lines.append(f"{branch}: " + ", ".join(f"{c} on {r}" for r, c in at.items()))
    wanted = heads[data.git_remotes[0]].get(project.ci_branch)
    for remote, found in heads.items():
        if found.get(project.target_branch) != wanted:
            text = f"{project.target_branch} of {remote} is not at {project.ci_branch}: sync_master"
            area.needs(text, operator.name)
        if found.get(project.ci_branch) != wanted:
            text = f"{project.ci_branch} of {remote} is not at that of {data.git_remotes[0]}"
            area.needs(f"{text}: sync_master", operator.name)
    return area


def variables(inventory: Inventory) -> Area:
    """Look at the CI/CD variables: which exist, which are masked, and which the jobs get."""
    project = only(inventory, "project")
    data = Project.of(inventory)
    seen = levels(project)
    live = seen[0].variables or {}
    area = Area("CI/CD variables")
    scope = data.ci_variables_scope
    present = {key: live[key, scope] for key in data.ci_variables if (key, scope) in live}
    area.lines.append(f"{len(present)} of {len(data.ci_variables)} exist")
    protected = [key for key, variable in present.items() if variable["protected"]]
    if protected and branch_is_protected(project, data.ci_branch):
        protected = []
    files = data.ci_variables_files
    kinds = {key: "file" if key in files else "env_var" for key in present}
    for problem, names in (
        ("missing", [key for key in data.ci_variables if key not in present]),
        ("not masked", [key for key, variable in present.items() if not variable["masked"]]),
        ("of another type", [k for k, v in present.items() if v["variable_type"] != kinds[k]]),
        (f"protected, which {data.ci_branch} is not", protected),
    ):
        if names:
            area.lines.append(f"{problem}: {', '.join(names)}")
            area.needs(f"{problem}: {', '.join(names)}: ci_variables", project.name)
    for key in data.ci_variables:
        others = [one.where for one in of_key(seen[1:], key, scope)]
        why = ": the project's is protected and does not reach the jobs" if key in protected else ""
        if others:
            area.lines.append(f"{key} is in {' and in '.join(others)}, too{why}")
    area.lines += [level.why for level in seen if level.why]
    return area
