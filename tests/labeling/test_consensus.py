"""A consensus is one answer out of several: the majority's, and the regions of whoever agrees most with all others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.labeling.agreement.consensus import MAX_COMPARED, Answer, Consensus, consensus_of
from apps.labeling.config import parse

CONFIG = parse(
    """<View><Image name="image" value="$image"/><Text name="text" value="$text"/>
    <Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/></Choices>
    <Choices name="topics" toName="text" choice="multiple"><Choice value="a"/><Choice value="b"/></Choices>
    <Taxonomy name="kind" toName="text"><Choice value="x"><Choice value="y"/></Choice></Taxonomy>
    <Rating name="stars" toName="text"/><Number name="count" toName="text"/>
    <Pairwise name="better" toName="text,image"/><TextArea name="note" toName="text"/>
    <Labels name="span" toName="text"><Label value="PER"/><Label value="LOC"/></Labels>
    <RectangleLabels name="box" toName="image"><Label value="cat"/></RectangleLabels>
    <Choices name="of_box" toName="image" perRegion="true"><Choice value="sharp"/></Choices></View>"""
)

Result = list[dict[str, Any]]


def said(name: str, kind: str, answer: Any, to: str = "text", **more: Any) -> dict[str, Any]:
    return {"id": f"{name}1", "from_name": name, "to_name": to, "type": kind, "value": {kind: answer, **more}}


def mood(choice: str) -> dict[str, Any]:
    return said("mood", "choices", [choice])


def span(start: int, end: int, label: str = "PER", pk: str = "s") -> dict[str, Any]:
    return said("span", "labels", [label], start=start, end=end, text="") | {"id": pk}


def box(x: float, pk: str = "b") -> dict[str, Any]:
    size = {"x": x, "y": 0, "width": 20, "height": 20, "rotation": 0}
    return said("box", "rectanglelabels", ["cat"], "image", **size) | {"id": pk}


def answers(*results: Result, ground_truth: int = 0) -> list[Answer]:
    """Return answers with the ids 1, 2, …, each newer than the one before."""
    return [
        Answer(pk, result, pk == ground_truth, f"2026-01-{pk:02}T00:00:00+00:00")
        for pk, result in enumerate(results, start=1)
    ]


def consensus(*results: Result, ground_truth: int = 0) -> Consensus:
    return consensus_of(answers(*results, ground_truth=ground_truth), CONFIG)


@pytest.mark.parametrize(
    ("most", "other"),
    [
        (mood("good"), mood("bad")),
        (said("topics", "choices", ["a", "b"]), said("topics", "choices", ["a"])),
        (said("kind", "taxonomy", [["x", "y"]]), said("kind", "taxonomy", [["x"]])),
        (said("stars", "rating", 4), said("stars", "rating", 2)),
        (said("better", "selected", "left", "better"), said("better", "selected", "right", "better")),
    ],
    ids=["choices", "several choices", "taxonomy", "rating", "pairwise"],
)
def test_the_majority_decides_a_question_about_the_whole_task(most: Any, other: Any) -> None:
    found = consensus([most], [most], [other])
    assert (found.base.id, found.result, found.is_whole) == (2, [most], True)
    assert found.shares == {most["from_name"]: 0.666667}
    assert found.compared == (1, 2, 3)


def test_equal_answers_count_together_however_they_are_written() -> None:
    first, second = said("topics", "choices", ["a", "b"]), said("topics", "choices", ["b", "a"])
    assert consensus([first], [second], [said("topics", "choices", ["a"])]).shares == {"topics": 0.666667}
    assert consensus([said("stars", "rating", 3)], [said("stars", "rating", 3.0)]).agreement == 1


def test_no_answer_is_a_vote_too() -> None:
    found = consensus([mood("good")], [], [])
    assert (found.result, found.base.id, found.shares) == ([], 3, {"mood": 0.666667})


def test_ground_truth_decides_between_equally_many_votes_and_else_the_newest() -> None:
    two = [mood("good")], [mood("bad")]
    assert consensus(*two).result == [mood("bad")]
    assert consensus(*two, ground_truth=1).result == [mood("good")]


def test_a_number_is_the_one_nearest_to_all_others() -> None:
    results = [[said("count", "number", number)] for number in (1, 10, 11, 12, 100)]
    assert consensus(*results).result == [said("count", "number", 11)]


def test_a_text_is_the_one_nearest_to_all_others() -> None:
    texts = ("I came by train.", "I came by the train", "We came by train", "yes")
    found = consensus(*([said("note", "text", [text])] for text in texts))
    assert found.result == [said("note", "text", ["I came by train."])]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param([[span(0, 3)], [span(0, 5)], [span(0, 3)]], 3, id="the same spans"),
        pytest.param(
            [[span(0, 3), span(5, 9, pk="t")], [span(0, 3)], [span(5, 9)]], 1, id="what both others have"
        ),
        pytest.param([[box(0)], [box(1)], [box(60)]], 2, id="boxes that share most"),
        pytest.param([[box(0)], [box(1)], []], 2, id="some rather than none"),
        pytest.param([[box(0)], [], []], 3, id="none rather than some"),
    ],
)
def test_regions_are_those_of_the_answer_that_agrees_most_with_the_others(
    results: list[Result], expected: int
) -> None:
    found = consensus(*results)
    assert (found.base.id, found.result, found.is_whole) == (expected, results[expected - 1], True)


def test_regions_keep_what_is_said_of_them_and_their_relations() -> None:
    sharp = said("of_box", "choices", ["sharp"], "image") | {"id": "b"}
    relation = {"type": "relation", "from_id": "b", "to_id": "c", "direction": "right"}
    complete = [box(0), sharp, box(40, "c"), relation]
    found = consensus(
        [*complete, mood("bad")], [box(0), sharp, box(41, "c"), mood("good")], [box(0), mood("good")]
    )
    assert found.result == [box(0), sharp, box(41, "c"), mood("good")]
    found = consensus([*complete, mood("bad")], [*complete, mood("good")], [mood("good")])
    assert (found.base.id, found.result) == (2, [*complete, mood("good")])


def test_questions_and_regions_may_come_from_different_people() -> None:
    found = consensus([box(0), mood("bad")], [box(0)], [box(0), mood("odd")], [mood("good")], [mood("good")])
    assert (found.base.id, found.is_whole, found.result) == (3, False, [box(0), mood("good")])
    assert found.shares == {"mood": 0.4, "box": 0.5}


def test_an_item_never_becomes_part_of_somebody_elses_region() -> None:
    alike = mood("good") | {"id": "b"}
    found = consensus([box(0), mood("bad")], [box(0)], [box(0), mood("odd")], [alike], [alike])
    assert found.result == [box(0), alike | {"id": "b-5"}]


def test_of_very_many_answers_the_newest_are_compared() -> None:
    found = consensus(*([mood("good")] for _ in range(MAX_COMPARED + 5)))
    assert found.compared == tuple(range(6, MAX_COMPARED + 6))


@pytest.mark.parametrize(
    "odd", [None, {}, ["x", 1, None], [{"from_name": ["a"], "value": {}}], [{"type": "relation"}]]
)
def test_results_that_hold_anything_are_survived(odd: Any) -> None:
    assert consensus(odd, [mood("good")], [mood("good")]).result == [mood("good")]


_choices = st.sampled_from(["good", "bad"]).map(mood)
_spans = st.builds(span, st.integers(0, 4), st.integers(5, 9), st.sampled_from(["PER", "LOC"]), st.just("s"))
_boxes = st.integers(0, 60).map(box)
_numbers = st.integers(0, 5).map(lambda number: said("count", "number", number))
_results = st.lists(
    st.tuples(*(st.none() | one for one in (_choices, _spans, _boxes, _numbers))).map(
        lambda items: [item for item in items if item]
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(results=_results, random=st.randoms(use_true_random=False), truth=st.integers(0, 5))
def test_the_order_of_answers_does_not_matter(results: list[Result], random: Any, truth: int) -> None:
    given_answers = answers(*results, ground_truth=truth)
    shuffled = random.sample(given_answers, len(given_answers))
    assert consensus_of(shuffled, CONFIG) == consensus_of(given_answers, CONFIG)


@settings(deadline=None, max_examples=40)
@given(result=_results.map(lambda results: results[0]), count=st.integers(1, 4))
def test_one_answer_and_unanimous_ones_are_what_they_are(result: Result, count: int) -> None:
    found = consensus(*(result for _ in range(count)))
    assert (found.result, found.is_whole, found.agreement) == (result, True, 1)


@settings(deadline=None, max_examples=60)
@given(results=_results)
def test_everything_in_it_was_said_by_somebody(results: list[Result]) -> None:
    found = consensus(*results)
    assert 0 <= found.agreement <= 1
    assert all(any(item in result for result in results) for item in found.result)
