"""Facts of a project's repository, read through GitLab.

https://docs.gitlab.com/api/repository_files/, https://docs.gitlab.com/api/commits/,
https://docs.gitlab.com/api/branches/, https://docs.gitlab.com/api/repositories/
"""

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pyinfra import host
from typing_extensions import override

from ops.api.secret import Secret
from ops.gitlab import forms
from ops.gitlab.facts.pipelines import ProjectFact
from ops.http.request import Request, get


@dataclass(frozen=True)
class File:
    """A file of a branch.

    + text: its content
    + last_commit_id: the commit that changed it last, which guards an update
    """

    text: str = field(repr=False)  # It may hold anything.
    last_commit_id: str

    def to_json(self) -> dict[str, str]:
        """Return what pyinfra prints of it (`fact`, `--json`)."""
        return {"text": str(Secret(self.text)), "last_commit_id": self.last_commit_id}


class RepositoryFile(ProjectFact):
    """Return a file of a branch, or None where it does not exist.

    + path: path in the repository
    + ref: branch, tag or commit

    ```python
    File(text="stages:\\n", last_commit_id="3719896…")
    ```
    """

    form: Any = forms.RepositoryFile | None

    @override
    def command(self, path: str, ref: str) -> Request:
        name = quote(path, safe="")
        where = f"{host.data.gitlab_path}/repository/files/{name}"
        return get(where, missing_ok=True, ref=ref)

    @override
    def pick(self, document: Any) -> File | None:
        if document is None:
            return None
        text = base64.b64decode(document["content"]).decode()
        return File(text, str(document["last_commit_id"]))


class BranchHead(ProjectFact):
    """Return the commit at the head of a branch.

    + branch: name of the branch

    ```python
    {"id": "3719896…", "parent_ids": ["…"], "title": "Use SASL for Kafka", …}
    ```
    """

    form = forms.Branch

    @override
    def command(self, branch: str) -> Request:
        name = quote(branch, safe="")
        return get(f"{host.data.gitlab_path}/repository/branches/{name}")

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        return dict(document["commit"])


class ChangedFiles(ProjectFact):
    """Return the paths of the files that differ between two commits, sorted; None: not all known.

    + before, after: sha of the commits, such as those before and after a push

    ```python
    ["k8s/base/configmap.yaml", "src/cpp/config.example.json"]
    ```
    """

    form: Any = forms.Comparison | None

    @override
    def command(self, before: str, after: str) -> Request:
        where = f"{host.data.gitlab_path}/repository/compare"
        query = {"from": before, "to": after, "straight": "true"}
        return Request("GET", where, query=query, missing_ok=True)

    @override
    def pick(self, document: Any) -> list[str] | None:
        if document is None or document["compare_timeout"]:  # A commit may be gone.
            return None
        files = document["diffs"]
        return sorted({path for file in files for path in (file["old_path"], file["new_path"])})


class DefaultBranch(ProjectFact):
    """Return the name of the project's default branch (GET /projects/:id)."""

    form = forms.WithBranch

    @override
    def command(self) -> Request:
        return get(str(host.data.gitlab_path))

    @override
    def pick(self, document: Any) -> str:
        return str(document["default_branch"] or "")


class MergeBase(ProjectFact):
    """Return the newest common ancestor of two commits (GET …/repository/merge_base).

    A commit that is itself the merge base is the other one's ancestor.

    + one, other: the commits

    ```python
    "3719896…"
    ```
    """

    form: Any = forms.Commit | None

    @override
    def command(self, one: str, other: str) -> Request:
        where = f"{host.data.gitlab_path}/repository/merge_base"
        return Request("GET", where, query={"refs[]": [one, other]}, missing_ok=True)

    @override
    def pick(self, document: Any) -> str | None:
        return None if document is None else str(document["id"])


class CiLint(ProjectFact):
    """Return what GitLab says of a CI configuration (POST …/ci/lint, which changes nothing).

    + content: text of the configuration
    + simulated_on: branch of a push that is simulated (`dry_run`), as if it changed every file;
      without it only the text is looked at

    ```python
    {"valid": True, "errors": [], "warnings": [], "merged_yaml": "build:\n…", "jobs": ["build"]}
    ```
    """

    form = forms.Lint

    @override
    def command(self, content: str, simulated_on: str = "") -> Request:
        where = f"{host.data.gitlab_path}/ci/lint"
        body: dict[str, Any] = {"content": content}
        if simulated_on:
            body |= {"dry_run": True, "include_jobs": True, "ref": simulated_on}
        return Request("POST", where, body, reads=True)

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        found = {name: document[name] for name in ("valid", "errors", "warnings")}
        jobs = [str(job["name"]) for job in document.get("jobs") or ()]
        return {**found, "merged_yaml": document.get("merged_yaml"), "jobs": jobs}


class MergedConfiguration(ProjectFact):
    """Return GitLab's view of a CI configuration with all that it includes (GET …/ci/lint).

    + ref: branch, tag or commit

    ```python
    {"merged_yaml": "stages:\n- build\n", "includes": [{"type": "file", "location": "ci.yml",
     "blob": "https://…", "extra": {"project": "group/templates", "ref": "main"}, …}], "errors": []}
    ```

    What is not valid has None for the text, and the reasons in `errors`.
    """

    form = forms.Merged

    @override
    def command(self, ref: str) -> Request:
        return get(f"{host.data.gitlab_path}/ci/lint", content_ref=ref)

    @override
    def pick(self, document: Any) -> dict[str, Any]:
        text = document["merged_yaml"] if document["valid"] else None
        includes = document.get("includes") or []
        return {"merged_yaml": text, "includes": includes, "errors": document["errors"]}


class RepositoryFiles(ProjectFact):
    """Return the paths of all files of a branch (GET …/repository/tree).

    + ref: branch, tag or commit

    ```python
    [".gitlab-ci.yml", "k8s/base/configmap.yaml"]
    ```
    """

    form = list[forms.TreeEntry]

    @override
    def command(self, ref: str) -> Request:
        where = f"{host.data.gitlab_path}/repository/tree"
        return get(where, all_pages=True, ref=ref, recursive="true", per_page=100)

    @override
    def pick(self, document: Any) -> list[str]:
        return [entry["path"] for entry in document if entry["type"] == "blob"]
