"""GitLab's GraphQL, as far as runners go (https://docs.gitlab.com/api/graphql/reference/)."""

import base64
import functools
import json
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    build_schema,
    execute,
    parse,
    validate,
)
from graphql.language.ast import DocumentNode, OperationDefinitionNode

from lab.gitlab.pages import LARGEST
from lab.gitlab.pipelines.jobs import iso
from lab.gitlab.state import GitLab
from lab.server.refused import Refused

SCHEMA = """
scalar Time
scalar CiRunnerID
enum CiRunnerStatus { ONLINE OFFLINE STALE NEVER_CONTACTED }
enum CiRunnerAccessLevel { NOT_PROTECTED REF_PROTECTED }
enum CiRunnerType { INSTANCE_TYPE GROUP_TYPE PROJECT_TYPE }
type CiRunner {
  id: CiRunnerID!
  description: String
  paused: Boolean!
  status: CiRunnerStatus!
  tagList: [String!]
  runUntagged: Boolean!
  locked: Boolean
  accessLevel: CiRunnerAccessLevel!
  maximumTimeout: Int
  maintenanceNote: String
  contactedAt: Time
  runnerType: CiRunnerType!
}
type PageInfo { hasNextPage: Boolean! endCursor: String }
type CiRunnerConnection { nodes: [CiRunner] pageInfo: PageInfo! count: Int! }
type Metadata { version: String! }
type Query {
  runners(
    first: Int, after: String, paused: Boolean, status: CiRunnerStatus, type: CiRunnerType,
    tagList: [String!], search: String
  ): CiRunnerConnection
  runner(id: CiRunnerID!): CiRunner
  metadata: Metadata
}
input RunnerUpdateInput {
  id: CiRunnerID!
  description: String
  paused: Boolean
  tagList: [String!]
  runUntagged: Boolean
  locked: Boolean
  maximumTimeout: Int
  maintenanceNote: String
}
type RunnerUpdatePayload { runner: CiRunner errors: [String!]! }
type Mutation { runnerUpdate(input: RunnerUpdateInput!): RunnerUpdatePayload }
"""

PREFIX = "gid://gitlab/Ci::Runner/"
REST_NAMES = {
    "description": "description",
    "paused": "paused",
    "tagList": "tag_list",
    "runUntagged": "run_untagged",
    "locked": "locked",
    "maximumTimeout": "maximum_timeout",
    "maintenanceNote": "maintenance_note",
}


class Schema:
    """Execute GraphQL documents on the state of GitLab."""

    def __init__(self, gitlab: GitLab) -> None:
        self.gitlab = gitlab
        self._schema = build_schema(SCHEMA)
        # A client that watches sends the same document again and again, and to check it takes long.
        self._checked = functools.lru_cache(maxsize=64)(self._check)
        self._root = {
            "runners": self._runners,
            "runner": self._runner,
            "metadata": lambda info: {"version": gitlab.version},
            "runnerUpdate": self._update,
        }

    def is_mutation(self, body: Any) -> bool:
        """Return whether a document has a mutation; what cannot be read is taken for one."""
        try:
            document, _ = self._checked(body["query"])
        except (KeyError, TypeError):
            return True
        if document is None:
            return True
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        return any(operation.operation is OperationType.MUTATION for operation in operations)

    async def execute(self, body: Any) -> dict[str, Any]:
        """Return the answer to a document: `data`, `errors`, or both."""
        if not isinstance(body, dict) or "query" not in body:
            return {"errors": [{"message": "Unexpected end of document"}]}
        document, errors = self._checked(body["query"])
        if document is None or errors:
            return {"data": None, "errors": [error.formatted for error in errors]}
        result = execute(self._schema, document, self._root, variable_values=body.get("variables"))
        assert isinstance(result, ExecutionResult)  # No resolver here has to be awaited.
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return answer

    def _check(self, query: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
        try:
            document = parse(query)
        except GraphQLError as error:
            return None, [error]
        return document, validate(self._schema, document)

    def _runners(
        self, info: Any, first: int = 100, after: str | None = None, **filters: Any
    ) -> Any:
        runners = [r for _, r in sorted(self.gitlab.runners.items()) if _selected(r, filters)][::-1]
        place = _place(after) if after else None
        left = [r for r in runners if place is None or r["id"] < place]
        shown = left[: min(first, LARGEST)]
        return {
            "nodes": [_node(runner) for runner in shown],
            "pageInfo": {
                "hasNextPage": len(left) > len(shown),
                "endCursor": _cursor(shown[-1]) if shown else None,
            },
            "count": len(runners),
        }

    def _runner(self, info: Any, id: str) -> Any:
        runner = self.gitlab.runners.get(_number(id))
        return None if runner is None else _node(runner)

    def _update(self, info: Any, input: dict[str, Any]) -> Any:
        changes = {REST_NAMES[key]: value for key, value in input.items() if key in REST_NAMES}
        number = _number(input["id"])
        try:
            return {"runner": _node(self.gitlab.update_runner(number, changes)), "errors": []}
        except Refused as refused:
            if refused.status == 404:
                text = "The resource that you are attempting to access does not exist"
                raise GraphQLError(text) from None
            return {"runner": None, "errors": [str(refused)]}


def _cursor(runner: dict[str, Any]) -> str:
    """Return the place of a runner in the order of GitLab, the newest first."""
    place = {"created_at": iso(runner["id"]), "id": str(runner["id"])}
    return base64.b64encode(json.dumps(place).encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(json.loads(base64.b64decode(cursor))["id"])
    except (ValueError, KeyError, TypeError):
        raise GraphQLError("Please provide a valid cursor") from None


def _number(identifier: str) -> int:
    number = identifier.removeprefix(PREFIX)
    if not number.isdigit():
        raise GraphQLError(f'"{identifier}" is not a valid GitLab ID.')
    return int(number)


def _selected(runner: dict[str, Any], filters: dict[str, Any]) -> bool:
    if filters.get("paused") is not None and runner["paused"] != filters["paused"]:
        return False
    if filters.get("search") and filters["search"] not in runner["description"]:
        return False
    return set(filters.get("tagList") or []) <= set(runner["tag_list"])


def _node(runner: dict[str, Any]) -> dict[str, Any]:
    node = {name: runner[rest] for name, rest in REST_NAMES.items()}
    return node | {
        "id": f"{PREFIX}{runner['id']}",
        "status": "ONLINE" if runner["online"] else "OFFLINE",
        "tagList": runner["tag_list"][::-1],
        "accessLevel": runner["access_level"].upper(),
        "runnerType": runner["runner_type"].upper(),
        "contactedAt": runner["contacted_at"],
    }
