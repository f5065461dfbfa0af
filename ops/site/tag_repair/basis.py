"""What the proof of the tags rests on, beside the tags: kept with it as digests, part by part."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

WORD = "proven"
_PART = re.compile(r"([a-z]+)=([0-9a-f]+)")


def basis(cron_job: Mapping[str, Any], script: str | None) -> dict[str, str]:
    """Return a digest of each part: what the enforcer's CronJob runs, and its script.

    + cron_job: the object; its schedule is compared by itself
    + script: the text in the ConfigMap, or None where the site has none
    """
    spec = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    containers = [*(spec.get("initContainers") or []), *spec["containers"]]

    def of(*names: str) -> list[Any]:
        return [[container.get(name) for name in names] for container in containers]

    parts = {
        "image": of("name", "image"),
        "command": of("command", "args", "workingDir"),
        "environment": of("env", "envFrom"),
        "volumes": [spec.get("volumes"), of("volumeMounts")],
        "script": script,
    }
    return {name: _digest(part) for name, part in parts.items()}


def record(found: Mapping[str, str]) -> str:
    """Return the text that is kept with a proof."""
    return " ".join([WORD, *(f"{name}={digest}" for name, digest in found.items())])


def changed(kept: str, found: Mapping[str, str]) -> list[str]:
    """Return the names of the parts that are others than those of a kept proof."""
    before = dict(_PART.findall(kept))
    return [name for name, digest in found.items() if before.get(name) != digest]


def _digest(part: Any) -> str:
    text = json.dumps(part, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
