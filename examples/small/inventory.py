"""Who: every target of a small site (docs/adopt.md). What it does not have, it does not name."""

from ops.site.clone import require_configuration

require_configuration(__file__)

runners = [
    ("@gitlab/runners/3", {"description": "build-1", "tags": ["amd64", "docker"]}),
    ("@gitlab/runners/4", {"description": "build-2", "tags": ["amd64", "docker"]}),
    ("@gitlab/runners/5", {"description": "build-arm", "tags": ["arm64", "docker"]}),
    ("@gitlab/runners/21", {"description": "mac-mini", "tags": ["macos"]}),
    ("@gitlab/runners/22", {"description": "deployer", "tags": ["production", "shell"]}),
]
docker = [name for name, data in runners if "docker" in data["tags"]]  # --limit docker

gitlab = ["@gitlab"]
operator = ["@local"]  # has the operator's clone of the project

# Asked only by the jobs that need it, so that the others run without it.
_later = {"connect_when_needed": True}

project = [("@gitlab/projects/42", _later)]  # acme/web/shop
cluster = [("@kubernetes", _later)]
