"""What points a client at the site: the environment, and the files that it names."""

import base64
import json
import os
from pathlib import Path

import yaml

from lab.gitlab.initial import FORCE_COPY_MIGRATION, MIGRATION

# Nobody waits here for as long as on a real site.
SECONDS = {
    "WATCH_INTERVAL": 0.3,
    "UNBLOCK_SECONDS": 240,
    "STALLED_SECONDS": 3,
    "PUSH_PIPELINE_SECONDS": 10,
    "TAG_VERIFICATION_SECONDS": 6,
    "TAG_VERIFICATION_INTERVAL": 1,
}


def short(speed: float) -> dict[str, str]:
    """Return how long clients wait, which is shorter where the site is faster.

    + speed: of the site's clock
    """
    return {name: f"{seconds / speed:g}" for name, seconds in SECONDS.items()}


def no_proxy() -> dict[str, str]:
    """Return the variables that keep a proxy out of the way."""
    hosts = ",".join(filter(None, [os.environ.get("no_proxy"), "127.0.0.1,localhost"]))
    return {"NO_PROXY": hosts, "no_proxy": hosts}


def kubeconfig(server: str, authority: Path, token: str) -> str:
    """Return a kubeconfig.

    + server: host and port of the API
    + authority: PEM file of the CA behind its certificate
    + token: of its administrator
    """
    data = base64.b64encode(authority.read_bytes()).decode()
    cluster = {"server": f"https://{server}", "certificate-authority-data": data}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "admin"}}],
    }
    return str(yaml.safe_dump(document))


def python_gitlab(url: str, authority: Path, token: str) -> str:
    """Return a configuration file of python-gitlab."""
    return (
        f"[global]\ndefault = lab\nssl_verify = {authority}\ntimeout = 30\n\n"
        f"[lab]\nurl = {url}\nprivate_token = {token}\n"
    )


def rails_directory(directory: Path) -> str:
    """Make the Rails directory of GitLab's toolbox, and return its path."""
    migrations = directory / "db" / "post_migrate"
    migrations.mkdir(parents=True)
    requeue = "requeue_backfill_ci_runners_partitioned_table"
    (migrations / f"{MIGRATION}_{requeue}.rb").touch()
    copy = "ensure_runner_taggings_exist_try2"
    (migrations / f"{FORCE_COPY_MIGRATION}_{copy}.rb").touch()
    return str(directory)


def write_private(file: Path, text: str) -> str:
    """Write a file that only its owner may read, and return its path."""
    file.touch(mode=0o600)
    file.write_text(text)
    return str(file)


def write_environment(environment: dict[str, str], file: Path) -> None:
    """Write the environment as JSON, complete or not at all."""
    new = file.with_suffix(".new")
    write_private(new, json.dumps(environment, indent=2))
    new.rename(file)
