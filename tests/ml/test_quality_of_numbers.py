"""Mean errors of ratings and numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from apps.labeling.agreement.measures import comparison_for
from apps.labeling.agreement.numbers import NumberComparison
from apps.labeling.agreement.sides import Sides
from apps.labeling.config import parse

CONFIG = parse(
    """<View><Text name="text" value="$text"/>
    <Rating name="stars" toName="text" maxRating="5"/>
    <Number name="age" toName="text" min="0" max="100"/>
    <Number name="any" toName="text"/></View>"""
)


def comparison(name: str) -> NumberComparison:
    found = comparison_for(CONFIG.controls[name], ["Text"])
    assert isinstance(found, NumberComparison)
    return found


def given_number(key: str, number: Any) -> list[dict[str, Any]]:
    return [{"value": {key: number}}]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1_000, 1_000), st.floats(-1_000, 1_000)), min_size=1, max_size=30),
)
def test_errors_are_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    found = comparison("age")
    for predicted, answered in pairs:
        found.add(Sides(given_number("number", predicted), given_number("number", answered)))

    document = found.document()

    predictions, answers = zip(*pairs, strict=True)
    assert document["mean_absolute_error"] == pytest.approx(
        mean_absolute_error(answers, predictions), abs=1e-5
    )
    assert document["root_mean_squared_error"] == pytest.approx(
        root_mean_squared_error(answers, predictions), abs=2e-3
    )


def test_the_mean_error_tells_whether_a_model_says_too_much() -> None:
    found = comparison("stars")
    found.add(Sides(given_number("rating", 5), given_number("rating", 3)))
    found.add(Sides(given_number("rating", 4), given_number("rating", 4)))

    document = found.document()

    assert (document["mean_error"], document["equal"]) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("name", "key", "predicted", "answered", "agreement"),
    [
        ("stars", "rating", 5, 4, 0.8),
        ("age", "number", 40, 30, 0.9),
        ("age", "number", 1_000, 30, 0.0),
        ("any", "number", 8, 10, 0.8),
        ("any", "number", 0, 0, 1.0),
    ],
    ids=lambda value: str(value),
)
def test_agreement_falls_with_the_distance(
    name: str, key: str, predicted: float, answered: float, agreement: float
) -> None:
    sides = Sides(given_number(key, predicted), given_number(key, answered))

    assert comparison(name).add(sides) == pytest.approx(agreement)


def test_a_number_that_is_not_predicted_agrees_with_nothing() -> None:
    found = comparison("stars")

    assert found.add(Sides([], given_number("rating", 3))) == 0
    assert found.add(Sides([], [])) is None

    assert (found.document()["not_predicted"], found.headline) == (1, ("agreement", 0.0))


def test_numbers_that_cannot_be_reckoned_with_are_none() -> None:
    sides = Sides(given_number("number", 1e300), given_number("number", "12"))

    assert comparison("age").add(sides) is None
