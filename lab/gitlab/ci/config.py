"""`.gitlab-ci.yml`: what is wrong with it, and which jobs a pipeline of it has.

After https://docs.gitlab.com/ci/yaml/.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from lab.gitlab.ci.checks import BEYOND, document_problems, job_problems, workflow_problems
from lab.gitlab.ci.document import Invalid, extended, flat
from lab.gitlab.ci.inputs import load
from lab.gitlab.ci.rules import Context, expanded, judge

__all__ = ["Config", "Invalid", "JobSpec", "NoPipeline"]

GLOBAL = ("default", "image", "services", "stages", "variables", "workflow", "cache",
          "before_script", "after_script", "pages", "spec")  # fmt: skip
DEFAULT_STAGES = ["build", "test", "deploy"]
# They are in each pipeline, and alone they make none.
EDGES = (".pre", ".post")
NO_JOBS = (
    "Pipeline will not run for the selected trigger. "
    "The rules configuration prevented any jobs from being added to the pipeline."
)
FILTERED = "Pipeline filtered out by workflow rules."


class NoPipeline(Exception):
    """The file is valid, and its rules leave no pipeline."""


@dataclass(frozen=True)
class JobSpec:
    """A job as its rules leave it; where `needs` is None, it waits for the stages before."""

    name: str
    stage: str
    tags: tuple[str, ...] = ()
    needs: tuple[str, ...] | None = None
    when: str = "on_success"
    allow_failure: bool = False
    interruptible: bool = False
    script: tuple[str, ...] = field(default=(), compare=False)
    before_script: tuple[str, ...] = field(default=(), compare=False)
    environment: str = ""


class Config:
    """A checked `.gitlab-ci.yml`; Invalid is raised where GitLab would not take it."""

    def __init__(self, text: str) -> None:
        document = load(text)
        self.stages = [EDGES[0], *(document.get("stages") or DEFAULT_STAGES), EDGES[1]]
        self.workflow = _rules(document.get("workflow") or {})
        auto_cancel = (document.get("workflow") or {}).get("auto_cancel") or {}
        # What a newer pipeline of the branch cancels of one of this configuration.
        self.on_new_commit = str(auto_cancel.get("on_new_commit") or "conservative")
        self.default: dict[str, Any] = document.get("default") or {}
        self.variables: dict[str, Any] = document.get("variables") or {}
        entries = {n: v for n, v in document.items() if n not in GLOBAL and n not in BEYOND}
        self.jobs = {
            name: extended(name, entries) for name in entries if not str(name).startswith(".")
        }
        errors = list(document_problems(document))
        jobs = {name: job for name, job in self.jobs.items() if isinstance(job, dict)}
        if not self.jobs:
            errors.append("jobs config should contain at least one visible job")
        errors += workflow_problems(document.get("workflow") or {}, self.workflow)
        for name, job in self.jobs.items():
            if isinstance(job, dict) and "rules" in job:
                job["rules"] = _rules(job)
            errors += job_problems(name, job, self.stages, jobs)
        if errors:
            raise Invalid(*errors)

    @property
    def warnings(self) -> list[str]:
        """Return what GitLab warns of."""
        if self.workflow:
            return []
        text = (
            "may allow multiple pipelines to run for a single action due to `rules:when` clause "
            "with no `workflow:rules`"
        )
        open_ended = [n for n, job in self.jobs.items() if _is_open_ended(job.get("rules") or [])]
        return [f"jobs:{name} {text}" for name in open_ended]

    def pipeline(self, context: Context) -> list[JobSpec]:
        """Return the jobs, stage by stage; raise NoPipeline or Invalid where there is none."""
        if self.workflow:
            verdict = judge(self.workflow, _over(context, self.variables))
            if verdict is None or verdict.when == "never":
                raise NoPipeline(FILTERED)
        whole = {name: {**self.default, **job} for name, job in self.jobs.items()}
        found = (_spec(name, job, context, self.variables) for name, job in whole.items())
        specs = [spec for spec in found if spec]
        if all(spec.stage in EDGES for spec in specs):
            raise NoPipeline(NO_JOBS)
        names = {spec.name for spec in specs}
        for spec in specs:
            for need in set(spec.needs or ()) - names - _optional(self.jobs[spec.name]):
                raise Invalid(
                    f"'{spec.name}' job needs '{need}' job, but '{need}' does not exist in the "
                    "pipeline. This might be because of the only, except, or rules keywords. "
                    "To need a job that sometimes does not exist in the pipeline, use "
                    "needs:optional."
                )
        return sorted(specs, key=lambda spec: self.stages.index(spec.stage))


def _spec(
    name: str, job: dict[str, Any], context: Context, variables: dict[str, Any]
) -> JobSpec | None:
    when = job.get("when", "on_success")
    allow_failure = job.get("allow_failure", when == "manual")
    if "rules" in job:
        written = {**variables, **(job.get("variables") or {})}
        verdict = judge(job["rules"], _over(context, written))
        if verdict is None or (verdict.when or when) == "never":
            return None
        when = verdict.when or when
        if verdict.allow_failure is not None:
            allow_failure = verdict.allow_failure
    needs = _needs(job)
    return JobSpec(
        name=name,
        stage=job.get("stage", "test"),
        tags=tuple(job.get("tags", [])),
        needs=None if needs is None else tuple(needs),
        when=when,
        allow_failure=bool(allow_failure),
        interruptible=bool(job.get("interruptible")),
        script=tuple(map(str, flat(job.get("script", [])))),
        before_script=tuple(map(str, flat(job.get("before_script", [])))),
        environment=_environment(name, job, {**variables, **(job.get("variables") or {})}, context),
    )


def _over(context: Context, written: dict[str, Any]) -> Context:
    """Return what rules look at, where the file gives a predefined variable another value.

    https://docs.gitlab.com/ci/variables/#cicd-variable-precedence
    """
    values = {key: v.get("value") if isinstance(v, dict) else v for key, v in written.items()}
    own = {key: str(value) for key, value in values.items() if str(key).startswith("CI_")}
    return replace(context, variables={**context.variables, **own})


def _environment(name: str, job: dict[str, Any], written: dict[str, Any], context: Context) -> str:
    """Return the name of a job's environment with the values of variables; empty: it has none."""
    found = job.get("environment") or ""
    values = {key: v.get("value") if isinstance(v, dict) else v for key, v in written.items()}
    texts = {key: "" if value is None else str(value) for key, value in values.items()}
    ref = context.variables.get("CI_COMMIT_REF_NAME", "")
    slug = re.sub("[^a-z0-9]", "-", ref.lower())[:63].strip("-")
    known = {"CI_JOB_NAME": name, "CI_COMMIT_REF_SLUG": slug, **texts, **context.variables}
    return expanded(str(found["name"] if isinstance(found, dict) else found), known)


def _rules(part: dict[str, Any]) -> Any:
    """Return the rules of a job or of the workflow, without the lists in the list."""
    found = part.get("rules")
    return list(flat(found)) if isinstance(found, list) else found or []


def _needs(job: dict[str, Any]) -> list[str] | None:
    if "needs" not in job:
        return None
    return [need["job"] if isinstance(need, dict) else need for need in job["needs"]]


def _optional(job: dict[str, Any]) -> set[str]:
    needs = job.get("needs") or []
    return {need["job"] for need in needs if isinstance(need, dict) and need.get("optional")}


def _is_open_ended(rules: list[dict[str, Any]]) -> bool:
    return any("if" not in rule and rule.get("when") not in (None, "never") for rule in rules)
