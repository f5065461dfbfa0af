"""The state of the site as a whole, without what two runs have differently in any case."""

import re
from typing import Any

from lab_process import Lab
from pipeline_site import CI_FILE, text_of

FILES = (CI_FILE, "k8s/base/configmap.yaml", "src/cpp/config.example.json")
ACTIVE = {"created", "preparing", "waiting_for_resource", "pending", "running", "canceling"}
# Times, the numbers of writes, and names that are made up anew each time.
VOLATILE = {
    "resourceVersion", "uid", "creationTimestamp", "generation", "observedGeneration", "time",
    "lastTransitionTime", "contacted_at", "online", "status",
}  # fmt: skip
CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "(time)"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "(commit)"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "(uid)"),
)


def whole_state(lab: Lab) -> dict[str, Any]:
    """Return everything that a job is there for, of all systems."""
    state = lab.state()
    project, head = state["project"], lab.heads("gitlab")["development"]
    heads = [lab.heads(remote) for remote in ("gitlab", "github")]
    return {
        "runners": _settled(state["gitlab"]["runners"]),
        "migrations": state["gitlab"]["migrations"],
        "tables": state["gitlab"]["repaired"],
        "started migrations": {word: len(lab.rake(word)) for word in ("down", "up")},
        "variables": project["variables"],
        # The commits have times in them, and so other names.
        "branches at the head": [{n: sha == head for n, sha in one.items()} for one in heads],
        "files": {path: text_of(lab, path) for path in FILES},
        # Older ones end by themselves, some earlier and some later.
        "active at the head": sorted(
            (p["ref"], len(p["jobs"]))
            for p in lab.pipelines().values()
            if p["status"] in ACTIVE and p["sha"] == head
        ),
        "objects": sorted(map(_object, state["kubernetes"]["objects"]), key=str),
        "super users": {n: b["super_users"] for n, b in state["kafka"]["brokers"].items()},
        "Kafka is ready": state["kafka"]["ready"],
        "running in pods": [p["processes"] for p in state["pods"].values() if p["processes"]],
    }


def _object(entry: dict[str, Any]) -> Any:
    if entry["kind"] == "Pod":
        return ["Pod", entry["object"]["metadata"].get("labels", {})]
    return _settled(entry)


def _settled(value: Any) -> Any:
    if isinstance(value, dict):
        if "tag_list" in value:  # Their order means nothing, and is that of who wrote them.
            value = {**value, "tag_list": sorted(value["tag_list"])}
        return {n: _settled(v) for n, v in value.items() if n not in VOLATILE}
    if isinstance(value, list):
        return [_settled(one) for one in value]
    if isinstance(value, str):
        for pattern, name in CHANGING:
            value = pattern.sub(name, value)
    return value
