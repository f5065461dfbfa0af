"""What a site hands in of its GitLab: runners that have lost their tags, a project, its past."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.git.initial import Beginning as Repository

GITLAB_VERSION = "17.9.2"
MIGRATION = "20241219100359"
FORCE_COPY_MIGRATION = "20250409120000"

# id, description, tags that its jobs need, paused, maximum timeout
RunnerRow = tuple[int, str, list[str], bool, int | None]
# number of its commit, source, minutes ago, status by job, status of all other jobs
PipelineRow = tuple[int, str, int, dict[str, str], str]


@dataclass(frozen=True)
class Installation:
    """GitLab itself.

    + runners: all of them; who they are, and the tags that they had
    + untagged: the runner that takes jobs without tags, or None
    + root: its relative URL, such as `/gitlab`
    + loses_tags: whether tags vanish again that are set, until the database is repaired
    """

    runners: Sequence[RunnerRow]
    untagged: int | None
    version: str = GITLAB_VERSION
    root: str = ""
    loses_tags: bool = True

    def runner(self, number: int, description: str | None) -> dict[str, Any]:
        """Return a runner as it is after the tags were lost, or a further one.

        + description: another one than that of the beginning
        """
        known = {row[0]: row for row in self.runners}
        further: RunnerRow = (number, f"runner-{number}", [], False, None)
        _, name, _, paused, timeout = known.get(number, further)
        name = description or name
        return {
            "id": number,
            "description": name,
            "name": "gitlab-runner",
            "runner_type": "instance_type",
            "is_shared": True,
            "active": not paused,
            "paused": paused,
            "online": True,
            "status": "paused" if paused else "online",
            "ip_address": None,
            "tag_list": [],
            # No job without tags may start on another one.
            "run_untagged": number == self.untagged,
            "locked": False,
            "maximum_timeout": timeout,
            "access_level": "not_protected",
            "version": "17.9.1",
            "contacted_at": "2026-02-23T09:58:12.000Z",
            "maintenance_note": "bare metal" if name.startswith("node") else None,
            "projects": [],
            "groups": [],
        }


@dataclass(frozen=True)
class Past:
    """The pipelines that there are, in the order in which they were made.

    + first, first_job: ids of the first one, and of its first job
    """

    first: int
    first_job: int
    pipelines: Sequence[PipelineRow]


@dataclass(frozen=True)
class Pods:
    """The runners that are pods.

    + labels: value of the pod's label `app` by the id of the runner
    + stuck: runners that stop polling after a job, until their pod is replaced
    """

    namespace: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    stuck: Collection[int] = ()


@dataclass(frozen=True)
class Output:
    """What the scripts of jobs print.

    + lines: returns it by the name of the job
    + kafka_job: the job that logs in to Kafka; an empty text where there is none
    + kafka_lines: what that one prints, by the setting `kafka_log`
    + artifact: returns, by the name of a job, the path of the file that has the same lines
    + password: the CI/CD variable with Kafka's password, and as what the client reads it
    + login_refused: what the job prints where that lets nobody in
    """

    lines: Callable[[str], list[str]]
    kafka_job: str = ""
    kafka_lines: Mapping[str, list[str]] = field(default_factory=dict)
    artifact: Callable[[str], str] = lambda name: ""
    password: tuple[str, str] = ("", "")
    login_refused: Sequence[str] = ()


@dataclass(frozen=True)
class ProjectData:
    """The project.

    + ci_file: path of its CI/CD configuration
    + variables: keys of the variables whose values the operator has
    + present: the ones that there are, and whether they are masked
    + further: the other variables of the project, with their values
    """

    id: int
    repository: Repository
    past: Past
    output: Output
    ci_file: str = ".gitlab-ci.yml"
    pods: Pods = Pods()
    variables: Sequence[str] = ()
    present: Mapping[str, bool] = field(default_factory=dict)
    further: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path of the project on GitLab."""
        return self.repository.paths["gitlab"].removesuffix(".git")

    @property
    def branch(self) -> str:
        """Its default branch, where CI runs."""
        return self.repository.history.branch
