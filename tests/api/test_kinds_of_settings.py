"""What is a setting, and what only looks like one."""

from typing import Annotated, Any, Literal

import pytest

from ops.api.settings.kinds import (
    Approval,
    Count,
    Ids,
    Kind,
    Regex,
    Seconds,
    Text,
    Texts,
    Values,
    WholeTexts,
)
from ops.api.settings.typed import Wrong, kind_of, typed


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("6930,6931", [6930, 6931]),
        (" 6930, 6931,", [6930, 6931]),
        ("6930", [6930]),
        ("[6930, 6931]", [6930, 6931]),
        ("", []),
    ],
)
def test_ids_are_listed_one_by_one(value: str, ids: list[int]) -> None:
    assert typed(Ids, value, is_text=True) == ids


@pytest.mark.parametrize("value", ["6930;6931", "all", "6930-6935", True, 0, "-1", "6930,0"])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(Wrong, match=r"^a list of ids, not"):
        typed(Ids, value, is_text=True)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(300, 300), ("300", 300), (0.5, 0.5), ("0.5", 0.5), ("2.0", 2), (" 5 ", 5), ("1e3", 1000)],
)
def test_a_number_may_be_a_text_of_the_environment(value: Any, wanted: float) -> None:
    assert typed(Seconds, value) == wanted


@pytest.mark.parametrize(
    "value", ["5m", "abc", "", None, True, 0, -1, "-0.5", "nan", "inf", float("inf"), [300]]
)
def test_what_is_no_number_of_seconds_is_refused(value: Any) -> None:
    with pytest.raises(Wrong) as caught:
        typed(Seconds, value)
    assert str(caught.value) == f"a number greater than 0, not {value!r}"


@pytest.mark.parametrize("value", [1.5, "1.5", 0, "0", "two", True])
def test_a_count_is_whole(value: Any) -> None:
    with pytest.raises(Wrong, match="a whole number greater than 0, not"):
        typed(Count, value)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(True, True), ("true", True), ("Yes", True), (False, False), ("no", False), ("FALSE", False)],
)
def test_text_that_says_no_is_not_true(value: Any, wanted: bool) -> None:
    assert typed(Approval, value) is wanted


@pytest.mark.parametrize("value", ["", "maybe", "1", 1, 0, None, "on", ["true"]])
def test_what_is_neither_true_nor_false_is_refused(value: Any) -> None:
    with pytest.raises(Wrong, match="true or false, not"):
        typed(Approval, value)


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (Texts, "build", ["build"]),
        (Texts, "build, deploy", ["build", "deploy"]),
        (Texts, '["a,b"]', ["a,b"]),
        (WholeTexts, "k8s/**", ["k8s/**"]),
        (WholeTexts, "[a-z]*.py", ["[a-z]*.py"]),
        (WholeTexts, '["k8s/{a,b}", "c"]', ["k8s/{a,b}", "c"]),
        (Values, '{"port": 9094}', {"port": 9094}),
    ],
)
def test_a_list_of_the_command_line(kind: Any, value: str, wanted: object) -> None:
    assert typed(kind, value, is_text=True) == wanted


def test_a_comma_that_may_belong_to_an_item_is_not_guessed_about() -> None:
    with pytest.raises(Wrong, match=r"not 'k8s/{a,b}': with a comma, write it as JSON"):
        typed(WholeTexts, "k8s/{a,b}", is_text=True)


@pytest.mark.parametrize("value", ["k8s/**", [1], ["a", ""], {"a": 1}, None])
def test_text_is_no_list_in_a_file(value: Any) -> None:
    with pytest.raises(Wrong, match="a list of texts, not"):
        typed(WholeTexts, value)


def test_text_stays_as_it_was_typed() -> None:
    assert typed(Text, "0012345") == "0012345"
    assert typed(Text, " a ") == " a "
    with pytest.raises(Wrong, match="text that is not empty, not ''"):
        typed(Text, "")
    with pytest.raises(Wrong, match="text that is not empty, not 5"):
        typed(Text, 5)


def test_a_regular_expression_must_compile() -> None:
    assert typed(Regex, r"experiment:(kafka|run-all)")
    with pytest.raises(Wrong, match=r"a regular expression, not 'a\(': missing \), unterminated"):
        typed(Regex, "a(")


def test_a_choice_is_said_in_full() -> None:
    with pytest.raises(Wrong, match=r"^requeue, force-copy or none, not 'requeu'$"):
        typed(Literal["requeue", "force-copy", "none"], "requeu")


def test_what_need_not_be_given_may_be_none() -> None:
    assert typed(Count | None, None) is None
    assert typed(Count | None, "5") == 5
    with pytest.raises(Wrong, match="a whole number greater than 0, not 'x'"):
        typed(Count | None, "x")


def test_a_value_that_may_be_a_secret_is_not_shown() -> None:
    kind = Annotated[dict[str, Count], Kind("counts", hidden=True)]
    with pytest.raises(Wrong) as caught:
        typed(kind, {"key": "hunter2"})
    assert str(caught.value) == "counts, not what is given (not shown)"


def test_a_long_value_is_cut() -> None:
    with pytest.raises(Wrong) as caught:
        typed(Seconds, "x" * 200)
    assert len(str(caught.value)) < 100


def test_the_kind_that_stands_last_counts() -> None:
    assert kind_of(Annotated[Seconds, Kind("another")]).words == "another"
    assert kind_of(Seconds).unit == "s"
