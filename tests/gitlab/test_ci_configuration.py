"""What a .gitlab-ci.yml says of its jobs: whatever GitLab takes is read, and where it stands."""

import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.configuration import load
from ops.gitlab.ci.document import read

DOCUMENTS = [
    "a: 1\na: 2\n",
    "a: {b: 1, b: 2}\n",
    "x: &x {tags: x, only: x}\na: {tags: own, <<: *x}\n",
    "x: &x {tags: x, only: x}\na: {<<: *x, tags: own}\n",
    "x: &x {t: x}\ny: &y {t: y, u: y}\na: {<<: [*x, *y]}\n",
    "x: &x {t: x}\ny: &y {t: y, u: y}\na: {<<: *x, <<: *y}\n",
    "x: &x {t: x}\na:\n  '<<': *x\n",
    "x: &x {t: {u: 1, v: 2}}\na: {<<: *x, t: {u: 3}}\n",
    "x: &x [a, b]\na: [*x, c]\n",
    "a: {<<: text}\n",
    "a: yes\nb: off\nc: ~\nd: 0x1f\ne: 1_000\nf: 'no'\ng: 1e3\nh: .5\n",
    "a: |\n  one\n  two\nb: >-\n  one\n  two\n",
    "a: !some {b: 1}\nc: !other d\n",
    "? a\n: b\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: 'it''s'\nb: \"\\u00e9\"\n\xe9: d # why\n",
]


@pytest.mark.skipif(shutil.which("ruby") is None, reason="Ruby is not installed")
def test_ruby_reads_the_same_values() -> None:
    program = """
    require "json"; require "yaml"
    texts = JSON.parse($stdin.read)
    puts JSON.generate(texts.map { |text| YAML.safe_load(text, aliases: true) })
    """
    process = subprocess.run(
        ["ruby", "-E", "UTF-8:UTF-8", "-e", program],
        input=json.dumps(DOCUMENTS), capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert [read(text) for text in DOCUMENTS] == json.loads(process.stdout)


def test_the_jobs_stand_behind_a_header() -> None:
    jobs = "job:\n  rules:\n    - if: $A\n"
    assert load(jobs).job_rules("job")[0].line == 3  # type: ignore[index]
    headed = load(f"spec:\n  inputs:\n    a:\n---\n{jobs}")
    assert headed.names() == ["job"]
    assert headed.job_rules("job")[0].line == 7  # type: ignore[index]
    assert load(f"---\n{jobs}").names() == ["job"]
    assert load(f"{jobs}---\nother: {{}}\n").names() == ["job"]  # As GitLab has it.


def rules(text: str, job: str = "job") -> list[tuple[object, int]]:
    return [(rule.content["if"], rule.line) for rule in load(text).job_rules(job) or ()]


LONG = """\
.one: &one
  - if: $ONE
.two:
  rules:
    - if: $TWO
    - *one
.three:
  rules:
    - !reference [.two, rules]
    - [[if: $THREE]]
.base:
  extends: .three
.job:
  extends: [.other, .base]
.other:
  rules:
    - if: $OTHER
job:
  <<: {extends: .job}
  tags: [a]
mine:
  extends: .job
  rules:
    - if: !reference [.four, if]
.four: {if: $FOUR}
all:
  rules: !reference [.three, rules]
again:
  rules: !reference [all, rules]
"""


def test_rules_are_found_behind_extends_lists_and_references() -> None:
    inherited = [("$TWO", 5), ("$ONE", 2), ("$THREE", 10)]
    assert rules(LONG) == inherited
    assert rules(LONG, "all") == rules(LONG, "again") == inherited
    assert rules(LONG, "mine") == [("$FOUR", 24)]
    assert load(LONG).names() == ["job", "mine", "all", "again"]
    assert load("job: {script: a}\n").job_rules("job") is None


def test_what_is_inherited_is_merged_key_by_key() -> None:
    text = (
        ".a: {variables: {X: 1, Y: 1}, tags: [a]}\njob: {extends: .a, variables: {X: 2}, tags: []}"
    )
    assert load(text).job("job") == {
        "extends": ".a",
        "variables": {"X": 2, "Y": 1},
        "tags": [],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [\n", "it is no YAML in line 2"),
        ("a: *b\n", "it is no YAML in line 1"),
        ("a: \x00\n", "characters that are not allowed"),
        ("a: \ud800\n", "characters that are not allowed"),
        ("", "no mapping of jobs"),
        ("- a\n", "no mapping of jobs"),
        ("a: &a {b: *a}\n", "more than 100 levels"),
        ("job: {extends: .a}\n", "job extends .a, which is not there"),
        ("job: {extends: [a]}\na: 1\n", "job extends a, which is no mapping"),
        ("job: {extends: .a}\n.a: {extends: job}\n", "extends itself"),
        ("other: {}\n", "it has no job job"),
        ("job: 1\n", "job is no mapping"),
        ("job: {rules: 1}\n", "no list of mappings"),
        ("job: {rules: [1]}\n", "no list of mappings"),
        ("job: {rules: [!reference [.a, rules]]}\n", r"!reference \[.a, rules\] leads nowhere"),
        ("job: {rules: !reference [job, rules]}\n", "goes round in a circle"),
        ("job: {rules: &a [*a]}\n", "more than 100 levels"),
        (
            "include: [{template: a.yml}, b.yml]\njob: {extends: .a}\n",
            "which is not there; it may be in what is included: template: a.yml; b.yml",
        ),
        (
            "include: {project: a/b, ref: main, file: [c.yml], inputs: {d: 1}}\nother: {}\n",
            r"it has no job job; it may be in what is included: project: a/b, ref: main, file:",
        ),
    ],
)
def test_what_gitlab_does_not_take_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Unchangeable, match=words):
        load(text).job_rules("job")


def test_an_anchor_may_stand_twice() -> None:
    found = load(".a: &x {when: never}\n.b: &x {when: always}\njob: {rules: [*x]}\n")
    assert [rule.content for rule in found.job_rules("job") or []] == [{"when": "always"}]


def test_lists_that_become_thousands_of_rules_are_refused() -> None:
    lists = "".join(f".{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9))
    with pytest.raises(Unchangeable, match="no list of mappings"):
        load(f".0: &l0 []\n{lists}job: {{rules: [*l8]}}\n").job_rules("job")


WORDS = [
    "job", ".a", "rules", "extends", "if", "$X", "changes", "- ", ": ", "\n", "  ", "&a ", "*a",
    "{", "}", "[", "]", ", ", "<<: *a", "!reference [.a, rules]", "include", "---\n", "spec:", "'",
    '"',
]  # fmt: skip


@given(some.text(max_size=60) | some.lists(some.sampled_from(WORDS), max_size=25).map("".join))
def test_no_text_raises_another_error(text: str) -> None:
    try:
        configuration = load(text)
        for name in [*configuration.names(), "job"]:
            configuration.job_rules(name)
        configuration.workflow_rules()
    except Unchangeable:
        pass
