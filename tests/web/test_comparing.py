"""Two results side by side."""

from __future__ import annotations

from typing import Any

import pytest

from apps.web.comparing import MAX_PAIRED, compare
from apps.web.places import overlap_of, place_of
from tests.factories import choice


def span(start: int, end: int, label: str = "Person", id: str = "") -> dict[str, Any]:
    item = {"from_name": "entity", "to_name": "text", "type": "labels"}
    return item | {
        "id": id or f"{start}-{end}-{label}",
        "value": {"start": start, "end": end, "labels": [label]},
    }


def told(first: list[Any], second: list[Any]) -> list[tuple[str, str]]:
    return [(item.kind, item.note) for item in compare(first, second).items]


def test_what_two_people_marked_alike_is_the_same_although_its_ids_differ() -> None:
    assert told([span(0, 5, id="a")], [span(0, 5, id="b")]) == [("same", "")]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (span(1, 5), ("different", "80 % of the place in common")),
        (span(0, 5, "City"), ("different", "another answer")),
        (span(1, 5, "City"), ("different", "another answer, 80 % of the place in common")),
    ],
    ids=["moved", "renamed", "both"],
)
def test_regions_that_overlap_are_one_pair_with_what_differs_in_words(second: Any, expected: Any) -> None:
    assert told([span(0, 5)], [second]) == [expected]


def test_regions_that_hardly_overlap_stand_alone_and_what_differs_comes_first() -> None:
    first, second = [span(0, 5), span(20, 30)], [span(4, 12), span(20, 30)]

    assert told(first, second) == [("first", ""), ("second", ""), ("same", "")]


def test_a_region_is_paired_with_the_one_of_the_same_label_before_a_nearer_one() -> None:
    compared = compare([span(0, 10, "City")], [span(0, 10, "Person", "p"), span(0, 8, "City", "c")])

    assert [(item.kind, item.second.answers) for item in compared.items if item.second] == [
        ("different", ("City",)),
        ("second", ("Person",)),
    ]


def test_versions_of_one_completion_are_paired_by_id_however_far_a_region_moved() -> None:
    assert told([span(0, 5, id="a")], [span(50, 60, id="a")]) == [("different", "0 % of the place in common")]


def test_answers_about_the_whole_task_are_paired_by_their_question() -> None:
    theirs = [{**choice("Negative")[0], "id": "other"}]

    assert told(choice("Positive"), theirs) == [("different", "another answer")]
    assert told(choice(), []) == [("first", "")]


def test_relations_are_the_same_when_they_join_the_same_regions() -> None:
    def relation(start: str, end: str) -> dict[str, Any]:
        return {"type": "relation", "from_id": start, "to_id": end, "direction": "right"}

    first = [span(0, 5, id="a"), span(9, 12, id="b"), relation("a", "b")]
    second = [span(0, 5, id="x"), span(9, 12, id="y"), relation("x", "y")]

    assert told(first, second) == [("same", "")] * 3
    assert told(first, [*second[:2], relation("y", "x")]) == [
        ("first", ""),
        ("second", ""),
        ("same", ""),
        ("same", ""),
    ]


def test_equal_items_are_counted_one_by_one() -> None:
    assert told([span(0, 5, id="a"), span(0, 5, id="b")], [span(0, 5, id="c")]) == [
        ("first", ""),
        ("same", ""),
    ]


def test_more_regions_than_can_be_paired_by_place_are_compared_by_what_they_say() -> None:
    count = MAX_PAIRED + 1
    first = [span(10 * n, 10 * n + 5) for n in range(count)]
    second = [span(10 * n, 10 * n + 4) for n in range(count)]

    assert compare(first[:-1], second[:-1]).other == MAX_PAIRED
    assert compare(first, second).other == 2 * count


@pytest.mark.parametrize(
    "odd",
    [
        "text", None, 7, {}, {"value": 3}, {"id": [1], "value": {"points": 3}}, {"value": {"start": "a", "end": 1}},
        {"value": {"x": 1e308, "y": 0, "width": 1e308, "height": 1}}, {"value": {"points": [[1, 2, 3], "p"]}},
        {"type": "relation"}, {"value": {"start": 10**400, "end": 1}},
    ],
    ids=[
        "text", "null", "number", "empty", "value", "points", "offsets", "huge", "corners", "relation", "integer",
    ],
)  # fmt: skip
def test_odd_items_are_compared_like_others(odd: Any) -> None:
    both = compare([odd], [odd])
    assert both.other == 0
    assert compare([odd], [span(0, 5)]).same == 0


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ({"x": 0, "y": 0, "width": 10, "height": 10}, {"x": 5, "y": 0, "width": 10, "height": 10}, 1 / 3),
        ({"x": 5, "y": 5, "radiusX": 5, "radiusY": 5}, {"x": 0, "y": 0, "width": 10, "height": 10}, 1),
        ({"points": [[0, 0], [10, 0], [10, 10]]}, {"x": 0, "y": 0, "width": 10, "height": 5}, 0.5),
        ({"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 4},
         {"start": "/p[2]/text()[1]", "end": "/p[2]/text()[1]", "startOffset": 0, "endOffset": 4}, 0),
        ({"globalOffsets": {"start": 0, "end": 4}}, {"globalOffsets": {"start": 2, "end": 4}}, 0.5),
        ({"start": 1.5, "end": 2.5}, {"start": 3.5, "end": 2.0}, 0.25),
        ({"start": 3, "end": 3}, {"start": 3, "end": 3}, 1),
    ],
    ids=["boxes", "ellipse", "polygon", "paragraphs", "page", "seconds", "points in time"],
)  # fmt: skip
def test_places_share_what_both_cover(first: Any, second: Any, overlap: float) -> None:
    one, other = place_of(first), place_of(second)
    assert one is not None
    assert other is not None
    assert overlap_of(one, other) == pytest.approx(overlap)
