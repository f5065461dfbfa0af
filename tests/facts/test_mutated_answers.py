"""Every fact, fed with answers that have gone wrong: an error in words, or a right value.

What the APIs of the practice site really answer is asked once; what shell commands print, and what
the site does not have, comes out of the case files. Each fact of `ops` is found by itself: a new
one is fed from its case files, without a line here.
"""

import json
import re
from collections.abc import Callable
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import case_files
import pytest
from asked_facts import ASKED, COMMANDS, RESOURCES, facts, known
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_process import Lab, Pyinfra
from pyinfra.api.exceptions import FactProcessError

EXAMPLES = 300
CANARY = "canary-of-an-answer"
WORD = re.compile(r'"[^"]*"')
RECORD = """
import json
from pathlib import Path
from case_files import find
from pyinfra import context, host, inventory
from pyinfra.api.exceptions import OperationError

asked, found = json.loads(Path({asked!r}).read_text()), {{}}
if host.name == "@gitlab":
    for name, (other, arguments) in asked.items():
        target = inventory.get_host(other)
        if not target.connected:
            target.connect(raise_exceptions=True)
        if "group" in arguments:
            arguments["group"] = found["protection.ProjectGroups"]["namespace"]["full_path"]
        with context.ctx_host.use(target):
            done, output = target.run_shell_command(find(name)().command(**arguments))
        if not done:
            raise OperationError(name + output.stderr)
        found[name] = json.loads(output.stdout)
    Path({answers!r}).write_text(json.dumps(found))
"""


