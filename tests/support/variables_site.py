"""What the tests of CI/CD variables share: which ones there are to be, and those that there are."""

import hashlib
from typing import Any

import gitlab
from lab_process import Lab

KEYS = [f"DEDUP_{name}_PASSWORD" for name in ("PG", "CRDB", "REDIS", "MARIADB", "MINIO", "KAFKA")]
MISSING = ["DEDUP_REDIS_PASSWORD", "DEDUP_MINIO_PASSWORD", "DEDUP_KAFKA_PASSWORD"]
COLLECTION = "/api/v4/projects/280/variables"
DONE = [f"PUT {COLLECTION}/DEDUP_CRDB_PASSWORD", *[f"POST {COLLECTION}"] * 3]
CANARY = "canary-4711-value"

Variable = dict[str, Any]


def variables(lab: Lab) -> dict[tuple[str, str], Variable]:
    return {(v["key"], v["environment_scope"]): v for v in lab.project()["variables"]}


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def create(lab: Lab, **body: Any) -> None:
    """Add a variable as a colleague would."""
    environment = lab.environment
    with gitlab.Gitlab(
        environment["GITLAB_URL"],
        private_token=environment["GITLAB_TOKEN"],
        ssl_verify=environment["GITLAB_CA_FILE"],
    ) as client:
        client.http_post("/projects/280/variables", post_data=body)


def is_done(lab: Lab, scope: str = "*") -> None:
    found = variables(lab)
    for key in KEYS:
        variable = found[key, scope]
        assert variable["masked"], key
        assert variable["digest"] == digest(lab.environment[key]), key
