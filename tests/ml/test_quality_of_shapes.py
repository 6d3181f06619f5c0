"""Overlap and average precision of shapes on pictures, as COCO's own program has them."""

from __future__ import annotations

import contextlib
import io
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from apps.labeling.agreement.detection import ShapeComparison
from apps.labeling.agreement.measures import comparison_for
from apps.labeling.agreement.shapes import Shape, overlap, read_shape
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.config import parse

CONFIG = parse(
    """<View><Image name="image" value="$image"/>
    <RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Bus"/></RectangleLabels></View>"""
)
LABELS = ("Car", "Bus")

Box = tuple[int, int, int, int]
BOXES = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(8, 40), st.integers(8, 40))


def comparison() -> ShapeComparison:
    found = comparison_for(CONFIG.controls["box"], ["Image"])
    assert isinstance(found, ShapeComparison)
    return found


def drawn(box: Box, label: str = "Car", score: float | None = None) -> Item:
    names = ("x", "y", "width", "height")
    value = {**dict(zip(names, box, strict=True)), "rectanglelabels": [label], "rotation": 0}
    return {"value": value} | ({} if score is None else {"score": score})


def shape(value: dict[str, Any], aspect: float = 1.0) -> Shape:
    found = read_shape(value, aspect)
    assert found is not None
    return found


def box_shape(box: Box) -> Shape:
    return shape(drawn(box)["value"])


@settings(deadline=None)
@given(BOXES, BOXES)
def test_boxes_overlap_as_coco_has_it(one: Box, other: Box) -> None:
    expected = float(coco_mask.iou([list(map(float, one))], [list(map(float, other))], [0])[0][0])

    assert overlap(box_shape(one), box_shape(other)) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(BOXES, BOXES)
def test_outlines_overlap_as_boxes_of_the_same_place_do(one: Box, other: Box) -> None:
    def outline(box: Box) -> Shape:
        x, y, width, height = box
        return shape({"points": [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]})

    assert overlap(outline(one), outline(other)) == pytest.approx(
        overlap(box_shape(one), box_shape(other)), abs=0.012
    )


def test_half_a_box_cut_along_its_diagonal_is_half_of_it() -> None:
    box = shape({"points": [[10, 10], [90, 10], [90, 90], [10, 90]]})
    triangle = shape({"points": [[10, 10], [90, 10], [90, 90]]})

    assert overlap(box, triangle) == pytest.approx(0.5, abs=0.005)


def test_an_ellipse_is_a_quarter_of_pi_of_the_box_around_it() -> None:
    box = shape({"x": 30, "y": 20, "width": 40, "height": 60})
    ellipse = shape({"x": 50, "y": 50, "radiusX": 20, "radiusY": 30})

    assert overlap(box, ellipse) == pytest.approx(math.pi / 4, abs=0.005)


def test_a_turned_box_is_turned_in_pixels_not_in_percent() -> None:
    """A quarter of a turn makes 200 × 100 pixels 100 × 200; in a picture twice as wide as high that is 50 × 200 %."""
    turned = shape({"x": 50, "y": 10, "width": 20, "height": 20, "rotation": 90}, aspect=2.0)
    upright = shape({"x": 40, "y": 10, "width": 10, "height": 40}, aspect=2.0)

    assert overlap(turned, upright) == pytest.approx(1.0, abs=0.01)


def test_the_size_of_the_picture_is_taken_from_whoever_tells_it() -> None:
    turned = drawn((50, 10, 20, 20)) | {"original_width": 200, "original_height": 100}
    turned["value"]["rotation"] = 90
    found = comparison()

    assert found.add(Sides([turned], [drawn((40, 10, 10, 40))])) == 1.0


