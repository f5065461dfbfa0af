"""Facts of a project that decide which CI/CD variables its jobs get.

https://docs.gitlab.com/api/protected_branches/, https://docs.gitlab.com/api/projects/
"""

from typing import Any

from pyinfra import host
from typing_extensions import override

from ops.gitlab import forms
from ops.gitlab.facts.pipelines import ProjectFact
from ops.http.request import Request, get


class ProtectedBranches(ProjectFact):
    """Return the names of the protected branches, with wildcards (GET …/protected_branches).

    ```python
    ["main", "release/*"]
    ```
    """

    form = list[forms.Named]

    @override
    def command(self) -> Request:
        return get(f"{host.data.gitlab_path}/protected_branches", all_pages=True)

    @override
    def pick(self, document: Any) -> list[str]:
        return [str(branch["name"]) for branch in document]


class ProjectGroups(ProjectFact):
    """Return the full paths of the groups that a project is in, the nearest first.

    They follow from its path (GET /projects/:id): GitLab's own list leaves out those that the
    token may not see. A project of a user is in none.

    ```python
    ["example/web", "example"]
    ```
    """

    form = forms.InNamespace

    @override
    def command(self) -> Request:
        return get(str(host.data.gitlab_path))

    @override
    def pick(self, document: Any) -> list[str]:
        namespace = document["namespace"]
        if namespace["kind"] != "group":
            return []
        parts = str(namespace["full_path"]).split("/")
        return ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]
