"""The forms of GitLab's answers, as far as something relies on them (`ops.api.form`).

What GitLab always gives is required, so that a job without a status is an error and not "no active
job". What only some versions or some requests give may be missing, but has its type.
"""

from typing import Any, NotRequired, TypedDict


class Pipeline(TypedDict):
    """Of a list, or alone (https://docs.gitlab.com/api/pipelines/)."""

    id: int
    sha: str
    status: str
    source: NotRequired[str]
    before_sha: NotRequired[str | None]


class JobRunner(TypedDict):
    """The runner of a job."""

    id: int
    description: NotRequired[str | None]


class Job(TypedDict):
    """https://docs.gitlab.com/api/jobs/."""

    id: int
    name: str
    status: str
    stage: NotRequired[str]
    allow_failure: NotRequired[bool]
    tag_list: NotRequired[list[str]]
    failure_reason: NotRequired[str | None]
    runner: NotRequired[JobRunner | None]
    created_at: NotRequired[str]
    started_at: NotRequired[str | None]
    finished_at: NotRequired[str | None]


class Runner(TypedDict):
    """GET /runners/:id. A runner without tags has an empty list: `tag_list: null` says nothing."""

    id: int
    tag_list: list[str]
    description: NotRequired[str | None]
    paused: bool
    run_untagged: bool
    locked: bool
    access_level: str
    maximum_timeout: NotRequired[int | None]
    maintenance_note: NotRequired[str | None]
    online: NotRequired[bool | None]
    contacted_at: NotRequired[str | None]


class RunnerNode(TypedDict):
    """A runner of GraphQL.

    The schema lets `tagList` be null, as any field whose resolver has failed is then. A runner
    without tags has an empty list: its resolver makes a list of the tags that there are
    (app/graphql/types/ci/runner_type.rb, `tag_list` in app/models/concerns/ci/taggable.rb).
    """

    id: str
    status: str
    tagList: list[str]
    accessLevel: str
    description: NotRequired[str | None]
    paused: bool
    runUntagged: bool
    locked: bool | None
    maximumTimeout: NotRequired[int | None]
    maintenanceNote: NotRequired[str | None]
    contactedAt: NotRequired[str | None]


class _Nodes(TypedDict):
    nodes: list[RunnerNode]


class _Data(TypedDict):
    runners: _Nodes


class RunnersAnswer(TypedDict):
    """The answer to the query for all runners."""

    data: _Data


class Variable(TypedDict):
    """A CI/CD variable of a project, a group or all of GitLab; the last has no scope."""

    key: str
    value: str | None
    environment_scope: NotRequired[str]
    masked: NotRequired[bool]
    protected: NotRequired[bool]
    raw: NotRequired[bool]
    hidden: NotRequired[bool]
    variable_type: NotRequired[str]
    description: NotRequired[str | None]


class PassedVariable(TypedDict):
    """A variable that a pipeline is started with."""

    key: str
    value: str


class Schedule(TypedDict):
    """A pipeline schedule in a list."""

    id: int
    ref: str
    active: bool
    description: NotRequired[str | None]


class ScheduleWithVariables(TypedDict):
    """A pipeline schedule; who may not see its variables gets none."""

    variables: NotRequired[list[PassedVariable] | None]


class Version(TypedDict):
    """GET /version."""

    version: str


class Migration(TypedDict):
    """A batched background migration."""

    created_at: str
    id: NotRequired[int]
    status: NotRequired[str]
    job_class_name: NotRequired[str]
    progress: NotRequired[float | None]


class Named(TypedDict):
    """What has a name."""

    name: str


class Namespace(TypedDict):
    """Of a project."""

    kind: str
    full_path: str


class InNamespace(TypedDict):
    """A project, for its groups."""

    namespace: Namespace


class WithBranch(TypedDict):
    """A project, for its default branch; one without a repository has none."""

    default_branch: str | None


class RepositoryFile(TypedDict):
    """A file of a commit, in base64."""

    content: str
    last_commit_id: str


class Commit(TypedDict):
    """https://docs.gitlab.com/api/commits/."""

    id: str
    parent_ids: NotRequired[list[str]]
    title: NotRequired[str]
    message: NotRequired[str]
    committed_date: NotRequired[str]


class Branch(TypedDict):
    """A branch with the commit at its head."""

    commit: Commit


class Diff(TypedDict):
    """A file that differs."""

    old_path: str
    new_path: str


class Comparison(TypedDict):
    """Of two commits."""

    compare_timeout: bool
    diffs: list[Diff]


class Lint(TypedDict):
    """What GitLab says of a CI configuration."""

    valid: bool
    errors: list[Any]
    warnings: list[Any]
    merged_yaml: NotRequired[str | None]
    jobs: NotRequired[list[Named] | None]


class Included(TypedDict):
    """A file that a CI configuration includes."""

    location: NotRequired[str | None]
    type: NotRequired[str | None]
    blob: NotRequired[str | None]
    raw: NotRequired[str | None]
    extra: NotRequired[dict[str, Any] | None]


class Merged(TypedDict):
    """A CI configuration with what it includes."""

    valid: bool
    errors: list[Any]
    merged_yaml: str | None
    includes: NotRequired[list[Included] | None]


class TreeEntry(TypedDict):
    """An entry of a repository's tree."""

    path: str
    type: str


class FreezePeriod(TypedDict):
    """A deploy freeze period (https://docs.gitlab.com/api/freeze_periods/)."""

    id: int
    freeze_start: str
    freeze_end: str
    cron_timezone: str
