"""Lines that are added to a .gitlab-ci.yml, whatever its layout."""

import pytest

from ops.api.unchangeable import Unchangeable
from ops.gitlab.ci.filters import with_changes

JOB = "experiment:build"
BEFORE = """\
# Ümläute and "quotes" stay.
other:
  rules:
    - changes: [a]
experiment:build:
  script: [x]   # why
  rules:
    - if: $CI_PIPELINE_SOURCE == "web"
    # A push.
    - if: $CI_PIPELINE_SOURCE == "push"
      changes:
        - "src/**/*.cpp"
"""
AFTER = """\
        # more

after: {script: [experiment:build]}
"""


def parts(ending: str) -> tuple[str, str, str]:
    added = '        - "k8s/**"\n        - "a b"\n'
    return tuple(text.replace("\n", ending) for text in (BEFORE, added, AFTER))  # type: ignore


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_are_inserted_and_everything_else_stays_to_the_byte(ending: str) -> None:
    before, added, after = parts(ending)
    assert with_changes(before + after, JOB, ["k8s/**", "a b"]) == before + added + after


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_file_without_a_last_line_end_gets_none(ending: str) -> None:
    before, added, _ = parts(ending)
    text = before.removesuffix(ending)
    assert with_changes(text, JOB, ["k8s/**", "a b"]) == (before + added).removesuffix(ending)


def test_paths_that_are_there_are_not_added_again() -> None:
    done = with_changes(BEFORE + AFTER, JOB, ["src/**/*.cpp", "k8s/**"])
    assert done.count("src/**/*.cpp") == 1
    assert with_changes(done, JOB, ["k8s/**", "src/**/*.cpp"]) == done


def job(changes: str) -> str:
    return f"{JOB}:\n  rules:\n    - if: $X\n      changes:{changes}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (job("\n        - 'a'\n"), "        - 'k'\n"),
        (job("\n        - a  # why\n"), '        - "k"\n'),
        (job("\n      - a\n"), '      - "k"\n'),
        (job("\n        -   a\n"), '        - "k"\n'),
        (job("\n        - &anchor a\n"), '        - "k"\n'),
        (job("\n        paths:\n          - a\n"), '          - "k"\n'),
    ],
    ids=["quotes", "a comment", "no indent", "wide dash", "an anchor", "paths"],
)
def test_the_new_line_looks_like_the_last_one(text: str, line: str) -> None:
    assert with_changes(text, JOB, ["k"]) == text + line


def test_a_list_behind_an_anchor_grows_where_it_stands() -> None:
    shared = ".list: &list\n  - a\n"
    text = job(" *list\n")
    assert with_changes(shared + text, JOB, ["k"]) == shared + '  - "k"\n' + text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (job(" [a, b]\n"), "a form that cannot be extended"),
        (job(" [a-b]\n"), "a form that cannot be extended"),
        (job(" [\n      a-b,\n      c ]\n"), "a form that cannot be extended"),
        (job(" []\n"), "a form that cannot be extended"),
        (job("\n        -\n          a\n"), "a form that cannot be extended"),
        (job("\n        - >-\n          a\n          b\n"), "a form that cannot be extended"),
        (job("\n        - a\n          b\n"), "a form that cannot be extended"),
        (job(" !reference [.other, changes]\n"), r"!reference \[.other, changes\] leads nowhere"),
        (job("\n"), "has 0 rules with changes"),
        (job(" a\n"), "has 0 rules with changes"),
        (f"{JOB}: [a]\n", "experiment:build is no mapping"),
        (f"{JOB}:\n  rules: changes\n", "its rules are no list of mappings"),
        (f"{JOB}:\n  rules:\n    - !reference [.other, changes]\n", "leads nowhere"),
        (job("\n        - a\n    - changes:\n        - b\n"), "has 2 rules with changes"),
        (job("\n\t- a\n"), "it is no YAML in line 5"),
        (job("\n        - a\n") + f"{JOB}: {{}}\n", "has 0 rules with changes"),
        ("a: [\n", "it is no YAML in line 2"),
        ("other: {}\n", "it has no job experiment:build"),
        ("", "it is no mapping of jobs"),
        ("- a\n", "it is no mapping of jobs"),
        ("1\n", "it is no mapping of jobs"),
    ],
)
def test_another_form_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Unchangeable, match=words):
        with_changes(text, JOB, ["k"])


def test_every_list_like_it_grows_in_hidden_jobs_too_and_no_other_one() -> None:
    same = "  rules:\n    - changes:\n      - b\n      - a\n"
    other = "  rules:\n    - changes:\n      - a\n"
    text = f".hidden:\n{same}two:\n{same}three:\n{other}" + job("\n      - a\n      - b\n")
    new = with_changes(text, JOB, ["k"])
    grown = same + '      - "k"\n'
    rest = job('\n      - a\n      - b\n      - "k"\n')
    assert new == f".hidden:\n{grown}two:\n{grown}three:\n{other}" + rest
    assert with_changes(f".hidden:\n{same}" + rest, JOB, ["k"]) == f".hidden:\n{grown}" + rest


def test_a_list_like_it_that_no_line_can_be_added_to_stays() -> None:
    text = "two:\n  rules:\n    - changes: [a]\n" + job("\n      - a\n")
    assert with_changes(text, JOB, ["k"]) == text + '      - "k"\n'


def test_a_path_that_would_break_the_line_is_refused() -> None:
    with pytest.raises(Unchangeable):
        with_changes(job("\n        - a\n"), JOB, ['x" # '])
