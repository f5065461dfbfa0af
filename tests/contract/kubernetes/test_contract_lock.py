"""The lock that a run has, of the practice site and a real API server: who may write, and when."""

from typing import Any

import pytest
from kubernetes_api import MERGE, Space
from lease_api import LeaseApi

from ops.lock.holder import Holder
from ops.lock.lease_lock import LeaseLock

LEASES = "coordination.k8s.io/v1/leases"
SECONDS = 120


class Run:
    """A run with a counter of its own, which a test sets."""

    def __init__(self, space: Space, name: str, user: str = "") -> None:
        self.now = 1000.0
        self.api = LeaseApi(space.api, user)
        holder = Holder(name, "desk", 4711, "fix_tags", f"{name}-1")
        self.lock = LeaseLock(self.api, space.name, "lock", SECONDS, holder, count=lambda: self.now)

    def take(self) -> bool:
        """Take what is there now."""
        return self.lock.take(self.lock.look())


@pytest.fixture
def anna(space: Space) -> Run:
    return Run(space, "anna")


@pytest.fixture
def bert(space: Space) -> Run:
    return Run(space, "bert")


def _holder(space: Space) -> str:
    return str(space.get(LEASES, "lock")["spec"].get("holderIdentity"))


def _version(space: Space) -> str:
    return str(space.get(LEASES, "lock")["metadata"]["resourceVersion"])


@pytest.mark.parametrize("is_there", [False, True])
def test_of_two_who_look_at_once_one_takes_it(
    space: Space, anna: Run, bert: Run, is_there: bool
) -> None:
    if is_there:
        assert anna.take()
        assert anna.lock.release() == ""
    seen = anna.lock.look(), bert.lock.look()
    assert bert.lock.take(seen[1])
    assert not anna.lock.take(seen[0])
    assert not anna.lock.is_held
    assert _holder(space) == "bert@desk/bert-1"


def test_who_looks_is_told_who_has_it(space: Space, anna: Run, bert: Run) -> None:
    assert anna.take()
    seen = bert.lock.look()
    assert seen.holder is not None
    told = (seen.holder.user, seen.holder.host, seen.holder.pid, seen.holder.job, seen.holder.run)
    assert told == ("anna", "desk", 4711, "fix_tags", "anna-1")
    assert seen.seconds == SECONDS
    assert seen.holder.since is not None


def test_notes_of_another_holder_are_not_believed(space: Space, anna: Run, bert: Run) -> None:
    assert anna.take()
    space.patch(LEASES, "lock", {"spec": {"holderIdentity": "kubectl@phone"}}, MERGE)
    holder = bert.lock.look().holder
    assert holder is not None
    assert (holder.who, holder.job, holder.pid) == ("kubectl@phone", "", 0)


def test_what_was_let_go_and_taken_is_another_one(space: Space, anna: Run, bert: Run) -> None:
    seen = anna.lock.look()
    assert bert.take()
    assert bert.lock.release() == ""
    assert anna.lock.look().holder is None
    assert not anna.lock.take(seen)


def test_a_change_needs_no_question_while_the_lock_is_young(space: Space, anna: Run) -> None:
    assert anna.take()
    before = len(anna.api.sent)
    anna.now += SECONDS / 2
    assert anna.lock.refusal() == ""
    assert len(anna.api.sent) == before


def test_who_has_slept_asks_before_it_changes_something(space: Space, anna: Run) -> None:
    assert anna.take()
    version = _version(space)
    anna.now += 10 * SECONDS
    assert anna.lock.refusal() == ""
    assert _version(space) != version


def test_who_has_slept_while_another_one_took_it(space: Space, anna: Run, bert: Run) -> None:
    assert anna.take()
    assert bert.lock.take(bert.lock.look())
    anna.now += 10 * SECONDS
    reason = anna.lock.refusal()
    assert "was lost: bert@desk is at work with fix_tags since" in reason
    assert anna.lock.lost == reason
    assert anna.lock.release() == ""
    assert _holder(space) == "bert@desk/bert-1"


def test_lost_to_one_that_has_ended(space: Space, anna: Run, bert: Run) -> None:
    assert anna.take()
    assert bert.take()
    assert bert.lock.release() == ""
    assert not anna.lock.renew()
    assert "another run has had it" in anna.lock.refusal()


def test_somebody_elses_label_is_no_loss(space: Space, anna: Run) -> None:
    assert anna.take()
    space.patch(LEASES, "lock", {"metadata": {"labels": {"a": "b"}}}, MERGE)
    assert anna.lock.renew()
    assert anna.lock.refusal() == ""
    space.patch(LEASES, "lock", {"metadata": {"labels": {"a": "c"}}}, MERGE)
    assert anna.lock.release() == ""
    assert _holder(space) == ""
    assert space.get(LEASES, "lock")["metadata"]["labels"] == {"a": "c"}


@pytest.mark.parametrize("is_made_again", [False, True])
def test_a_lease_that_somebody_removes_is_lost(
    space: Space, anna: Run, bert: Run, is_made_again: bool
) -> None:
    assert anna.take()
    space.api.send("DELETE", space.path(LEASES, "lock"))
    if is_made_again:
        assert bert.take()
    assert not anna.lock.renew()
    assert ("was lost" if is_made_again else "was removed") in anna.lock.refusal()
    assert anna.lock.release() == ""
    there = space.api.send("GET", space.path(LEASES, "lock"))
    assert there.status == (200 if is_made_again else 404)


def test_an_api_that_does_not_answer(space: Space, anna: Run) -> None:
    assert anna.take()
    anna.api.drop = lambda request: True
    assert not anna.lock.renew()
    assert anna.lock.refusal() == ""  # It is young.
    anna.now += SECONDS * 0.7
    reason = anna.lock.refusal()
    assert "could not be renewed for 84 s" in reason
    assert "nobody answers" in reason
    anna.api.drop = lambda request: False
    assert anna.lock.refusal() == ""


WRITES: dict[str, Any] = {"POST": "take", "PUT": "renew"}


@pytest.mark.parametrize("method", WRITES)
def test_a_write_whose_answer_is_lost(space: Space, anna: Run, method: str) -> None:
    anna.api.lose = lambda request: request.method == method
    assert anna.take()
    assert anna.lock.renew()
    assert anna.lock.refusal() == ""
    assert _holder(space) == "anna@desk/anna-1"
    assert anna.lock.release() == ""
    assert _holder(space) == ""


def test_a_write_that_was_not_done(space: Space, anna: Run) -> None:
    anna.api.drop = lambda request: request.method == "POST"
    with pytest.raises(OSError, match="nobody answers"):
        anna.take()
    assert not anna.lock.is_held


def test_it_holds_from_when_the_request_was_sent(space: Space, anna: Run) -> None:
    """What an answer took is gone of its time."""
    seen = anna.lock.look()

    def slow(request: Any) -> bool:
        anna.now += SECONDS * 0.7
        return False

    anna.api.lose = slow
    assert anna.lock.take(seen)
    anna.api.lose = lambda request: False
    before = len(anna.api.sent)
    assert anna.lock.refusal() == ""
    assert anna.api.sent[before:] == ["PUT"]
