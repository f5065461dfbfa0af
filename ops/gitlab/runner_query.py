"""The settings of a GitLab runner, and the one GraphQL query that reads them for all runners.

REST lists runners without their tags (https://docs.gitlab.com/api/runners/), GraphQL lists both
(https://docs.gitlab.com/api/graphql/reference/#cirunner).
"""

from collections.abc import Mapping
from typing import Any

from ops.api.form import check
from ops.gitlab.forms import RunnersAnswer

# The settings that PUT /runners/:id can set, with the names of REST and of GraphQL.
SETTINGS = {
    "description": "description",
    "paused": "paused",
    "tag_list": "tagList",
    "run_untagged": "runUntagged",
    "locked": "locked",
    "access_level": "accessLevel",
    "maximum_timeout": "maximumTimeout",
    "maintenance_note": "maintenanceNote",
}

# The ones that may have no value; of a text that is the same as an empty one.
NULLABLE = ("description", "maximum_timeout", "maintenance_note")

RUNNERS_QUERY = (
    "query($after: String) { runners(first: 100, after: $after) { nodes { id status "
    + " ".join(SETTINGS.values())
    + " contactedAt } pageInfo { hasNextPage endCursor } } }"
)


def runners_of(answer: Any) -> dict[int, dict[str, Any]]:
    """Return the runners in an answer to RUNNERS_QUERY by id.

    Raises ValueError where the answer has another form, such as `null` for the runners.
    """
    check(answer, RunnersAnswer)
    return {runner["id"]: runner for runner in map(_runner, answer["data"]["runners"]["nodes"])}


def _runner(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a GraphQL runner in the shape of REST's GET /runners/:id."""
    runner = {rest: node.get(name) for rest, name in SETTINGS.items()}
    runner["id"] = int(node["id"].rpartition("/")[2])
    runner["tag_list"] = node["tagList"]
    runner["access_level"] = node["accessLevel"].lower()
    runner["online"] = node["status"] == "ONLINE"
    runner["contacted_at"] = node.get("contactedAt")
    return runner
