"""What is decided about a lock without a cluster: times, holders, silence, waiting."""

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from ops.kubernetes.leases import micro_time, read, taken
from ops.lock.holder import Holder, at_work, from_document, from_notes
from ops.lock.seen import Seen, Silence
from ops.lock.waiting import Held, Patience, wait_for

SINCE = datetime(2026, 11, 28, 2, 2, 29, tzinfo=UTC)
ANNA = Holder("anna", "desk", 4711, "fix_tags", "1a2b", SINCE)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 11, 27, 12, tzinfo=UTC), "2026-11-27T12:00:00.000000Z"),
        (datetime(2026, 11, 27, 12, 0, 0, 1, tzinfo=UTC), "2026-11-27T12:00:00.000001Z"),
        (
            datetime(2026, 11, 27, 13, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-27T12:00:00.000000Z",
        ),
    ],
)
def test_a_time_has_six_digits_of_a_second(time: datetime, text: str) -> None:
    assert micro_time(time) == text


def test_what_is_taken_keeps_what_others_have_put_there() -> None:
    metadata = {"uid": "u", "resourceVersion": "7", "annotations": {"a": "b"}, "labels": {"c": "d"}}
    lease = read({"metadata": metadata, "spec": {"leaseTransitions": 3, "strategy": "x"}})
    found = taken("lock", lease, ANNA.identity, 120, SINCE, ANNA.notes())
    assert found["metadata"]["labels"] == {"c": "d"}
    assert found["metadata"]["annotations"] == {"a": "b", **ANNA.notes()}
    assert (found["metadata"]["uid"], found["metadata"]["resourceVersion"]) == ("u", "7")
    assert (found["spec"]["leaseTransitions"], found["spec"]["strategy"]) == (4, "x")
    assert "a" in metadata["annotations"] and len(metadata["annotations"]) == 1


BAD: list[Any] = [
    None,
    [],
    {"metadata": {"uid": "u", "resourceVersion": "7"}},
    {"metadata": {"uid": "u"}, "spec": {}},
    {"metadata": {"uid": "u", "resourceVersion": 7}, "spec": {}},
    {"metadata": {"uid": "u", "resourceVersion": "7"}, "spec": {"holderIdentity": []}},
    {"metadata": {"uid": "u", "resourceVersion": "7"}, "spec": {"leaseDurationSeconds": "5"}},
]


@pytest.mark.parametrize("document", BAD, ids=str)
def test_what_is_no_lease_is_refused(document: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(document)


def test_a_holder_that_is_read_is_the_one_that_was_written() -> None:
    assert from_notes(ANNA.identity, ANNA.notes(), SINCE) == ANNA
    assert from_document(ANNA.document()) == ANNA


STRANGE = {
    "kubectl@phone": "kubectl@phone is at work",
    "controller_8c1": "controller_8c1 is at work",
    f"anna@desk/{'x' * 500}": "anna@desk/xxx",
}


@pytest.mark.parametrize(("identity", "text"), STRANGE.items(), ids=["user", "name", "long"])
def test_an_identity_of_another_program(identity: str, text: str) -> None:
    found = from_notes(identity, ANNA.notes(), None)
    assert (found.job, found.pid) == ("", 0)
    assert at_work(found).startswith(text)
    assert len(at_work(found)) < 200


def test_what_others_have_written_steers_no_terminal() -> None:
    found = from_notes("\x1b[31manna@desk\n", {}, None)
    assert at_work(found).isprintable()


@pytest.mark.parametrize("document", [None, {}, [], {**ANNA.document(), "pid": "x"}, "text"])
def test_a_file_that_tells_no_holder(document: Any) -> None:
    assert from_document(document) is None


class Counter:
    """A counter that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_silence_is_what_has_not_changed_for_its_whole_time() -> None:
    count = Counter()
    silence = Silence(count)
    first, second = (Seen(stamp, ANNA, 60) for stamp in ("1", "2"))
    assert not silence.is_over(count.now, first)
    count.now += 59
    assert not silence.is_over(count.now, first)
    count.now += 1
    assert silence.is_over(count.now, first)
    assert not silence.is_over(count.now, second)
    count.now += 60
    assert silence.is_over(count.now, second)


def test_what_a_read_takes_is_no_silence() -> None:
    """It is counted from after the first read to before the last one."""
    count = Counter()
    silence = Silence(count)
    asked = count.now
    count.now += 50
    assert not silence.is_over(asked, Seen("1", ANNA, 60))
    asked = count.now + 59
    count.now += 200
    assert not silence.is_over(asked, Seen("1", ANNA, 60))


def test_a_lock_without_a_time_is_never_taken_over() -> None:
    count = Counter()
    silence = Silence(count)
    silence.is_over(count.now, Seen("1", ANNA, 0))
    count.now += 10**6
    assert not silence.is_over(count.now, Seen("1", ANNA, 0))


class Lock:
    """A lock that gives one answer after the other, and then the last one again."""

    def __init__(self, *answers: Seen | OSError, is_taken: bool = True) -> None:
        self.answers = list(answers)
        self.is_taken = is_taken
        self.took: list[Seen] = []

    def look(self) -> Seen:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer

    def take(self, seen: Seen) -> bool:
        self.took.append(seen)
        return self.is_taken


def _patience(seconds: float, told: list[str]) -> Patience:
    return Patience(seconds, 0.001, lambda who, waited: told.append(who.user), told.append)


def test_who_does_not_wait_looks_once() -> None:
    told: list[str] = []
    lock = Lock(Seen("1", ANNA, 60))
    with pytest.raises(Held) as held:
        wait_for(lock, _patience(0, told))
    assert (held.value.holder, told, lock.took) == (ANNA, [], [])


def test_who_waits_takes_what_is_let_go() -> None:
    told: list[str] = []
    free = Seen("2", None)
    lock = Lock(Seen("1", ANNA, 60), OSError("the network is away"), free)
    assert wait_for(lock, _patience(3600, told)) is None
    assert told == ["anna", "the network is away"]
    assert lock.took == [free]


def test_who_is_too_late_looks_again() -> None:
    told: list[str] = []
    bert = Holder("bert", "desk", 1, "site", "3c")
    lock = Lock(Seen("1", None), Seen("2", bert, 60), is_taken=False)
    with pytest.raises(Held) as held:
        wait_for(lock, _patience(0.01, told))
    assert held.value.holder == bert


def test_a_silent_one_is_taken_over() -> None:
    silent = Seen("1", ANNA, 0.01)
    began = time.monotonic()
    assert wait_for(Lock(silent), _patience(3600, [])) == ANNA
    assert time.monotonic() - began >= 0.01
