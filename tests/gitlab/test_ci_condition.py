"""Conditions of CI rules: true, false, or not to be decided with the variables that are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ops.gitlab.ci.condition import holds

KNOWN = {"BRANCH": "master", "SOURCE": "push", "TAG": None}
PIECES = [
    "$A",
    "$B",
    '"ab"',
    "''",
    "null",
    "/ab/",
    "/a{,3}/",
    "(",
    ")",
    *["==", "!=", "=~", "!~", "&&", "||"],
]


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
        ("$BRANCH !~ $X", None),
        ('$X && $BRANCH == "master"', None),
        ('$X && $BRANCH == "other"', False),
        ('$BRANCH == "master" || $X', True),
        ('$BRANCH == "other" || $X', None),
    ],
)
def test_another_variable_may_be_anything(condition: str, wanted: bool | None) -> None:
    assert holds(condition, KNOWN) is wanted


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        # To `&&` and `||` an empty text is true, as in Ruby; the outcome of all of it is not.
        ("$EMPTY", False),
        ("$BLANKS", False),
        ('""', False),
        ('$EMPTY && $BRANCH == "master"', True),
        ('$EMPTY || $BRANCH == "master"', False),
        ('$TAG || $BRANCH == "master"', True),
        ('$BRANCH == "master" && $EMPTY', False),
        # Patterns are those of RE2.
        ("$BRACES =~ /a{,3}/", True),
        ("$BRANCH =~ /^mas[[:alpha:]]+$/", True),
        (r"$BRANCH =~ /^\pL+\z/", True),
        ("$BRANCH =~ /(?i)MASTER/", True),
        ("$LINES =~ /^b/", False),
        ("$LINES =~ /^b/m", True),
        ("$LINES =~ /(?m)^b/", True),
        ("$LINES =~ /a.b/", False),
        ("$LINES =~ /a.b/s", True),
        ("$BRANCH =~ /mas.*?r/U", True),
        # The right side may be a variable that holds a pattern.
        ("$BRANCH =~ $PATTERN", True),
        ("$SOURCE =~ $PATTERN", False),
        ("$SOURCE !~ $PATTERN", True),
        ("$BRANCH =~ $LETTER", True),
        ("$BRANCH =~ $TAG", False),
        ("$BRANCH !~ $TAG", True),
        # Where it is no pattern, it is searched for the left side, and not the other way round.
        ('$BRANCH =~ "master or not"', True),
        ('$BRANCH =~ "mas"', False),
        ('$TAG =~ "mas"', True),
        ('$BRANCH == "$SOURCE"', False),
        ("$BRANCH == /master/", False),
        ("/master/", True),
        # Odd, but GitLab takes them.
        ('$BRANCH "master" ==', True),
        ("$BRANCH ()", True),
        ('($BRANCH == "master") == null', False),
    ],
)
def test_values_are_those_of_ruby_and_patterns_those_of_re2(condition: str, wanted: bool) -> None:
    more = {"EMPTY": "", "BLANKS": "  ", "PATTERN": "/^mas/", "LETTER": "/m/", "LINES": "a\nb"}
    assert holds(condition, {**KNOWN, **more, "BRACES": "a{,3}"}) is wanted


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        # $X may be an empty text, and then that is what comes of it.
        ('$X || "a"', None),
        ('"a" || $X', True),
        ("$X && $TAG", False),
        ("$X == null && $TAG", False),
        ('$X == "a" && $X == " "', None),
        ("$X =~ $TAG", False),
        ("$X == /ab/", False),
        ('($X == "a") == null', False),
    ],
)
def test_what_is_the_same_for_all_values_is_decided(condition: str, wanted: bool | None) -> None:
    assert holds(condition, KNOWN) is wanted


@pytest.mark.parametrize(
    "condition",
    [
        "",
        " ",
        "$BRANCH ==",
        "== $BRANCH",
        "$BRANCH $SOURCE",
        "($BRANCH",
        "$BRANCH)",
        "$BRANCH & $SOURCE",
        "${BRANCH}",
        '"a\nb"',
        "$BRANCH =~ /(?=mas)/",
        r"$BRANCH =~ /master\Z/",
        "$BRANCH =~ /a++/",
        "$BRANCH =~ /(/",
        "$BRANCH =~ /m/",
        "$BRANCH =~ //",
        r"$BRANCH =~ /a\\/",
        "$BRANCH =~ /a\nb/",
        "/a+/ == $BRANCH",
        '$BRANCH =~ ($BRANCH == "master")',
        " && ".join(["$BRANCH"] * 51),
        # Newer versions of GitLab take these.
        "!$BRANCH",
        "$BRANCH == true",
        "$[[ inputs.branch ]]",
    ],
)
def test_what_is_no_expression_is_undecided(condition: str) -> None:
    assert holds(condition, KNOWN) is None


def test_there_may_be_ninety_nine_parts() -> None:
    assert holds(" && ".join(["$BRANCH"] * 50), KNOWN) is True


@pytest.mark.parametrize("condition", [None, 1, True, ["$BRANCH"]])
def test_what_is_no_text_is_undecided(condition: object) -> None:
    assert holds(condition, KNOWN) is None


@given(
    some.one_of(some.text(), some.lists(some.sampled_from(PIECES)).map(" ".join)),
    some.dictionaries(some.sampled_from("AB"), some.none() | some.text(max_size=8)),
)
def test_no_text_is_an_error(condition: str, variables: dict[str, str | None]) -> None:
    assert holds(condition, variables) in (True, False, None)


@given(some.lists(some.sampled_from(PIECES), max_size=7).map(" ".join), some.data())
def test_what_is_decided_stays_so_when_more_is_known(condition: str, data: some.DataObject) -> None:
    values = some.none() | some.sampled_from(["", " ", "ab", "/a/", "/b+/"])
    early = holds(condition, {"A": "ab"})
    late = holds(condition, {"A": "ab", "B": data.draw(values)})
    assert early in (late, None)
