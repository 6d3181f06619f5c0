"""Masks of the brush, points and texts that people write, held against the field's own measures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, jaccard_score

from apps.labeling.agreement.masks import MaskComparison
from apps.labeling.agreement.measures import comparison_for
from apps.labeling.agreement.points import NEAR, PointComparison, nearest_pairs
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.agreement.texts import MAX_CHARACTERS, TextComparison
from apps.labeling.config import parse
from label_studio_ml.brush import encode_mask

CONFIG = parse(
    """<View><Image name="image" value="$image"/><Text name="text" value="$text"/>
    <BrushLabels name="mask" toName="image"><Label value="Sky"/><Label value="Sea"/></BrushLabels>
    <Brush name="any" toName="image"/>
    <KeyPointLabels name="point" toName="image"><Label value="Eye"/><Label value="Nose"/></KeyPointLabels>
    <TextArea name="words" toName="text"/></View>"""
)
WIDTH, HEIGHT = 8, 4
PIXELS = st.binary(min_size=WIDTH * HEIGHT, max_size=WIDTH * HEIGHT).map(
    lambda data: bytes(byte & 1 for byte in data)
)


def masks(name: str = "mask") -> MaskComparison:
    found = comparison_for(CONFIG.controls[name], ["Image"])
    assert isinstance(found, MaskComparison)
    return found


def points() -> PointComparison:
    found = comparison_for(CONFIG.controls["point"], ["Image"])
    assert isinstance(found, PointComparison)
    return found


def texts() -> TextComparison:
    found = comparison_for(CONFIG.controls["words"], ["Text"])
    assert isinstance(found, TextComparison)
    return found


def painted(pixels: bytes, label: str | None = "Sky", width: int = WIDTH) -> Item:
    value = {"format": "rle", "rle": encode_mask(pixels)} | ({"brushlabels": [label]} if label else {})
    return {"original_width": width, "original_height": len(pixels) // width, "value": value}


def point(x: float, y: float, label: str = "Eye", size: tuple[int, int] = (200, 100)) -> Item:
    value = {"x": x, "y": y, "width": 0.5, "keypointlabels": [label]}
    return {"original_width": size[0], "original_height": size[1], "value": value}


def written(*words: str) -> list[Item]:
    return [{"value": {"text": list(words)}}]


@settings(deadline=None)
@given(st.lists(st.tuples(PIXELS, PIXELS), min_size=1, max_size=4))
def test_the_overlap_of_masks_is_that_of_scikit_learn(tasks: list[tuple[bytes, bytes]]) -> None:
    found = masks()
    for predicted, answered in tasks:
        found.add(Sides([painted(predicted)], [painted(answered)]))

    document = found.document()

    ours, theirs = (b"".join(side) for side in zip(*tasks, strict=True))
    if any(ours) or any(theirs):
        assert document["mean_iou"] == pytest.approx(jaccard_score(list(theirs), list(ours)), abs=1e-5)
        assert document["mean_dice"] == pytest.approx(f1_score(list(theirs), list(ours)), abs=1e-5)
    else:
        assert document["mean_iou"] is None


def test_all_strokes_of_a_label_are_one_mask_and_labels_are_told_apart() -> None:
    left, right = b"\1\0" * 4, b"\0\1" * 4
    found = masks()

    agreement = found.add(
        Sides(
            [painted(left, width=2), painted(right, width=2), painted(left, "Sea", width=2)],
            [painted(b"\1" * 8, width=2), painted(right, "Sea", width=2)],
        )
    )

    assert agreement == 0.5
    assert [(row["label"], row["iou"], row["tasks"]) for row in found.document()["labels"]] == [
        ("Sea", 0.0, 1),
        ("Sky", 1.0, 1),
    ]
    assert found.headline == ("mIoU", 0.5)


def test_a_mask_of_a_smaller_picture_is_stretched_over_that_of_the_answer() -> None:
    small, large = bytes([1, 0, 1, 0]), bytes([1, 1, 0, 0] * 4)

    assert masks().add(Sides([painted(small, width=2)], [painted(large, width=4)])) == 1.0


def test_what_is_painted_without_a_label_is_compared_too() -> None:
    assert masks("any").add(Sides([painted(b"\1\0", None, 2)], [painted(b"\1\1", None, 2)])) == 0.5


@pytest.mark.parametrize(
    "item",
    [
        {"value": {"rle": [1, 2, 3]}, "original_width": 2, "original_height": 1},
        {"value": {"rle": "x"}, "original_width": 2, "original_height": 1},
        {"value": {"rle": encode_mask(b"\1\1")}, "original_width": 10**9, "original_height": 10**9},
        {"value": {"rle": encode_mask(b"\1\1")}},
        {"value": {"touches": []}, "original_width": 2, "original_height": 1},
    ],
    ids=["broken-off", "no-list", "huge", "no-size", "no-mask"],
)
def test_a_mask_that_cannot_be_read_is_none(item: Item) -> None:
    item["value"]["brushlabels"] = ["Sky"]

    assert masks().add(Sides([item], [painted(b"\1\1", width=2)])) == 0.0
    assert masks().add(Sides([item], [])) is None


def test_points_are_the_same_within_a_twentieth_of_the_longer_side() -> None:
    found = points()

    # The picture is 200 × 100 pixels: ten of them are near, and of the height they are twice the part.
    for x, y, expected in ((4.9, 0, 1.0), (5.1, 0, 0.0), (0, 9.9, 1.0), (0, 10.1, 0.0), (4, 7, 0.0)):
        assert found.add(Sides([point(50 + x, 50 + y)], [point(50, 50)])) == expected

    document = found.document()
    assert (document["at_05"]["recall"], document["at_02"]["recall"]) == (0.4, 0.0)
    assert document["mean_distance"] == pytest.approx((0.049 + 0.0495) / 2)
    assert found.headline == ("F1@.05", 0.4)


def test_each_point_counts_once_the_nearest_first_and_labels_are_told_apart() -> None:
    found = points()

    agreement = found.add(
        Sides(
            [point(50, 50), point(51, 50), point(80, 80, "Nose")],
            [point(51, 50), point(80, 80)],
        )
    )

    assert agreement == pytest.approx(2 / 5)
    rows = {
        row["label"]: (row["matched"], row["predicted"], row["support"]) for row in found.document()["labels"]
    }
    assert rows == {"Eye": (1, 2, 2), "Nose": (0, 1, 0)}
    assert nearest_pairs([(0, 0), (0.01, 0)], [(0.01, 0), (0.03, 0)], NEAR) == [0.0, 0.03]


@pytest.mark.parametrize(
    "value", [{}, {"x": None, "y": 1}, {"x": 1}, {"x": 1, "y": 1, "height": 2, "width": 2}], ids=str
)
def test_what_is_no_point_is_compared_as_nothing(value: dict[str, Any]) -> None:
    assert points().add(Sides([{"value": value}], [])) is None


def edits(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the edit distance by its definition."""

    @cache
    def between(here: int, there: int) -> int:
        if not here or not there:
            return here + there
        replaced = between(here - 1, there - 1) + (one[here - 1] != other[there - 1])
        return min(replaced, between(here - 1, there) + 1, between(here, there - 1) + 1)

    return between(len(one), len(other))


