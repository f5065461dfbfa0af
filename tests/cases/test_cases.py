"""Facts and operations, case by case: what is asked, what an answer means, what would be sent."""

import dataclasses
import json
import re
from typing import Any

import pytest
from case_files import CaseHost, cases, find, load, on, typed

from ops.api.printable import printable
from ops.http.request import Request


@pytest.mark.parametrize(("name", "sentence"), cases("facts"))
def test_fact(name: str, sentence: str) -> None:
    case = load("facts", name, sentence)
    fact = find(name)()
    host = CaseHost(case)
    with on(host):
        command = fact.command(**case.get("arguments", {}))
    if "request" in case:
        assert str(command) == case["request"]
        assert isinstance(command, Request)
        assert not command.mutating
    if "command" in case:
        assert str(command) == case["command"]
    lines = case["output"] if "output" in case else [json.dumps(case["answer"])]
    if "error" in case:
        with pytest.raises(Exception, match=case["error"]["message"]) as caught:
            fact.process(lines)
        assert type(caught.value).__name__ == case["error"]["name"]
        return
    value = fact.process(lines)
    assert _plain(value) == case["value"]
    json.dumps(printable(value), default=lambda one: one.to_json())  # Asked by hand.


def _plain(value: Any) -> Any:
    """Return a value in the types that YAML has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = vars(value)
    if isinstance(value, dict):
        return {
            " ".join(map(str, key)) if isinstance(key, tuple) else key: _plain(item)
            for key, item in value.items()
        }
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _without_fingerprints(text: str) -> str:
    """Fingerprints of secrets are other ones in each process."""
    return re.sub(r"secret:[0-9a-f]{8}", "secret:…", text)


@pytest.mark.parametrize(("name", "sentence"), cases("operations"))
def test_operation(name: str, sentence: str) -> None:
    case = load("operations", name, sentence)
    generator = find(name)._inner.__wrapped__
    host = CaseHost(case)
    arguments = typed(generator, case["arguments"])
    with on(host):
        if "error" in case:
            with pytest.raises(Exception, match=case["error"]["message"]) as caught:
                list(generator(**arguments))
            assert type(caught.value).__name__ == case["error"]["name"]
            return
        commands: list[Any] = list(generator(**arguments))
    shown = [_without_fingerprints(str(command)) for command in commands]
    if "commands_match" in case:  # A command that holds the time.
        for text, pattern in zip(shown, case["commands_match"], strict=True):
            assert re.search(pattern, text), text
    else:
        assert shown == case["commands"]
    changes = [_without_fingerprints(line) for command in commands for line in command.changes]
    assert changes == case.get("changes", [])
    assert host.noop_reason == case.get("noop")
    # Nothing to do is said with a reason, and the other way round.
    assert bool(host.noop_reason) is not any(getattr(c, "mutating", True) for c in commands)
