"""Globs match as they do in Ruby, which GitLab is written in."""

import shutil
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some
from ruby_globs import BY_HAND, by_ruby, generated

from ops.gitlab.ci.globs import any_matches, matches

needs_ruby = pytest.mark.skipif(shutil.which("ruby") is None, reason="Ruby is not installed")


@pytest.mark.parametrize(
    ("path", "glob", "wanted"),
    [
        ("k8s/a.yaml", "k8s/**", True),
        ("k8s/base/a.yaml", "k8s/**", False),
        ("k8s/base/a.yaml", "k8s/**/*", True),
        ("k8s/a.yaml", "k8s/**/*", True),
        ("src/a.cpp", "src/**/*.cpp", True),
        ("src/x/y/a.cpp", "src/**/*.cpp", True),
        ("src/a.hpp", "src/*.{cpp,hpp}", True),
        (".gitlab-ci.yml", "*", True),
        ("a/b", "*", False),
        ("src/a.cpp", "src", False),
        ("Src/a", "src/*", False),
        ("one", "{one}", True),
        ("src/a.cpp", "{src/**,lib}/*.cpp", True),
        ("src/x/a.cpp", "{src/**,lib}/*.cpp", True),
        ("lib/a.cpp", "{src/**,lib}/*.cpp", True),
        ("2", "{1..3}", False),
        ("1..3", "{1..3}", True),
        ("abc", "***", True),
        ("a]", "[[:alpha:]]", True),
        ("a", "[[:alpha:]]", False),
        ("a]", "[]a]", False),
        ("b", "[a/b]", True),
        ("m", "[z-a]", False),
        ("z", "[z-a]", True),
        ("a*b", "a\\*b", True),
        ("axb", "a\\*b", False),
        ("{a,b", "{a,b", False),
        ("a,b}", "a,b}", True),
        ("+(a)", "+(a)", True),
        ("a", "~a", False),
    ],
)
def test_globs_match_as_ruby_does(path: str, glob: str, wanted: bool) -> None:
    assert matches(path, glob) is wanted


@needs_ruby
def test_ruby_says_the_same_of_thousands_of_pairs() -> None:
    pairs = [*BY_HAND, *generated(6000, seed=11)]
    answers = by_ruby(pairs)
    assert answers.count(True) > 500
    ours = [matches(path, glob) for glob, path in pairs]
    assert [row for row in zip(pairs, answers, ours, strict=True) if row[1] != row[2]] == []


@pytest.mark.parametrize(
    ("glob", "path", "wanted"),
    [
        ("{a,b}" * 3000, "ab" * 50, False),
        ("{a,b}" * 30, "ab" * 15, True),
        ("{" * 3000 + "a" + "}" * 3000, "a", True),
        ("{a," * 3000 + "z" + "}" * 3000, "z", True),
        ("{" * 3000, "{", False),
        ("**/" * 2000 + "a", "x/" * 30 + "a", True),
        ("*a" * 1000, "a" * 100, False),
        ("[a-" * 2000, "a", False),
    ],
)
def test_no_glob_takes_long_or_fails(glob: str, path: str, wanted: bool) -> None:
    start = time.process_time()
    assert matches(path, glob) is wanted
    assert time.process_time() - start < 5


@given(path=some.text(max_size=12), glob=some.text("ab*?/[]{},\\!-é", max_size=12))
def test_every_text_is_a_glob(path: str, glob: str) -> None:
    assert matches(path, glob) in (True, False)


def test_with_too_many_comparisons_gitlab_takes_it_for_a_match() -> None:
    paths = [str(number) for number in range(1000)]
    globs = [f"x{number}" for number in range(50)]
    assert not any_matches(paths, globs)
    assert any_matches([*paths, "one more"], globs)
    assert not any_matches([*paths, "one more"], [*globs[1:], *globs[1:]])  # They count once.
    assert not any_matches([], globs)
