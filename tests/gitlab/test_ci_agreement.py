"""The lab decides conditions with other code than the product, and says the same."""

import itertools
import random

from lab.gitlab.ci.expressions import Malformed, evaluate
from ops.gitlab.ci.condition import holds

VARIABLES = {"A": "master", "B": "", "C": "  ", "P": "/^mas/", "Q": "/(/"}
TERMS = ["$A", "$B", "$C", "$D", "$P", "$Q", '"master"', "''", "null", "/^m/", "/MAS/i", "/(/"]
OTHERS = ["==", "!=", "=~", "!~", "&&", "||", "(", ")"]


def expressions() -> list[str]:
    source = random.Random(5)
    short = [" ".join(words) for words in itertools.product(TERMS, OTHERS[:6], TERMS)]
    long = [
        " ".join(itertools.chain(*zip(source.choices(TERMS, k=3), source.choices(OTHERS, k=3),
                                      strict=True))) + source.choice(["", " $A", " $B )"])
        for _ in range(4000)
    ]  # fmt: skip
    return short + long


def said_by_the_lab(expression: str) -> bool | None:
    try:
        return evaluate(expression, VARIABLES)
    except Malformed:
        return None


def test_thousands_of_expressions_mean_the_same_to_both() -> None:
    known = {**VARIABLES, "D": None}
    answers = {text: (said_by_the_lab(text), holds(text, known)) for text in expressions()}
    # Where an error would be on the way that is not taken, the product does not decide.
    differ = {text: pair for text, pair in answers.items() if pair[0] != pair[1]}
    assert {text: pair for text, pair in differ.items() if pair[1] is not None} == {}
    assert len(differ) < len(answers) / 20
    assert sum(pair[0] is True for pair in answers.values()) > 300
    assert sum(pair[0] is None for pair in answers.values()) > 300
