"""Results told in words."""

from __future__ import annotations

from typing import Any

import pytest

from apps.web.result_items import ResultLine, result_lines


@pytest.mark.parametrize(
    ("kind", "value", "answers", "place"),
    [
        (
            "labels",
            {"start": 3, "end": 18, "text": "Sherlock Holmes", "labels": ["Person"]},
            ("Person",),
            "“Sherlock Holmes” · 3 – 18",
        ),
        (
            "rectanglelabels",
            {"x": 25.04, "y": 10, "width": 50, "height": 5.5, "rectanglelabels": ["Cat"]},
            ("Cat",),
            "25.04%, 10% · 50% × 5.5%",
        ),
        ("choices", {"choices": ["A", "B"]}, ("A", "B"), ""),
        ("taxonomy", {"taxonomy": [["Life", "Bacteria"]]}, ("Life › Bacteria",), ""),
        ("rating", {"rating": 3}, ("3",), ""),
        ("textarea", {"text": ["one", "two"]}, ("one", "two"), ""),
        ("pairwise", {"selected": "left"}, ("left",), ""),
        ("polygonlabels", {"points": [[1, 2], [3, 4]], "polygonlabels": ["Sky"]}, ("Sky",), "2 points"),
        ("brushlabels", {"format": "rle", "rle": [0, 1], "brushlabels": ["Sky"]}, ("Sky",), "brush"),
        ("labels", {"start": 0.5703, "end": 2.2814, "labels": ["Voice"]}, ("Voice",), "0.5703 – 2.281"),
        ("choices", "odd", (), ""),
        ("", None, (), ""),
    ],
)
def test_an_item_is_told_by_what_was_answered_and_where(
    kind: str, value: Any, answers: tuple[str, ...], place: str
) -> None:
    [line] = result_lines([{"from_name": "control", "type": kind, "value": value}])

    assert (line.control, line.answers, line.place) == ("control", answers, place)


def test_a_relation_names_both_ends() -> None:
    lines = result_lines([{"type": "relation", "from_id": "a", "to_id": "b", "labels": ["is-a"]}])

    assert lines == [ResultLine("relation", "relation", ("is-a",), "a → b")]


@pytest.mark.parametrize("odd", [None, {}, "text", [1, None, "x"]])
def test_a_result_that_is_none_is_told_as_empty(odd: object) -> None:
    assert result_lines(odd) == []
