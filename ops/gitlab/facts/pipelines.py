"""Facts of GitLab's pipelines and jobs.

https://docs.gitlab.com/api/pipelines/, https://docs.gitlab.com/api/jobs/
"""

from typing import Any
from urllib.parse import quote

from pyinfra import host
from typing_extensions import override

from ops.gitlab import forms
from ops.http.fact import ResourceFact
from ops.http.request import Request, get


class ProjectFact(ResourceFact):
    """Base of the facts of a project's resources: the host is `@gitlab/projects/ID`."""

    path_prefix = "/projects/"

    @override
    def pick(self, document: Any) -> Any:
        return document


def by_id(document: Any) -> list[dict[str, Any]]:
    """Return the entries of a list in the order of their ids, each of them once.

    While a list is read, what is new at its beginning moves the last entry of a page to the next.
    """
    return [entry for _, entry in sorted({int(entry["id"]): entry for entry in document}.items())]


class Pipelines(ProjectFact):
    """Return the pipelines of a branch, newest first (GET /projects/:id/pipelines).

    + ref: name of the branch
    + newest: how many; None for all there are

    ```python
    [{"id": 6936, "sha": "3719896…", "ref": "development", "status": "running", "source": "api",
      "created_at": "2026-02-23T09:12:00.000Z", …}]
    ```
    """

    form = list[forms.Pipeline]

    @override
    def command(self, ref: str, newest: int | None = None) -> Request:
        query: dict[str, Any] = {"ref": ref, "order_by": "id", "sort": "desc"}
        if newest is not None:
            query["per_page"] = min(newest, 100)
        return get(f"{host.data.gitlab_path}/pipelines", all_pages=True, most=newest, **query)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return by_id(document)[::-1]


class Pipeline(ProjectFact):
    """Return a pipeline, or None where the project has none with this id.

    + pipeline: id of the pipeline

    ```python
    {"id": 6936, "sha": "3719896…", "ref": "development", "status": "running", "source": "api", …}
    ```
    """

    form: Any = forms.Pipeline | None

    @override
    def command(self, pipeline: int) -> Request:
        return get(f"{host.data.gitlab_path}/pipelines/{pipeline}", missing_ok=True)

    @override
    def pick(self, document: Any) -> dict[str, Any] | None:
        return None if document is None else {"id": document["id"], **document}


class PipelineJobs(ProjectFact):
    """Return the jobs of a pipeline in the order of their ids.

    + pipeline: id of the pipeline
    + missing_ok: return None where there is no such pipeline; otherwise that is an error
    + include_retried: return also those that were retried since, beside the ones that took their
      place

    ```python
    [{"id": 101, "name": "build", "stage": "build", "status": "pending", "runner": None,
      "tag_list": ["kubernetes"], "failure_reason": …, "created_at": …, "finished_at": …, …}]
    ```
    """

    form: Any = list[forms.Job] | None

    @override
    def command(
        self, pipeline: int, missing_ok: bool = False, include_retried: bool = False
    ) -> Request:
        path = f"{host.data.gitlab_path}/pipelines/{pipeline}/jobs"
        query: dict[str, Any] = {"include_retried": "true"} if include_retried else {}
        return get(path, all_pages=True, missing_ok=missing_ok, **query)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]] | None:
        return None if document is None else by_id(document)


class JobTrace(ProjectFact):
    """Return the log of a job as text; an empty text where it has none (GET …/jobs/:id/trace).

    + job: id of the job
    """

    form: Any = str | None

    @override
    def command(self, job: int) -> Request:
        return get(f"{host.data.gitlab_path}/jobs/{job}/trace")

    @override
    def pick(self, document: Any) -> str:
        return str(document or "")


class JobArtifact(ProjectFact):
    """Return a file among a job's artifacts as text; None where it has left none.

    + job: id of the job
    + path: of the file (GET …/jobs/:id/artifacts/*path)
    """

    form: Any = str | None

    @override
    def command(self, job: int, path: str) -> Request:
        file = quote(path)  # Its slashes stay.
        return get(f"{host.data.gitlab_path}/jobs/{job}/artifacts/{file}", missing_ok=True)

    @override
    def pick(self, document: Any) -> str | None:
        return None if document is None else str(document)


class RunningJobs(ResourceFact):
    """Return the jobs that run on a runner at the moment (GET /runners/:id/jobs).

    + runner: id of the runner
    + status: "running", or "canceling" for those that were told to stop and have not yet

    ```python
    [{"id": 117, "name": "measure", "status": "running", …}]
    ```
    """

    form = list[forms.Job]

    @override
    def command(self, runner: int, status: str = "running") -> Request:
        return get(f"/runners/{runner}/jobs", all_pages=True, status=status)

    @override
    def pick(self, document: Any) -> list[dict[str, Any]]:
        return by_id(document)
