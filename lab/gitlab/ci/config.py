"""`.gitlab-ci.yml`: what is wrong with it, and which jobs a pipeline of it has.

After https://docs.gitlab.com/ci/yaml/.
"""

import copy
import functools
from dataclasses import dataclass, field
from typing import Any

import yaml

from lab.gitlab.ci.checks import BEYOND, document_problems, job_problems, rules_problems
from lab.gitlab.ci.rules import Context, judge

GLOBAL = ("default", "image", "services", "stages", "variables", "workflow", "cache",
          "before_script", "after_script", "pages", "spec")  # fmt: skip
DEFAULT_STAGES = ["build", "test", "deploy"]
NO_JOBS = (
    "Pipeline will not run for the selected trigger. "
    "The rules configuration prevented any jobs from being added to the pipeline."
)
FILTERED = "Pipeline filtered out by workflow rules."


class Invalid(Exception):
    """The file is not valid; the arguments are the messages."""


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
    script: tuple[str, ...] = field(default=(), compare=False)


class Config:
    """A checked `.gitlab-ci.yml`; Invalid is raised where GitLab would not take it."""

    def __init__(self, text: str) -> None:
        document = _load(text)
        self.stages = [".pre", *(document.get("stages") or DEFAULT_STAGES), ".post"]
        self.workflow: list[dict[str, Any]] = (document.get("workflow") or {}).get("rules") or []
        entries = {n: v for n, v in document.items() if n not in GLOBAL and n not in BEYOND}
        self.jobs = {
            name: _extended(name, entries) for name in entries if not str(name).startswith(".")
        }
        errors = list(document_problems(document))
        if not self.jobs:
            errors.append("jobs config should contain at least one visible job")
        errors += rules_problems("workflow", self.workflow)
        for name, job in self.jobs.items():
            errors += job_problems(name, job, self.stages, set(self.jobs))
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
            verdict = judge(self.workflow, context)
            if verdict is None or verdict.when == "never":
                raise NoPipeline(FILTERED)
        specs = [s for name, job in self.jobs.items() if (s := _spec(name, job, context))]
        if not specs:
            raise NoPipeline(NO_JOBS)
        names = {spec.name for spec in specs}
        for spec in specs:
            for need in set(spec.needs or ()) - names:
                raise Invalid(
                    f"'{spec.name}' job needs '{need}' job, but '{need}' does not exist in the "
                    "pipeline. This might be because of the only, except, or rules keywords. "
                    "To need a job that sometimes does not exist in the pipeline, use "
                    "needs:optional."
                )
        return sorted(specs, key=lambda spec: self.stages.index(spec.stage))


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    """Parse YAML once: each reset makes six pipelines of the same file, half a second of work."""
    return yaml.safe_load(text)


def _load(text: str) -> dict[str, Any]:
    try:
        document = copy.deepcopy(_parsed(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise Invalid(f"(<unknown>): {error.problem}{place}") from None
    except yaml.YAMLError as error:
        raise Invalid(f"(<unknown>): {error}") from None
    if not isinstance(document, dict):
        raise Invalid("Invalid configuration format" if document else "Please provide content")
    return document


def _extended(name: str, entries: dict[str, Any], seen: tuple[str, ...] = ()) -> Any:
    job = entries.get(name)
    if not isinstance(job, dict) or "extends" not in job:
        return job
    parents = job["extends"]
    result: dict[str, Any] = {}
    for parent in [parents] if isinstance(parents, str) else parents:
        if parent not in entries:
            raise Invalid(f"{name}: unknown keys in `extends` ({parent})")
        if parent in seen:
            raise Invalid(f"{name}: circular dependency detected in `extends`")
        result = _merged(result, _extended(parent, entries, (*seen, name)))
    return _merged(result, {key: value for key, value in job.items() if key != "extends"})


def _merged(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    result = copy.copy(base)
    for key, value in top.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


def _spec(name: str, job: dict[str, Any], context: Context) -> JobSpec | None:
    when = job.get("when", "on_success")
    allow_failure = job.get("allow_failure", when == "manual" and "rules" not in job)
    if "rules" in job:
        verdict = judge(job["rules"], context)
        if verdict is None or (verdict.when or when) == "never":
            return None
        when = verdict.when or when
        if verdict.allow_failure is not None:
            allow_failure = verdict.allow_failure
    needs = _needs(job)
    script = job.get("script", [])
    return JobSpec(
        name=name,
        stage=job.get("stage", "test"),
        tags=tuple(job.get("tags", [])),
        needs=None if needs is None else tuple(needs),
        when=when,
        allow_failure=bool(allow_failure),
        script=(script,) if isinstance(script, str) else tuple(script),
    )


def _needs(job: dict[str, Any]) -> list[str] | None:
    if "needs" not in job:
        return None
    return [need["job"] if isinstance(need, dict) else need for need in job["needs"]]


def _is_open_ended(rules: list[dict[str, Any]]) -> bool:
    return any("if" not in rule and rule.get("when") not in (None, "never") for rule in rules)
