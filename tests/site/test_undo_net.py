"""What the changes of a run come to, and whether that is still there: values, texts, JSON."""

from typing import Any

import msgspec
import pytest

from ops.api.reverse import Reverse, value, values
from ops.api.shown import never_show
from ops.site.undo import choice
from ops.site.undo.live import found, is_back, was
from ops.site.undo.net import MAYBE_MADE, Net, targets

TEXT = "".join(f"line {number}\n" for number in range(40))


def change(before: Any, after: Any, state: str = "done", **more: Any) -> dict[str, Any]:
    reverse = Reverse(values=values(before, after), **more)
    told = {"operation": "Change it", "endpoint": None, "state": state}
    told |= {"request": {"method": "PATCH", "path": "/"}}
    document = {**told, **msgspec.to_builtins(reverse), "host": "a-host", "never": None}
    return document


def only(*changes: dict[str, Any]) -> Net:
    [target], never = targets(changes)
    assert never == []
    [net] = target.values
    return net


def test_several_changes_of_a_value_are_one() -> None:
    net = only(change({"a": 1}, {"a": 2}), change({"a": 2}, {"a": 3}))
    assert (net.before, [one.value for one in net.left]) == (1, [3])
    assert is_back(net, 1)
    assert was(net, 3) == 1
    with pytest.raises(ValueError, match="a: then 3, now 2"):
        was(net, 2)


def test_what_was_put_back_in_the_run_is_no_change() -> None:
    changes = [change({"a": False, "b": 1}, {"a": True, "b": 2}), change({"a": True}, {"a": False})]
    assert only(*changes).path == ["b"]
    assert targets([change({"a": 1}, {"a": 2}), change({"a": 2}, {"a": 1})]) == ([], [])


def test_of_what_is_not_known_to_be_done_both_values_count() -> None:
    net = only(change({"a": 1}, {"a": 2}), change({"a": 2}, {"a": 3}, "sent"))
    assert not net.is_certain
    assert was(net, 2) == was(net, 3) == 1


def test_a_value_that_was_not_there_is_none_and_not_null() -> None:
    net = only(change({}, {"a": None}))
    assert is_back(net, found({}, net))
    assert not is_back(net, found({"a": None}, net))
    assert found({"a": {"b": 1}}, only(change({}, {"a": {"b": 1}}))) == 1


def test_true_is_not_one() -> None:
    net = only(change({"a": 1}, {"a": 2}))
    assert not is_back(net, True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TEXT, TEXT.replace("line 7\n", "another\n")),
        (TEXT, TEXT + "more\n"),
        (TEXT + "more\n", TEXT),
        (TEXT, "first\n" + TEXT),
        (TEXT, TEXT.replace("line 3\n", "").replace("line 30\n", "a\nb\nc\n")),
        (TEXT, TEXT.rstrip("\n")),
        (TEXT, "quite\nanother\n"),
        ("a\nb\n", "a\nb\na\nb\n"),
    ],
)
def test_lines_of_a_text(before: str, after: str) -> None:
    net = only(change({"a": before}, {"a": after}))
    assert was(net, after) == before
    assert is_back(net, before)
    assert not is_back(net, after)


def test_lines_that_stay_are_not_kept_and_may_be_other_ones_since() -> None:
    net = only(change({"a": TEXT}, {"a": TEXT.replace("line 7\n", "another\n")}))
    assert "line 20" not in str(net)
    now = TEXT.replace("line 7\n", "another\n").replace("line 20\n", "theirs\n")
    assert was(net, now) == TEXT.replace("line 20\n", "theirs\n")
    for edited, words in (
        (TEXT.replace("line 7\n", "yet another\n"), 'line 8: then "another", now "yet another"'),
        (now + "more\n", "then 40 lines, now 41"),
    ):
        with pytest.raises(ValueError, match=words):
            was(net, edited)


def test_several_changes_of_a_text_are_taken_back_one_after_the_other() -> None:
    second = TEXT.replace("line 7\n", "another\n")
    third = second.replace("line 20\n", "a\nb\n")
    net = only(change({"a": TEXT}, {"a": second}), change({"a": second}, {"a": third}))
    assert was(net, third) == TEXT


def test_a_value_in_a_json_text() -> None:
    one = value(["data", "c.json"], 9092, 9094, "$.port")
    told = {**change({}, {}), "values": msgspec.to_builtins([one])}
    net = only(told)
    assert found({"data": {"c.json": '{"port": 9094}'}}, net) == 9094
    assert net.name == "data.c.json: port"


def test_a_secret_is_not_kept_and_is_named() -> None:
    never_show("a-token-of-somebody")
    changes = [change({"note": "with a-token-of-somebody"}, {"note": ""})]
    assert "a-token" not in str(changes)
    found_targets, [never] = targets(changes)
    assert found_targets == []
    assert never.reason.startswith("note had or has a secret")


def test_what_may_have_been_made_is_not_deleted() -> None:
    changes = [change({}, {"rules": []}, "sent", makes=True)]
    found_targets, [never] = targets(changes)
    assert (found_targets, never.reason) == ([], MAYBE_MADE)
    [target], _ = targets([{**changes[0], "state": "done", "uid": "u-1"}])
    assert (target.made, target.uid) == (True, "u-1")


def test_the_last_changed_comes_first() -> None:
    changes = [
        {**change({"a": 1}, {"a": 2}), "host": host, "operation": operation}
        for host, operation in (("one", "First"), ("two", "Second"), ("one", "Third"))
    ]
    changes[2] |= {"values": change({"b": 1}, {"b": 2})["values"]}
    found_targets, _ = targets(changes)
    assert [(t.host, t.operation) for t in found_targets] == [("one", "Third"), ("two", "Second")]


def test_what_was_done_without_a_request_is_named_and_a_watch_is_not() -> None:
    done = [("@local", "Push"), ("@gitlab/projects/1", "Watch"), ("@pod/a/b=c", "Look")]
    entries = {"fields": [], "commands": [], "remarks": ["it: old -> new"]}
    run = {
        "job": "site",
        "results": [
            {"operation": f"sync_master | {name}", "host": host, "outcome": outcome}
            for (host, name), outcome in zip(done, ("changed", "changed", "nothing"), strict=True)
        ],
        "plan": [
            {"operation": f"sync_master | {name}", "entries": [{"host": host, **entries}]}
            for host, name in done
        ],
    }
    [never] = choice._no_requests({"changes": [], "run": run})
    assert (never.host, never.operation) == ("@local", "sync_master | Push")
    assert never.reason.endswith("docs/sync_master.md says what undoes it by hand")
