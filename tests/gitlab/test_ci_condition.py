"""Conditions of CI rules: true, false, or not to be decided with the variables that are known."""

import pytest

from ops.gitlab.ci.condition import holds

KNOWN = {"BRANCH": "master", "SOURCE": "push", "TAG": None}


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ('$BRANCH == "master"', True),
        ("$BRANCH  ==  'master'", True),
        ('$BRANCH=="masters"', False),
        ('"master" == $BRANCH', True),
        ('$BRANCH != "master"', False),
        ('$BRANCH != "development"', True),
        ("$BRANCH == $SOURCE", False),
        ("$BRANCH", True),
        ("$TAG", False),
        ("$TAG == null", True),
        ("$TAG != null", False),
        ('$TAG == ""', False),
        ("$BRANCH == null", False),
        ("$BRANCH =~ /^mas/", True),
        ("$BRANCH =~ /^(development|release)$/", False),
        ("$BRANCH =~ /MASTER/", False),
        ("$BRANCH =~ /MASTER/i", True),
        ("$BRANCH !~ /^mas/", False),
        ("$BRANCH !~ /^dev/", True),
        (r"$BRANCH =~ /^feature\/.*/", False),
        ("$TAG =~ /^v/", False),
        ("$TAG =~ /.*/", True),
        ("$TAG !~ /^v/", True),
        ('$BRANCH == "master" && $SOURCE == "push"', True),
        ('$BRANCH == "master" && $SOURCE == "web"', False),
        ('$BRANCH == "other" || $SOURCE == "push"', True),
        ('$BRANCH == "other" || $SOURCE == "web"', False),
        ('$TAG && $BRANCH || $SOURCE == "push"', True),
        ('$TAG && ($BRANCH || $SOURCE == "push")', False),
        ("($TAG || ($BRANCH))", True),
    ],
)
def test_what_is_known_decides(condition: str, wanted: bool) -> None:
    assert holds(condition, KNOWN) is wanted


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("$X", None),
        ('$X == "a"', None),
        ("$BRANCH == $X", None),
        ("$X =~ /a/", None),
        ("$BRANCH =~ $X", None),
        ('$X && $BRANCH == "master"', None),
        ('$X && $BRANCH == "other"', False),
        ('$BRANCH == "master" || $X', True),
        ('$BRANCH == "other" || $X', None),
    ],
)
def test_another_variable_may_be_anything(condition: str, wanted: bool | None) -> None:
    assert holds(condition, KNOWN) is wanted


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "$BRANCH ==",
        "== $BRANCH",
        "$BRANCH $SOURCE",
        "($BRANCH",
        "$BRANCH)",
        "$BRANCH & $SOURCE",
        "${BRANCH}",
        "!$BRANCH",
        '$BRANCH == "$SOURCE"',
        '$BRANCH =~ "master"',
        "$BRANCH == /master/",
        "$BRANCH =~ /(?=mas)/",
        r"$BRANCH =~ /master\z/",
        r"$BRANCH =~ /\pL/",
        "$BRANCH =~ /[[:alpha:]]/",
        "$BRANCH =~ /a++/",
        "$BRANCH =~ /(/",
    ],
)
def test_what_is_not_understood_is_undecided(condition: str) -> None:
    assert holds(condition, KNOWN) is None