DETECTIONS = st.tuples(BOXES, st.sampled_from(LABELS), st.integers(1, 9_999))
TASKS = st.lists(
    st.tuples(
        st.lists(DETECTIONS, max_size=6), st.lists(st.tuples(BOXES, st.sampled_from(LABELS)), max_size=5)
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(TASKS)
def test_average_precision_is_that_of_coco(tasks: list[tuple[list[Any], list[Any]]]) -> None:
    """Scores that occur twice are left out: their order is chance in COCO's program."""
    seen: set[int] = set()
    distinct = []
    for predicted, answered in tasks:
        kept = []
        for one in predicted:
            if one[2] not in seen:
                seen.add(one[2])
                kept.append(one)
        distinct.append((kept, answered))
    found = comparison()

    for predicted, answered in distinct:
        found.add(
            Sides(
                [drawn(box, label, score / 10_000) for box, label, score in predicted],
                [drawn(box, label) for box, label in answered],
            )
        )

    document = found.document()
    expected_50, expected = coco_average_precision(distinct)
    assert (document["map_50"] is None) == (expected_50 < 0)
    if document["map_50"] is not None:
        assert document["map_50"] == pytest.approx(expected_50, abs=2e-6)
        assert document["map_50_95"] == pytest.approx(expected, abs=2e-6)


def coco_average_precision(tasks: list[tuple[list[Any], list[Any]]]) -> tuple[float, float]:
    """Return AP at .5 and at .5 to .95 by COCO's own program; -1 where there is nothing to find."""
    truth = COCO()
    annotations = [
        {"image_id": image, "bbox": list(box), "category_id": LABELS.index(label), "area": box[2] * box[3],
         "iscrowd": 0}
        for image, (_, answered) in enumerate(tasks) for box, label in answered
    ]  # fmt: skip
    truth.dataset = {
        "images": [{"id": image} for image in range(len(tasks))],
        "categories": [{"id": number} for number in range(len(LABELS))],
        "annotations": [{"id": number, **one} for number, one in enumerate(annotations, start=1)],
    }
    detections = [
        {"image_id": image, "bbox": list(box), "category_id": LABELS.index(label), "score": score / 10_000}
        for image, (predicted, _) in enumerate(tasks) for box, label, score in predicted
    ]  # fmt: skip
    if not annotations:
        return -1.0, -1.0
    if not detections:
        return 0.0, 0.0
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(detections), "bbox")
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [100]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, 0]
    first, every = precision[0], precision
    return float(first[first > -1].mean()), float(every[every > -1].mean())


def test_predictions_of_one_score_count_at_once_in_whatever_order_they_come() -> None:
    right, wrong = drawn((0, 0, 20, 20), score=0.5), drawn((60, 60, 20, 20), score=0.5)
    documents = []

    for predicted in ([right, wrong], [wrong, right]):
        found = comparison()
        found.add(Sides(predicted, [drawn((0, 0, 20, 20))]))
        documents.append(found.document())

    assert documents[0] == documents[1]
    assert documents[0]["map_50"] == 0.5


def test_the_score_of_the_prediction_stands_in_for_that_of_a_region() -> None:
    found = comparison()

    found.add(Sides([drawn((60, 60, 20, 20))], [], score=0.9))
    found.add(Sides([drawn((0, 0, 20, 20))], [drawn((0, 0, 20, 20))], score=0.8))

    assert found.document()["map_50"] == 0.5


def test_an_untouched_picture_that_is_predicted_empty_says_nothing() -> None:
    assert comparison().add(Sides([], [])) is None


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"x": 1, "y": 1, "width": 0, "height": 5},
        {"x": "1", "y": 1, "width": 2, "height": 5},
        {"x": 1e200, "y": 1, "width": 2, "height": 5},
        {"points": [[0, 0], [1, 1]]},
        {"points": [[0, 0], [1, 1], [2]]},
        {"points": [[0, 0], [1, 1], ["2", 3]]},
        {"rle": [1, 2], "format": "rle"},
    ],
    ids=str,
)
def test_what_is_no_shape_is_left_out(value: dict[str, Any]) -> None:
    assert read_shape(value, 1.0) is None


def test_outlines_of_no_area_overlap_with_nothing() -> None:
    line = shape({"points": [[0, 0], [10, 10], [20, 20]]})
    flat = shape({"points": [[0, 5], [10, 5], [20, 5]]})

    assert overlap(flat, line) == 0.0
