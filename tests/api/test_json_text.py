"""Values in a JSON text, by JSONPath: only they change, and each must be there exactly once."""

import json

import pytest

from ops.api.difference import json_differences
from ops.api.json_text import check_paths, load, with_values
from ops.api.unchangeable import Unchangeable

KAFKA = "$.databases[?@.system == 'kafka']"
WANTED = {
    f"{KAFKA}.port": 9094,
    f"{KAFKA}.user": "dedup-lab",
    f"{KAFKA}.password": "",
    "$.metrics_trace.kafka_bootstrap": "kafka:9094",
}
HOSTILE = """\
{
  "title": "Ümläute \\u00fc \\"kafka\\": { } \\"port\\": 9092, \\ud83d\\ude00",
  "numbers": [1e3, 1.10, 0.10000000000000000001, 12345678901234567890, -0.0],

  "kafka": {"port": 9092},
  "databases": [
    {"system": "postgresql", "port": 9092, "user": null, "password": "kept"}, [ ], null,

    {
      "host":   "a } b, \\"port\\": 1",
      "port" : 9092, "user": null,
      "password": "dedup \\" lab",
      "topics": {"port": 1, "list": [ ]}   ,
      "system": "kafka"
    }
  ],
  "metrics_trace": {"on": true, "kafka_bootstrap":"kafka:9092"},
  "last": [{"system": "kafka", "port": 1}]
}
"""
REPLACED = (
    ('"port" : 9092, "user": null', '"port" : 9094, "user": "dedup-lab"'),
    ('"password": "dedup \\" lab"', '"password": ""'),
    ('"kafka_bootstrap":"kafka:9092"', '"kafka_bootstrap":"kafka:9094"'),
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
    assert with_values(wanted, WANTED, "f") is wanted
    assert json_differences(wanted, WANTED, "f") == []


@pytest.mark.parametrize(
    ("old", "wanted", "new"),
    [
        ("9.092e3", 9094, "9094"),
        ("null", "ü", '"ü"'),
        ('"} \\" ,"', True, "true"),
        ("1", True, "true"),
        ("[1,\n 2 ]", [3], "[3]"),
        ('{"x": [1]}', {"y": 2}, '{"y": 2}'),
        ("9094.0", 9094, "9094.0"),
    ],
)
def test_a_value_is_replaced_by_one_of_its_kind(old: str, wanted: object, new: str) -> None:
    text = '{"a": [{"port": 1}], "b": [0, %s ], "port": 1}'
    assert with_values(text % old, {"$.b[-1]": wanted}, "f") == text % new


DOCUMENT = """\
{"databases": [{"system": "redis"}, {"system": "kafka", "port": 1}, {"system": "kafka", "port": 2}],
 "metrics_trace": {"topics": ["x"]}}"""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("$.kafka.port", r"f has no \$.kafka.port: \$ is an object with databases, metrics_trace$"),
        (
            f"{KAFKA}.port",
            r"2 times, and it must be there once: \$\['databases'\]\[1\]\['p",
        ),
        (
            "$.databases[?@.system == 'mysql'].port",
            r"\['databases'\] is a list of 3, where system is \"redis\", \"kafka\", \"kafka\"$",
        ),
        ("$.databases[?@.system == 'redis'].port", r"is an object with system$"),
        ("$.metrics_trace.kafka_bootstrap", r"\['metrics_trace'\] is an object with topics$"),
        ("$.databases[1].port.x", r"\['port'\] is a single value$"),
        ("$.databases[7]", r"\['databases'\] is a list of 3$"),
        ("$..port", "2 times"),
        ("$.metrics_trace", "is an object, and a single value is wanted there"),
        ("$.metrics_trace.topics", "is a list, and a single value is wanted there"),
        ("$", "is an object, and a single value is wanted there"),
    ],
)
def test_what_is_not_there_exactly_once_is_refused_with_what_was_found(
    path: str, words: str
) -> None:
    for look in (with_values, json_differences):
        with pytest.raises(Unchangeable, match=words):
            look(DOCUMENT, {path: 9094}, "f")


def test_two_paths_to_one_place_are_refused() -> None:
    with pytest.raises(Unchangeable, match="is a place that another path names as well"):
        with_values('{"a": {"b": 1}}', {"$.a.b": 2, "$..b": 3}, "f")
    with pytest.raises(Unchangeable, match="is a place that another path names as well"):
        with_values('{"a": {"b": 1}}', {"$.a": {}, "$.a.b": 3}, "f")


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
        ("[" * 100_000, "f is no JSON that can be read: it is too deep"),
        ('{"kafka": {"port": 1}, "kafka": {}}', "f has kafka twice in one object"),
        ('{"a": [{"b": 1, "b": 2}]}', "f has b twice in one object"),
    ],
)
def test_another_form_is_refused_in_words(text: str, words: str) -> None:
    for look in (with_values, json_differences):
        with pytest.raises(Unchangeable, match=words):
            look(text, WANTED, "f")


def test_a_refusal_does_not_repeat_the_text() -> None:
    for text in ('{"password": "canary-4711', '{"databases": [{"password": "canary-4711"}]}'):
        with pytest.raises(Unchangeable) as caught:
            with_values(text, {"$.databases[?@.password == 'x'].port": 1}, "f")
        assert "canary" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_the_difference_names_the_place_and_hides_passwords() -> None:
    port, user, password, bootstrap = json_differences(HOSTILE, WANTED, "f")
    assert port == "f: databases[?@.system == 'kafka'].port: 9092 -> 9094"
    assert user.endswith('.user: null -> "dedup-lab"')
    assert password.startswith("f: databases[?@.system == 'kafka'].password: secret:")
    assert bootstrap == 'f: metrics_trace.kafka_bootstrap: "kafka:9092" -> "kafka:9094"'


@pytest.mark.parametrize("path", ["kafka.port", "$.a[?@.b = 1]", "$.a[", "", "$.a[?foo(@)]"])
def test_what_is_no_json_path_is_named(path: str) -> None:
    with pytest.raises(ValueError, match="is no JSONPath"):
        check_paths({"$.a": 1, path: 2})


def test_a_large_document_is_no_matter() -> None:
    items = [{"system": str(n), "port": n} for n in range(3000)]
    text = json.dumps({"databases": items})
    new = with_values(text, {"$.databases[?@.system == '2999'].port": 1}, "f")
    assert json.loads(new)["databases"][-1]["port"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('\ufeff{"a": 1}', "begins with a byte order mark"),
        (f'{{"a": {"1" * 6000}}}', "too many digits"),
    ],
    ids=["BOM", "digits"],
)
def test_what_is_the_matter_is_said_where_it_is_no_line(text: str, words: str) -> None:
    with pytest.raises(Unchangeable, match=f"^x .*{words}"):
        load(text, "x")
