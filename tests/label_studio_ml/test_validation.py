"""What a model returns is checked against the tasks and the labeling config."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from label_studio_ml import ModelResponse, PredictionValue
from label_studio_ml.errors import BadPrediction
from label_studio_ml.labeling_config import parse
from label_studio_ml.samples import sample_result, sample_tasks
from label_studio_ml.validation import checked_predictions
from label_studio_ml.validation.plain import NotPlain, plain
from tests.label_studio_ml.conftest import BOXES, CHOICES, LABELS

TASKS = [{"id": 7, "data": {"text": "Ada in Köln 👋"}}]


def choice(**changes: Any) -> dict[str, Any]:
    item = {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["Good"]}}
    return {**item, **changes}


def span(**value: Any) -> dict[str, Any]:
    whole = {"start": 0, "end": 3, "text": "Ada", "labels": ["Person"], **value}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": whole}


def box(**value: Any) -> dict[str, Any]:
    whole = {"x": 1, "y": 1, "width": 5, "height": 5, "rectanglelabels": ["Car"], **value}
    return {"from_name": "box", "to_name": "image", "type": "rectanglelabels", "value": whole}


def problem(item: Any, config: str) -> str:
    with pytest.raises(BadPrediction) as caught:
        checked_predictions([{"result": [item]}], TASKS, parse(config), "1")
    [found] = caught.value.problems
    return str(found)


def test_a_good_answer_comes_back_with_the_version():
    [checked] = checked_predictions([{"result": [choice()], "score": 0.5}], TASKS, parse(CHOICES), "3")
    assert checked == {"result": [choice()], "score": 0.5, "model_version": "3"}


def test_the_version_of_the_response_goes_before_that_of_the_model():
    response = ModelResponse(predictions=[PredictionValue(result=[choice()], score=1)], model_version="mine")
    [checked] = checked_predictions(response, TASKS, parse(CHOICES), "3")
    assert checked == {"result": [choice()], "score": 1, "model_version": "mine"}


def test_a_task_may_have_several_predictions():
    [checked] = checked_predictions([[{"result": []}, {"result": [choice()]}]], TASKS, parse(CHOICES), "3")
    assert [one["model_version"] for one in checked] == ["3", "3"]


def test_numpy_becomes_plain():
    [checked] = checked_predictions(
        [{"result": [span(end=np.int64(3))], "score": np.float32(0.5)}], TASKS, parse(LABELS), "1"
    )
    assert type(checked["score"]) is float
    assert type(checked["result"][0]["value"]["end"]) is int


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "results: expected a list with one prediction a task, got nothing"),
        ({}, "results: expected a list with one prediction a task, got dict"),
        ([], "results: expected 1, one for each task in its order, got 0 predictions"),
        (["x"], 'task 7: results[0]: expected an object with result and score, got "x"'),
        ([{"score": 1}], "task 7: results[0].result: expected a list of result items, got nothing"),
        ([{"result": [], "score": "high"}], 'task 7: results[0].score: expected a number, got "high"'),
        ([{"result": [], "score": True}], "task 7: results[0].score: expected a number, got true"),
        ([{"result": [], "score": math.nan}], "task 7: results[0].score: expected a finite number, got nan"),
        (
            [{"result": [], "score": np.float64("inf")}],
            "task 7: results[0].score: expected a finite number, got inf",
        ),
        ([{"result": [], "model_version": 3}], "task 7: results[0].model_version: expected a text, got 3"),
        ([{"result": [{1}]}], "task 7: results[0].result[0]: expected something that JSON can hold, got set"),
        ([{"result": ["x"]}], 'task 7: results[0].result[0]: expected an object, got "x"'),
        ([{"result": [], 5: 1}], "task 7: results[0]: expected texts as keys, got 5"),
        (
            [{"result": [], "x": 1 << 64}],
            "task 7: results[0].x: expected a number of at most 64 bits, got a larger one",
        ),
        (
            [{"result": [], "x": "\ud800"}],
            "task 7: results[0].x: expected a text of whole characters, got half of a surrogate pair",
        ),
    ],
    ids=range(15),
)
def test_a_bad_answer_is_told_with_task_path_and_what_was_expected(answer, message):
    with pytest.raises(BadPrediction) as caught:
        checked_predictions(answer, TASKS, parse(CHOICES), "1")
    assert [str(found) for found in caught.value.problems] == [message]


PLACE = "task 7: results[0].result[0]"


@pytest.mark.parametrize(
    ("item", "config", "message"),
    [
        (
            choice(from_name="x"),
            CHOICES,
            '.from_name: expected a control of the labeling config (mood), got "x"',
        ),
        (choice(to_name="x"), CHOICES, '.to_name: expected what mood is about (text), got "x"'),
        (choice(type="labels"), CHOICES, '.type: expected "choices", as Choices gives it, got "labels"'),
        (choice(value=None), CHOICES, ".value: expected an object, got nothing"),
        (choice(id=4), CHOICES, ".id: expected a text, got 4"),
        (choice(score="x"), CHOICES, '.score: expected a number, got "x"'),
        (choice(value={}), CHOICES, ".value.choices: expected a list of labels, got nothing"),
        (
            choice(value={"choices": ["Fair"]}),
            CHOICES,
            '.value.choices[0]: expected one of "Good", "Bad", got "Fair"',
        ),
        (span(labels=["Dog"]), LABELS, '.value.labels[0]: expected one of "Person", "Place", got "Dog"'),
        (span(start=-1), LABELS, ".value.start: expected a whole number from 0, got -1"),
        (span(end=2.5), LABELS, ".value.end: expected a whole number from 0, got 2.5"),
        (span(start=3, end=1), LABELS, ".value.end: expected at least 3 (its start), got 1"),
        (span(end=15), LABELS, ".value.end: expected at most 14 (the length of the text), got 15"),
        (box(x=130), BOXES, ".value.x: expected a number from 0 to 100 (percent of the picture), got 130"),
        (
            box(width=None),
            BOXES,
            ".value.width: expected a number from 0 to 100 (percent of the picture), got nothing",
        ),
        ({"type": "relation", "from_id": "a"}, CHOICES, ".to_id: expected the id of a region, got nothing"),
    ],
    ids=range(16),
)
def test_a_bad_item_is_told_with_its_path(item, config, message):
    assert problem(item, config) == PLACE + message


def test_the_length_of_a_text_is_counted_as_browsers_do():
    checked_predictions([{"result": [span(start=12, end=14)]}], TASKS, parse(LABELS), "1")


def test_a_turned_rectangle_may_reach_over_the_edge():
    checked_predictions([{"result": [box(x=-20, rotation=45)]}], TASKS, parse(BOXES), "1")


def test_without_a_labeling_config_only_the_form_is_checked():
    checked_predictions([{"result": [choice(from_name="whatever")]}], TASKS, parse(""), "1")


def test_every_bad_task_is_told_but_no_more_than_a_hundred():
    tasks = [{"id": number, "data": {"text": "x"}} for number in range(150)]
    answer = [{"result": [choice(to_name="x")]} for _ in tasks]
    with pytest.raises(BadPrediction) as caught:
        checked_predictions(answer, tasks, parse(CHOICES), "1")
    assert [found.task for found in caught.value.problems] == list(range(100))


@pytest.mark.parametrize("control", ["Rectangle", "Ellipse", "KeyPoint", "Polygon"])
@pytest.mark.parametrize("labels", ["", "Labels"], ids=["plain", "labeled"])
def test_sample_results_pass_for_every_shape(control, labels):
    config = parse(
        f'<View><Image name="i" value="$i"/><{control}{labels} name="s" toName="i">'
        f'<Label value="A"/></{control}{labels}></View>'
    )
    tasks = sample_tasks(config)
    answers = [{"result": sample_result(config, task)} for task in tasks]
    checked = checked_predictions(answers, tasks, config, "1")
    assert all(len(prediction["result"]) == 1 for prediction in checked)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.text(st.characters(codec=None), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "result",
                    "score",
                    "value",
                    "from_name",
                    "to_name",
                    "type",
                    "choices",
                    "labels",
                    "start",
                    "end",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(answer=JSON_VALUES, config=st.sampled_from([CHOICES, LABELS, BOXES, ""]))
def test_whatever_a_model_returns_is_either_usable_or_refused_with_a_place(answer, config):
    try:
        checked = checked_predictions([answer], TASKS, parse(config), "1")
    except BadPrediction as error:
        refused_at = [found.path for found in error.problems]
    else:
        refused_at = []
        for one in checked[0] if isinstance(checked[0], list) else checked:
            assert isinstance(one["result"], list)
            assert one.get("score") is None or math.isfinite(one["score"])
            assert orjson.loads(orjson.dumps(one)) == one
    assert all(path.startswith("results") for path in refused_at)


@given(
    items=st.lists(
        st.fixed_dictionaries(
            {
                "from_name": st.sampled_from(["label", "other"]),
                "to_name": st.just("text"),
                "type": st.just("labels"),
                "value": st.fixed_dictionaries(
                    {
                        "start": st.integers(-2, 20),
                        "end": st.integers(-2, 20),
                        "labels": st.lists(st.sampled_from(["Person", "Dog"]), max_size=2),
                    }
                ),
            }
        ),
        max_size=4,
    )
)
def test_spans_are_usable_exactly_when_they_lie_in_the_text_and_have_known_labels(items):
    def fits(item: dict[str, Any]) -> bool:
        value = item["value"]
        labels = value["labels"]
        return (
            item["from_name"] == "label"
            and 0 <= value["start"] <= value["end"] <= 14
            and set(labels) == {"Person"}
        )

    try:
        checked_predictions([{"result": items}], TASKS, parse(LABELS), "1")
    except BadPrediction:
        assert not all(map(fits, items))
    else:
        assert all(map(fits, items))


def test_a_bottomless_answer_is_refused():
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(NotPlain, match="at most 64 levels"):
        plain(loop)
