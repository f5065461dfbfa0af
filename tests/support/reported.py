"""A record that has everything of which a report tells, made without a run."""

from collections.abc import Callable, Mapping
from typing import Any

from made_records import TOLD, document

TIME = "2026-11-28T03:00:{:02d}.000+01:00".format


def record(text: Callable[[str], str] = str, *, word: str = "Failed") -> dict[str, Any]:
    """Return a record as docs/record.schema.json says.

    + text: returns what stands in the place of each text that others may choose
    + word: of the verdict
    """
    run = document(
        word, exit_code=1, job=text("fix_tags"), inventory=text("inventory.py"),
        plan=[_change(text), _check(text)], results=_results(text),
        attention=[_need(text)], known=[_known(text)],
        observed={"tags": [_watch(text)], "pipelines": [_pipeline(text)], "chains": [_chain(text)]},
    )  # fmt: skip
    run["verdict"] |= {
        "headline": text("fix_tags on 1 host"), "error": text("hosts have failed"),
        "changed": [{"operation": text("Set the tags"), "hosts": 2}],
        "changed_in_part": [{"operation": text("Write it"), "hosts": 1}],
        "proven": [text("all tags lasted")], "not_done": [text("Prove it")],
        "left": [{"host": text("@gitlab"), "reasons": [text("one reason")]}],
        "put_back": [text("the budget")], "moved": [text("a field")], "blocked": [text("closed")],
        "next": text("mend that"),
    }  # fmt: skip
    told = {**TOLD, "user": text("somebody"), "host": text("a-machine"),
            "arguments": [text("inventory.py")]}  # fmt: skip
    head = {"format": 1, "id": "20261128T020000Z-fix_tags-1a2b3c", "status": "done"}
    rest = {"sequence": None, "previous": None, "executing": None, "changes": [_sent(text)],
            "report_problem": None}  # fmt: skip
    return {**head, **rest, **told, "run": run}


def _sent(text: Callable[[str], str]) -> dict[str, Any]:
    return {
        "operation": text("Set the tags"), "host": text("@gitlab/runners/9"), "endpoint": None,
        "request": {"method": "PUT", "path": text("/runners/9")}, "state": "done",
        "variable": None, "uid": None, "makes": False, "values": [], "never": None,
    }  # fmt: skip


def _change(text: Callable[[str], str]) -> dict[str, Any]:
    fields = [
        {"name": text("tag_list"), "old": [], "new": [text("arm64"), text("linux")]},
        {"name": text("note"), "old": text("before"), "new": text("after")},
        {"name": text("labels"), "new": {text("name"): text("value")}},
        {"name": text("paused"), "old": True},
    ]
    entry = {
        "host": text("@gitlab/runners/9"), "class": "change", "reason": None, "fields": fields,
        "remarks": [text("a remark")], "commands": [],
    }  # fmt: skip
    return {"operation": text("Set the tags"), "entries": [entry]}


def _check(text: Callable[[str], str]) -> dict[str, Any]:
    entry = {
        "host": text("@gitlab"), "class": "check", "reason": text("why"), "fields": [],
        "remarks": [], "commands": [],
    }  # fmt: skip
    return {"operation": text("Look at it"), "entries": [entry]}


def _results(text: Callable[[str], str]) -> list[dict[str, Any]]:
    rows = [
        ("Set the tags", "@gitlab/runners/9", "changed", TIME(1), 1.0, None),
        ("Look at it", "@gitlab", "nothing", TIME(2), 0.25, None),
        ("Write it", "@gitlab", "failed in part", TIME(3), 2.0, "500"),
        ("Prove it", "@gitlab", "broken off", TIME(5), None, None),
        ("Record it", "@gitlab", "not run", None, None, None),
    ]
    names = ("outcome", "began", "duration")
    return [
        {
            "operation": text(operation), "host": text(host),
            **dict(zip(names, more, strict=True)), "error": error and text(error),
        }
        for operation, host, *more, error in rows
    ]  # fmt: skip


def _need(text: Callable[[str], str]) -> dict[str, Any]:
    return {
        "what": text("runner 9 lacks tags"), "area": text("Runners"), "host": None,
        "job": text("fix_tags"), "command": text("pyinfra"),
    }  # fmt: skip


def _known(text: Callable[[str], str]) -> dict[str, Any]:
    return {
        "what": text("runner 8 is paused"), "area": text("Runners"), "host": None,
        "reason": text("it moves"), "until": "2026-12-24",
    }  # fmt: skip


def _watch(text: Callable[[str], str]) -> dict[str, Any]:
    def change(runner: int, seconds: float, kind: str, *tags: str) -> Mapping[str, Any]:
        return {"runner": runner, "seconds": seconds, "kind": kind, "tags": list(map(text, tags))}

    runners = [
        {"id": 6, "name": text("k8s-runner"), "tags": [text("kubernetes")]},
        {"id": 17, "name": text("k8s-runner-4"), "tags": [text("experiment"), text("kubernetes")]},
        {"id": 18, "name": None, "tags": [text("riscv")]},
    ]
    changes = [
        change(18, 0, "gone", "riscv"), change(17, 100, "lost", "experiment"),
        change(17, 110, "lost", "kubernetes"), change(17, 150, "set", "experiment", "kubernetes"),
        change(17, 200, "lost", "experiment"), change(17, 220, "back", "experiment"),
    ]  # fmt: skip
    return {
        "host": text("@gitlab"), "began": TIME(0), "seconds": 300, "limit": 300, "interval": 10,
        "reads": 31, "runners": runners, "changes": changes, "left_out": 3,
    }  # fmt: skip


def _pipeline(text: Callable[[str], str]) -> dict[str, Any]:
    rows = [
        ("build-k8s", "build", "success", TIME(0), TIME(20), "6 k8s-runner", None),
        ("build-macos", "build", "running", TIME(5), None, "8 node6", None),
        ("aggregate", "aggregate", "failed", TIME(20), TIME(22), "6 k8s-runner", "script_failure"),
        ("upload", "upload", "manual", None, None, None, None),
    ]
    names = ("began", "ended")
    jobs = [
        {
            "id": number, "name": text(name), "stage": text(stage), "status": text(status),
            **dict(zip(names, times, strict=True)), "runner": runner and text(runner),
            "reason": reason and text(reason),
        }
        for number, (name, stage, status, *times, runner, reason) in enumerate(rows)
    ]  # fmt: skip
    return {"id": 6936, "seen": TIME(30), "jobs": jobs, "left_out": 1}


def _chain(text: Callable[[str], str]) -> dict[str, Any]:
    links = [
        {"name": text(name), "ok": ok, "seen": text("what was seen")}
        for name, ok in (("KafkaUser", True), ("CI/CD variable", False), ("port", None))
    ]
    return {"host": text("@pod/kafka"), "links": links}
