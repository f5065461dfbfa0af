"""Settings of the group `project`: its branches, its pipelines, what is committed to it."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from msgspec import Meta
from pyinfra.api.inventory import Inventory

from ops.api.settings.group import About, Group
from ops.api.settings.kinds import (
    Approval,
    Count,
    Ids,
    Kind,
    RepositoryPath,
    Seconds,
    Text,
    Texts,
    WholeTexts,
)
from ops.site.settings.all import EVERY_JOB

Branch = Annotated[str, Meta(pattern=r"^[^\s~^:?*\[\\]+$"), Kind("the name of a branch")]
Newest = Annotated[int, Meta(ge=1, le=10_000), Kind("a whole number from 1 to 10000")]
_SOURCE = re.compile(r"(environment|helper|file):.")


def check_sources(sources: Mapping[str, str]) -> None:
    """Raise ValueError with the first name whose source is none; that may be the secret itself."""
    for name, source in sources.items():
        if not _SOURCE.match(source):
            text = "its source is none of environment:NAME, helper:COMMAND and file:PATH"
            raise ValueError(f"{name}: {text}")


Sources = Annotated[
    dict[str, str], Kind("a source for each name", check=check_sources, hidden=True)
]

ON_BRANCH = (
    "experiment_rbac", "follow_experiment", "kafka_config", "overview", "pipelines",
    "revert_super_users", "sync_master", "unblock_pipeline", "verify_kafka_sasl",
    "widen_changes_filter",
)  # fmt: skip
WATCHING = ("follow_experiment", "unblock_pipeline")
LOOKING = (*WATCHING, "overview", "pipelines")
CI_FILE = (
    "experiment_rbac", "follow_experiment", "overview", "pipelines", "unblock_pipeline",
    "verify_kafka_sasl", "widen_changes_filter",
)  # fmt: skip


class Project(Group, frozen=True, kw_only=True):
    """The project in GitLab, `@gitlab/projects/ID`."""

    group: ClassVar[str] = "project"

    ci_branch: Annotated[Branch, About("branch whose pipelines count", *ON_BRANCH)]
    target_branch: Annotated[
        Branch,
        About("branch that follows it, without CI", "experiment_rbac", "overview", "sync_master"),
    ]
    ci_file: Annotated[RepositoryPath, About("CI/CD configuration, in the repository", *CI_FILE)]
    pipeline_jobs: Annotated[
        Texts,
        About("all jobs of a complete pipeline; none: as the CI/CD configuration says", *LOOKING),
    ] = []
    newest_pipelines: Annotated[
        Newest,
        About(
            "of the branch that are looked at",
            *("revert_super_users", *LOOKING),
            unit="pipelines",
        ),
    ]
    pipeline: Annotated[
        Count | None, About("id of another pipeline than the active one", *WATCHING)
    ] = None

    unblock_seconds: Annotated[Seconds, About("to watch pending jobs", "unblock_pipeline")]
    unblock_most_jobs: Annotated[
        Count, About("that are watched, at most", "unblock_pipeline", unit="jobs")
    ]
    stalled_seconds: Annotated[
        Seconds,
        About("after which a runner that could take a job and asks for none is stalled", *WATCHING),
    ]
    stalled_is_error: Annotated[
        Approval, About("whether it fails where only jobs are left that no runner takes", *WATCHING)
    ] = True

    push_pipeline_seconds: Annotated[
        Seconds, About("after a commit for which the pipeline of its push is awaited", "pipelines")
    ]
    costly_stages: Annotated[
        Texts,
        About("stages for which an obsolete pipeline is canceled only if listed", "pipelines"),
    ]
    obsolete_pipelines: Annotated[
        Ids, About("approval to cancel these, which have costly jobs", "pipelines")
    ]
    delete_defunct_pipelines: Annotated[
        Approval, About("approval to delete defunct pipelines", "pipelines")
    ]
    defunct_pipelines: Annotated[
        Ids, About("approval to delete these, which have successful jobs", "pipelines")
    ]
    cancel_seconds: Annotated[Seconds, About("to wait until a pipeline is canceled", "pipelines")]

    freeze_periods_count: Annotated[
        Approval, About("whether nothing may be changed in its deploy freeze periods", *EVERY_JOB)
    ] = False

    changes_filter_job: Annotated[
        Text, About("job whose rules:changes is widened", "overview", "widen_changes_filter")
    ]
    changes_filter_paths: Annotated[
        WholeTexts, About("globs that must be in it", "overview", "widen_changes_filter")
    ]

    ci_variables: Annotated[
        Sources, About("CI/CD variables, and where their values are", "ci_variables", "overview")
    ]
    ci_variables_scope: Annotated[
        Text,
        About("environment scope of them", "ci_variables", "overview", "verify_kafka_sasl"),
    ]
    ci_variables_files: Annotated[
        Texts,
        About("those of them of which a job gets the path of a file", "ci_variables", "overview"),
    ] = []
    ci_variables_protected: Annotated[
        Approval | None,
        About("whether only protected branches get them; none: as it is", "ci_variables"),
    ] = None


def variable_problems(inventory: Inventory) -> Iterator[str]:
    """Return a text for each variable that is to be a file and is none of ours.

    + inventory: of the run
    """
    for host in inventory.get_group(Project.group, []):
        for key in host.data.get("ci_variables_files") or ():
            if key not in (host.data.get("ci_variables") or {}):
                yield f"ci_variables_files names {key}, which is not in ci_variables"
