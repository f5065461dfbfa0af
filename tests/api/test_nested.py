"""Values inside of a JSON text: only they change, whatever is around them."""

import json

import pytest

from ops.api.nested import changes, pick, with_values
from ops.api.unchangeable import Unchangeable

WANTED = {"kafka": {"port": 9094, "user": "dedup-lab", "password": ""}}
HOSTILE = """\
{
  "title": "Ümläute \\u00fc \\"kafka\\": { } \\"port\\": 9092,",
  "numbers": [1e3, 1.10, 0.10000000000000000001, 12345678901234567890, -0.0],
  "other": {
    "port": 9092,   "user": "nobody",
    "password": "kept"
  },
  "kafka": {
    "host":   "a } b, \\"port\\": 1",
    "port" : 9092,
    "user": null,
    "password": "dedup \\" lab",
    "topics": {"port": 1, "list": [ ]}
  },
  "last": {"kafka": "x"}
}
"""
REPLACED = (
    ('"port" : 9092', '"port" : 9094'),
    ('"user": null', '"user": "dedup-lab"'),
    ('"password": "dedup \\" lab"', '"password": ""'),
)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("indent", ["  ", "\t", ""])
def test_only_the_values_change_whatever_is_around_them(indent: str, ending: str) -> None:
    text = HOSTILE.replace("  ", indent).replace("\n", ending)
    wanted = text
    for old, new in REPLACED:
        assert wanted.count(old) == 1
        wanted = wanted.replace(old, new)
    assert with_values(text, WANTED, "f") == wanted


def section(body: str, indent: str = "  ") -> str:
    return f'{{\n{indent}"a": 1e3,\n{indent}"kafka": {{{body}}}\n}}'


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (
            '\n    "port": 9092,\n    "host": "x"\n  ',
            '\n    "port": 9094,\n    "user": "dedup-lab",\n    "password": "",\n'
            '    "host": "x"\n  ',
        ),
        (
            '\n    "host": "x",\n    "port": 9092\n  ',
            '\n    "host": "x",\n    "port": 9094,\n    "user": "dedup-lab",\n'
            '    "password": ""\n  ',
        ),
        (
            '\n    "host": "x"\n  ',
            '\n    "port": 9094,\n    "user": "dedup-lab",\n    "password": "",\n'
            '    "host": "x"\n  ',
        ),
        ("", '"port": 9094, "user": "dedup-lab", "password": ""'),
        ('"port": 9092', '"port": 9094, "user": "dedup-lab", "password": ""'),
    ],
    ids=["first", "last", "none", "empty", "one line"],
)
def test_missing_values_are_inserted_and_the_rest_stays(body: str, wanted: str) -> None:
    assert with_values(section(body), WANTED, "f") == section(wanted)


def test_a_text_with_the_values_stays_as_it_is() -> None:
    text = ' {"kafka":{"password":"","user":"dedup-lab", "port":9094.0}}\t'
    assert with_values(text, WANTED, "f") is text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[9092, 9093]", "9094"),
        ('{"a": [{"port": 1}]}', "9094"),
        ("9.092e3", "9094"),
        ("null", "9094"),
        ('"} \\" ,"', "9094"),
    ],
)
def test_a_value_of_any_kind_is_replaced(old: str, new: str) -> None:
    text = section('\n\t"tls": {"port": 1},\n\t"port":{} ,\n"user":"dedup-lab","password":""')
    before, after = (text.replace("{} ,", f"{value} ,") for value in (old, new))
    assert with_values(before, WANTED, "f") == after


def test_a_section_of_the_same_name_elsewhere_is_not_mistaken_for_it() -> None:
    text = '{\n  "x": {\n    "kafka": {\n      "port": 9092\n    }\n  },\n'
    text += '  "kafka": {\n    "port": %d,\n    "user": "dedup-lab",\n    "password": ""\n  }\n}'
    assert with_values(text % 9092, WANTED, "f") == text % 9094


@pytest.mark.parametrize("known", ['"off"', "null", "[]", "7"])
def test_what_is_no_section_becomes_one(known: str) -> None:
    text = '{\n  "b": "\\u00fc",\n  "kafka": %s\n}\n'
    new = with_values(text % known, WANTED, "f")
    assert new == text % json.dumps(WANTED["kafka"])


def test_a_missing_section_is_inserted() -> None:
    new = with_values('{\n  "a": 1e3\n}\n', WANTED, "f")
    assert new == f'{{\n  "kafka": {json.dumps(WANTED["kafka"])},\n  "a": 1e3\n}}\n'
    assert json.loads(with_values("{}", WANTED, "f")) == WANTED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{oops", "f is no JSON: line 1"),
        ('{\n"a": 1\n!}', "f is no JSON: line 3"),
        ("", "f is no JSON: line 1"),
        ("\ufeff{}", "f is no JSON"),
        ("[]", "f is no JSON object"),
        ('"text"', "f is no JSON object"),
        ("null", "f is no JSON object"),
        ('{"kafka": {"port": 1}, "kafka": {}}', "f has kafka twice in one object"),
        ('{"a": [{"b": 1, "b": 2}]}', "f has b twice in one object"),
    ],
)
def test_another_form_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Unchangeable, match=words):
        with_values(text, WANTED, "f")
    with pytest.raises(Unchangeable, match=words):
        changes(text, WANTED, "f")


def test_a_refusal_does_not_repeat_the_text() -> None:
    with pytest.raises(Unchangeable) as caught:
        with_values('{"password": "canary-4711', WANTED, "f")
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_difference_names_nested_fields_and_hides_passwords() -> None:
    lines = changes('{"kafka": {"port": 9092, "password": "canary-4711"}}', WANTED, "f")
    assert lines[:2] == ["f.kafka.port: 9092 -> 9094", 'f.kafka.user: null -> "dedup-lab"']
    assert lines[2].startswith("f.kafka.password: secret:")
    assert "canary" not in str(lines)


def test_what_is_missing_is_picked_as_none() -> None:
    nothing = {"kafka": {"port": None, "user": None, "password": None}}
    assert pick({}, WANTED) == pick({"kafka": "off"}, WANTED) == pick(None, WANTED) == nothing