WORDS = st.lists(st.text("abß", min_size=1, max_size=3), min_size=1, max_size=4)


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4))
def test_edits_are_counted_as_levenshtein_defines_them(tasks: list[tuple[list[str], list[str]]]) -> None:
    found = texts()
    for predicted, answered in tasks:
        found.add(Sides(written(" ".join(predicted)), written(" ".join(answered))))

    document = found.document()

    characters = sum(len(" ".join(answered)) for _, answered in tasks)
    wrong = sum(edits(" ".join(predicted), " ".join(answered)) for predicted, answered in tasks)
    assert document["character_error_rate"] == pytest.approx(wrong / characters, abs=1e-5)
    words = sum(len(answered) for _, answered in tasks)
    assert document["word_error_rate"] == pytest.approx(sum(edits(*pair) for pair in tasks) / words, abs=1e-5)
    assert document["equal"] == pytest.approx(
        sum(predicted == answered for predicted, answered in tasks) / len(tasks), abs=1e-5
    )


def test_texts_are_as_similar_as_their_longer_one_stays() -> None:
    found = texts()

    assert found.add(Sides(written("kitten"), written("sitting"))) == pytest.approx(1 - 3 / 7, abs=1e-6)
    assert found.add(Sides(written("a  b", "c"), written("a", "b\nc"))) == 1.0
    assert found.add(Sides(written("e\u0301"), written("\u00e9"))) == 1.0
    assert found.add(Sides(written(), written("x"))) == 0.0
    assert found.add(Sides(written(" "), written())) is None
    document = found.document()
    assert (document["answers"], document["not_predicted"], document["not_answered"]) == (3, 1, 0)
    name, value = found.headline
    assert name == "similarity"
    assert value == pytest.approx((1 - 3 / 7 + 2) / 4, abs=1e-6)


def test_of_texts_without_end_the_beginning_is_compared() -> None:
    long = "x" * MAX_CHARACTERS

    assert texts().add(Sides(written(long + "a"), written(long + "b"))) == 1.0
