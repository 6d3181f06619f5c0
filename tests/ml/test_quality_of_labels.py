"""Accuracy, F1 and confusion of choices, as scikit-learn has them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from apps.labeling.agreement.counting import MAX_LABELS, OTHER_LABELS
from apps.labeling.agreement.labels import LabelComparison
from apps.labeling.agreement.measures import comparison_for
from apps.labeling.agreement.sides import Sides
from apps.labeling.config import parse

CONFIG = parse(
    """<View><Text name="text" value="$text"/>
    <Choices name="mood" toName="text"><Choice value="a"/><Choice value="b"/><Choice value="c"/></Choices>
    <Choices name="topics" toName="text" choice="multiple"><Choice value="a"/><Choice value="b"/></Choices>
    <Taxonomy name="kind" toName="text"><Choice value="a"><Choice value="b"/></Choice></Taxonomy>
    <Pairwise name="better" toName="text,text"/></View>"""
)


def comparison(name: str = "mood") -> LabelComparison:
    found = comparison_for(CONFIG.controls[name], ["Text"])
    assert isinstance(found, LabelComparison)
    return found


def chosen(*labels: str) -> list[dict[str, Any]]:
    return [{"value": {"choices": list(labels)}}] if labels else []


def compared(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    found = comparison()
    for predicted, answered in pairs:
        found.add(Sides(chosen(predicted), chosen(answered)))
    return found.document()


@pytest.mark.filterwarnings("ignore:A single label was found:UserWarning")
@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60))
def test_choices_are_measured_as_scikit_learn_measures_them(pairs: list[tuple[str, str]]) -> None:
    predicted, answered = zip(*pairs, strict=True)
    names = sorted({*predicted, *answered})

    found = compared(pairs)

    assert found["accuracy"] == pytest.approx(accuracy_score(answered, predicted), abs=1e-6)
    assert found["macro_f1"] == pytest.approx(
        f1_score(answered, predicted, average="macro", zero_division=0), abs=1e-5
    )
    expected = precision_recall_fscore_support(answered, predicted, labels=names, zero_division=0)
    rows = {row["label"]: row for row in found["labels"]}
    for place, name in enumerate(names):
        assert (rows[name]["precision"] or 0) == pytest.approx(expected[0][place], abs=1e-6)
        assert (rows[name]["recall"] or 0) == pytest.approx(expected[1][place], abs=1e-6)
        assert rows[name]["f1"] == pytest.approx(expected[2][place], abs=1e-6)
        assert rows[name]["support"] == expected[3][place]
    matrix = confusion_matrix(answered, predicted, labels=found["confusion"]["labels"])
    assert found["confusion"]["counts"] == matrix.tolist()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.frozensets(st.sampled_from("ab")), st.frozensets(st.sampled_from("ab"), min_size=1)),
        min_size=1,
        max_size=40,
    )
)
def test_agreement_of_several_choices_is_the_part_that_is_common(
    pairs: list[tuple[frozenset[str], frozenset[str]]],
) -> None:
    found = comparison("topics")

    for predicted, answered in pairs:
        agreement = found.add(Sides(chosen(*predicted), chosen(*answered)))
        assert agreement == len(predicted & answered) / len(predicted | answered)

    equal = sum(predicted == answered for predicted, answered in pairs)
    assert found.document()["accuracy"] == pytest.approx(equal / len(pairs), abs=1e-6)


def test_a_task_that_the_model_leaves_open_counts_as_wrong_and_stands_in_the_matrix() -> None:
    found = comparison()

    assert found.add(Sides(chosen(), chosen("a"))) == 0

    document = found.document()
    assert document["accuracy"] == 0
    assert document["confusion"] == {"labels": ["a", None], "counts": [[0, 1], [0, 0]]}
    assert document["labels"][0] | {"precision": None, "recall": 0.0, "f1": 0.0} == document["labels"][0]


def test_a_task_that_nobody_answers_does_not_count() -> None:
    found = comparison()

    assert found.add(Sides(chosen(), chosen())) is None

    assert found.document() == {"answers": 0, "accuracy": None, "macro_f1": None, "labels": []}


def test_answers_of_several_choices_have_no_confusion_matrix() -> None:
    found = comparison("topics")

    found.add(Sides(chosen("a", "b"), chosen("a")))

    assert "confusion" not in found.document()


def test_paths_of_taxonomies_are_labels() -> None:
    found = comparison("kind")

    agreement = found.add(
        Sides([{"value": {"taxonomy": [["a", "b"]]}}], [{"value": {"taxonomy": [["a"], ["a", "b"]]}}])
    )

    assert agreement == 0.5
    assert [row["label"] for row in found.document()["labels"]] == ["a", "a / b"]


def test_sides_of_comparisons_are_labels() -> None:
    found = comparison("better")

    found.add(Sides([{"value": {"selected": "left"}}], [{"value": {"selected": "right"}}]))

    assert found.document()["confusion"]["labels"] == ["right", "left"]


def test_labels_beyond_a_bound_are_one() -> None:
    found = comparison()

    for number in range(MAX_LABELS + 50):
        found.add(Sides(chosen(str(number)), chosen(str(number))))

    document = found.document()
    assert len(document["labels"]) == MAX_LABELS + 1
    assert document["labels"][0]["label"] == OTHER_LABELS
    assert document["labels"][0]["support"] == 50
    assert document["confusion"]["labels"][-1] == OTHER_LABELS
    assert sum(map(sum, document["confusion"]["counts"])) == MAX_LABELS + 50


@pytest.mark.parametrize("value", [None, 3, {"a": 1}, [1, None], [[1]], [[]]], ids=str)
def test_what_is_no_choice_is_no_answer(value: Any) -> None:
    assert comparison().add(Sides([{"value": {"choices": value}}], chosen())) is None
