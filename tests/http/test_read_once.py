"""ops/http/read_once.py: who shares an answer, and who asks for itself."""

import threading
from collections.abc import Callable, Iterator

import pytest
from limits import LIMIT

from ops.api.secret import Secret
from ops.http.read_once import forget, read_once
from ops.http.request import Request, get, graphql
from ops.http.response import Response

API = object()


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    forget()
    yield
    forget()


class Server:
    """Counts what is sent to it."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.sent = 0

    def __call__(self) -> Response:
        self.sent += 1
        status = self.statuses.pop(0) if self.statuses else 200
        return Response(status, "", {"number": self.sent})


def test_the_same_read_is_sent_once() -> None:
    send = Server()
    answers = [read_once(API, get("/runners", tag_list="a"), send) for _ in range(3)]
    assert (send.sent, answers[2].body) == (1, {"number": 1})


@pytest.mark.parametrize(
    "other",
    [
        get("/runners/2"),
        get("/runners/1", page=2),
        get("/runners/1", all_pages=True),
        get("/runners/1", most=5),
        Request("HEAD", "/runners/1"),
        graphql("query { runners { id } }"),
        Request("POST", "/reviews", {"user": Secret("one")}, reads=True),
    ],
    ids=["path", "query", "pages", "most", "method", "query of GraphQL", "secret"],
)
def test_another_read_is_sent_as_well(other: Request) -> None:
    send = Server()
    read_once(API, get("/runners/1"), send)
    read_once(API, Request("POST", "/reviews", {"user": Secret("other")}, reads=True), send)
    read_once(API, other, send)
    assert send.sent == 3


def test_another_api_is_asked_for_itself() -> None:
    send = Server()
    read_once(API, get("/version"), send)
    read_once(object(), get("/version"), send)
    assert send.sent == 2


def test_an_absent_resource_is_an_answer_and_a_refusal_is_none() -> None:
    absent, refused = Server(404), Server(429)
    assert read_once(API, get("/one"), absent).status == 404
    assert read_once(API, get("/one"), absent).status == 404
    assert absent.sent == 1
    assert read_once(API, get("/two"), refused).status == 429
    assert read_once(API, get("/two"), refused).status == 200
    assert refused.sent == 2


def test_an_error_is_of_him_who_met_it() -> None:
    def fail() -> Response:
        raise OSError("no answer")

    with pytest.raises(OSError, match="no answer"):
        read_once(API, get("/one"), fail)
    assert read_once(API, get("/one"), Server()).ok


def test_who_asks_while_it_is_on_its_way_waits_for_it() -> None:
    began, goes_on, found = threading.Event(), threading.Event(), []

    def send() -> Response:
        began.set()
        assert goes_on.wait(LIMIT)
        return Response(200, "", "slow")

    def ask(with_: Callable[[], Response]) -> threading.Thread:
        thread = threading.Thread(
            target=lambda: found.append(read_once(API, get("/one"), with_).body)
        )
        thread.start()
        return thread

    other = Server()
    threads = [ask(send)]
    assert began.wait(LIMIT)
    threads += [ask(other) for _ in range(3)]
    goes_on.set()
    for thread in threads:
        thread.join()
    assert (found, other.sent) == (["slow"] * 4, 0)