@pytest.fixture(scope="module")
def answers(lab_process: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the practice site answers to each fact of an API."""
    lab_process.reset()
    folder = tmp_path_factory.mktemp("answers")
    asked = {name: (host, known(lab_process, given)) for name, (host, given) in ASKED.items()}
    files = {"asked": str(folder / "asked.json"), "answers": str(folder / "answers.json")}
    (folder / "asked.json").write_text(json.dumps(asked))
    pyinfra = Pyinfra(lab_process.environment, folder)
    hosts = [option for name in {"@gitlab", *(host for host, _ in ASKED.values())}
             for option in ("--limit", name)]  # fmt: skip
    code, output = pyinfra.run(
        "inventory.py", pyinfra.write(RECORD.format(**files)), *hosts, "-y",
        PYTHONPATH=str(case_files.TESTS / "support"),
    )  # fmt: skip
    assert code == 0, output
    found: dict[str, Any] = json.loads((folder / "answers.json").read_text())
    return {name: _of_case(name) for name in RESOURCES} | found


def _of_case(name: str) -> Any:
    """The largest answer in the case files of a fact: for one that the site is not asked."""
    cases = [case_files.load("facts", n, s) for n, s in case_files.cases("facts") if n == name]
    return max((c["answer"] for c in cases if "value" in c), key=lambda a: len(json.dumps(a)))


def test_every_fact_of_an_api_has_an_answer() -> None:
    assert RESOURCES
    assert COMMANDS
    assert not ASKED.keys() - set(RESOURCES)
    assert all(_of_case(name) is not None for name in RESOURCES)


@pytest.mark.parametrize("name", RESOURCES)
def test_the_answer_itself_is_read(name: str, answers: dict[str, Any]) -> None:
    facts()[name]().process([json.dumps(answers[name])])


def nested(depth: int) -> Any:
    value: Any = CANARY
    for _ in range(depth):
        value = [value]
    return value


DELETED = object()
WRONG = [
    DELETED, None, CANARY, "", 0, -1, 10**400, 1.5, float("inf"), True, [], {}, [None],
    [CANARY], {"id": CANARY}, [[]], {"": {}}, nested(40), nested(5000),
]  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside of a document, and to the document itself."""
    items: Any = ()
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
    return [way, *(deeper for key, item in items for deeper in places(item, (*way, key)))]


def changed(document: Any, way: tuple[Any, ...], wrong: Any) -> Any:
    """The document with another value at a place; as it was where that is gone by now."""
    if not way:
        return None if wrong is DELETED else wrong
    key, *rest = way
    if isinstance(document, dict) and key in document:
        found: Any = dict(document)
    elif isinstance(document, list) and isinstance(key, int) and key < len(document):
        found = list(document)
    else:
        return document
    if wrong is DELETED and not rest:
        del found[key]
    else:
        found[key] = changed(found[key], tuple(rest), wrong)
    return found


def looked_at(name: str, lines: list[str], values: list[str]) -> None:
    """Process an answer: an error in words, without a value of it, or a value of the right type."""
    fact = facts()[name]
    try:
        value = fact().process(lines)
    except FactProcessError as error:
        text = str(error)
        assert "unknown form" in text
        assert "\n" not in text
        assert [found for found in values if found in text] == []
        return
    reads: Callable[..., Any] = getattr(fact, "pick", fact.parse)
    assert _is(value, get_type_hints(reads)["return"]), value
    if name.startswith("runners."):  # A runner whose tags are not known is none without tags.
        for runner in value.values() if name == "runners.Runners" else [value]:
            assert isinstance(runner["paused"], bool)
            assert _is(runner["tag_list"], list[str])
            assert {json.dumps(tag) for tag in runner["tag_list"]} <= set(WORD.findall(lines[0]))


def _is(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if isinstance(kind, UnionType):
        return any(_is(value, one) for one in get_args(kind))
    if not isinstance(value, get_origin(kind) or kind):
        return False
    of = get_args(kind)
    if isinstance(value, dict):
        return all(_is(key, of[0]) and _is(item, of[1]) for key, item in value.items())
    if isinstance(value, tuple):
        return len(value) == len(of) and all(map(_is, value, of))
    return not isinstance(value, list) or all(_is(item, of[0]) for item in value)


def texts(document: Any) -> list[str]:
    """The longer values of a document: none of them may be in an error."""
    if isinstance(document, dict | list):
        items = document.values() if isinstance(document, dict) else document
        return [text for item in items for text in texts(item)]
    return [document] if isinstance(document, str) and len(document) > 11 else []


@pytest.mark.parametrize("name", RESOURCES)
def test_an_answer_of_an_api_that_has_gone_wrong(name: str, answers: dict[str, Any]) -> None:
    answer = answers[name]
    ways, values = places(answer), [CANARY, *texts(answer)]
    changes = st.lists(
        st.tuples(st.sampled_from(ways), st.sampled_from(range(len(WRONG)))), min_size=1, max_size=3
    )

    @settings(max_examples=EXAMPLES)
    @given(changes)
    def look(changes: list[tuple[tuple[Any, ...], int]]) -> None:
        document = answer
        for way, number in changes:
            document = changed(document, way, WRONG[number])
        looked_at(name, [dumped(document)], values)

    look()


def dumped(document: Any) -> str:
    """JSON, however deep."""
    try:
        return json.dumps(document)
    except RecursionError:
        return "[" * 100_000


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("text", ["", "{", "null", "<html>", "\x00", "[" * 100_000, '"a" b'])
def test_what_is_no_json_or_nothing(name: str, text: str) -> None:
    looked_at(name, [text], [CANARY])


def seeds(name: str) -> list[list[str]]:
    cases = [case_files.load("facts", n, sentence) for n, sentence in case_files.cases("facts")
             if n == name]  # fmt: skip
    return [case["output"] for case in cases if "output" in case]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_output_of_a_command_that_has_gone_wrong(name: str) -> None:
    outputs = seeds(name)
    assert outputs, "a case with an output is needed"
    wrong = st.one_of(
        st.sampled_from(["", ".", "--", CANARY, "a:b:c", "\t", "=", "exit=" + CANARY, "9" * 5000]),
        st.text(max_size=20),
    )

    @settings(max_examples=EXAMPLES)
    @given(st.data())
    def look(data: st.DataObject) -> None:
        lines = list(data.draw(st.sampled_from(outputs)))
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.integers(0, len(lines)))
            lines[place : place + data.draw(st.integers(0, 2))] = data.draw(
                st.lists(wrong, max_size=2)
            )
        looked_at(name, lines, [CANARY])

    look()
