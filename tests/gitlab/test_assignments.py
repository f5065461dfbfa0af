"""ops/gitlab/ci/assignments.py: values of variables, replaced where they stand."""

import pytest

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.assignments import differences, expressions, with_assignments

FILE = """\
# KAFKA_PORT: 9092 is the plain listener
variables: &all
  KAFKA_PORT: 9092  # of the listener
  OTHER: "9092"
.kafka: &kafka
  KAFKA_PORT: "9092"
kafka:
  variables:
    <<: *kafka
    KAFKA_BOOTSTRAP: {value: 'kafka:9092', description: "kafka:9092"}
  script: &script
    - export KAFKA_PORT=9092
    - "export KAFKA_PORT=9092"
    - |
      # export KAFKA_PORT=9092
      export KAFKA_BOOTSTRAP="kafka:9092"; run
    - export KAFKA_PORT="$OTHER"
    - echo 9092
again:
  variables: *all
  script: *script
  rules:
    - if: $A
      variables: {KAFKA_PORT: '9092'}
"""
WANTED = {"KAFKA_PORT": "9094", "KAFKA_BOOTSTRAP": "kafka:9094"}
PLACES = [
    ("  KAFKA_PORT: 9092  #", "  KAFKA_PORT: 9094  #"),
    ('  KAFKA_PORT: "9092"', '  KAFKA_PORT: "9094"'),
    ("{value: 'kafka:9092'", "{value: 'kafka:9094'"),
    ("    - export KAFKA_PORT=9092", "    - export KAFKA_PORT=9094"),
    ('"export KAFKA_PORT=9092"', '"export KAFKA_PORT=9094"'),
    ('BOOTSTRAP="kafka:9092"', 'BOOTSTRAP="kafka:9094"'),
    ("{KAFKA_PORT: '9092'}", "{KAFKA_PORT: '9094'}"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_place_is_written_and_nothing_else(end: str) -> None:
    wanted = FILE
    for old, new in PLACES:
        assert wanted.count(old) == 1, old
        wanted = wanted.replace(old, new)
    text = FILE.replace("\n", end)
    assert with_assignments(text, WANTED, "ci") == wanted.replace("\n", end)
    assert with_assignments(wanted, WANTED, "ci") == wanted
    assert len(differences(text, WANTED, "ci")) == len(PLACES)
    assert differences(wanted, WANTED, "ci") == []


def test_an_expression_stays_and_is_named() -> None:
    assert expressions(FILE, WANTED, "ci") == [
        'ci: line 17: KAFKA_PORT is the expression "$OTHER", and stays'
    ]


def test_an_empty_value_gets_quotes() -> None:
    text = "variables:\n  KAFKA_USER: dedup\n"
    assert with_assignments(text, {"KAFKA_USER": ""}, "ci") == 'variables:\n  KAFKA_USER: ""\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("variables: {A: 1}", "ci does not set KAFKA_PORT: it sets A"),
        ("include: other.yml", "it sets no variable, and it includes other files, where it may be"),
        ("", "ci does not set KAFKA_PORT: it sets no variable"),
        ("a: [", "ci is no YAML"),
        ("variables: {A: &a 1, KAFKA_PORT: *a}", "KAFKA_PORT in line 1 is no value on its own"),
        ("variables: {KAFKA_PORT: &a 1}", "an anchor, an alias, a tag or a block"),
        ("variables:\n  KAFKA_PORT: |\n    1\n", "an anchor, an alias, a tag or a block"),
        ('a:\n  script:\n    - export KAFKA_PORT=9"0"92\n', "is in parts"),
        ('a:\n  script:\n    - "export KAFKA_PORT=\\"9092\\""\n', "is in parts"),
    ],
)
def test_what_cannot_be_written_is_refused(text: str, words: str) -> None:
    with pytest.raises(Unchangeable) as error:
        with_assignments(text, {"KAFKA_PORT": "9094"}, "ci")
    assert words in str(error.value)
