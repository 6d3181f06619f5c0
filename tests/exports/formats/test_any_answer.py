"""What holds for exports of any labeled task: turned, touching, overlapping, several, broken or empty."""

from __future__ import annotations

import io
import json
import math
import zipfile
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from apps.exports.formats import CATALOGUE, Report
from tests.exports.formats.answers import CONFIG, answers, data
from tests.exports.formats.writing import IMAGE, TEXT, box, members, mood, shape, task, written

MANY = 10**40 + 1


@st.composite
def labeled(draw: st.DrawFn, *, whole: bool = False) -> tuple[dict[str, Any], list[Any]]:
    """Return a task's data and an answer."""
    shown = draw(data())
    return shown, draw(answers(shown, whole=whole))


@pytest.mark.parametrize("name", CATALOGUE)
@settings(max_examples=25, deadline=None)
@given(case=labeled())
def test_every_format_writes_any_answer_into_a_whole_file(name, case):
    shown, answer = case
    report = Report()
    raw = written(name, task(shown, answer), task(shown, [], id=2), config=CONFIG, report=report)
    assert report.exported == 2
    assert all(
        row["problem"] and row["task"] == 1 for row in map(json.loads, report.rows()) if "region" in row
    )
    if CATALOGUE[name].extension == "zip":
        names = zipfile.ZipFile(io.BytesIO(raw)).namelist()
        assert len(set(names)) == len(names)
        assert not [entry for entry in names if entry.startswith("/") or ".." in entry.split("/")]
    if CATALOGUE[name].extension in ("json", "jsonl"):
        assert [
            json.loads(text) for text in ([raw] if CATALOGUE[name].extension == "json" else raw.splitlines())
        ]


@settings(max_examples=120, deadline=None)
@given(labeled(whole=True))
def test_each_labeled_shape_is_written_or_reported(case):
    """Keypoints inside of another shape become part of it; all else has an entry for each of its labels."""
    shown, answer = case
    files = members("COCO", task(shown, answer), config=CONFIG)
    document, report = json.loads(files["result.json"]), json.loads(files["report.json"])
    pages = len(shown["pages"])
    kinds = ("rectanglelabels", "polygonlabels", "ellipselabels", "keypointlabels")
    shapes = [
        item for item in answer if item.get("type") in kinds
        and (item["to_name"] == "image" or item["item_index"] < pages)
    ]  # fmt: skip
    inside = [item for item in shapes if "keypointlabels" in item["value"] and _owners(item, shapes)]
    left_out = [
        row for row in report["rows"] if row["problem"].endswith("it is left out") and "region" in row
    ]
    labels = sum(len(item["value"][item["type"]]) for item in shapes if item not in inside)
    assert len(document["annotations"]) <= labels
    whole = len(shapes) - len(inside) - len(left_out)
    assert len(document["annotations"]) >= whole


def _owners(point: dict[str, Any], shapes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        item for item in shapes
        if item["to_name"] == "image" and item["id"] == point["parentID"] and "keypointlabels" not in item["value"]
    ]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(labeled(whole=True))
def test_everything_lies_on_its_picture_and_areas_are_those_of_the_masks(case):
    shown, answer = case
    document = json.loads(members("COCO", task(shown, answer), config=CONFIG)["result.json"])
    sizes = {picture["id"]: (picture["width"], picture["height"]) for picture in document["images"]}
    for entry in document["annotations"]:
        width, height = sizes[entry["image_id"]]
        left, top, across, down = entry["bbox"]
        if entry["segmentation"] or entry["area"]:
            assert min(left, top, width - left - across, height - top - down) >= -0.001
            assert 0 <= entry["area"] <= across * down + 0.01
        for ring in entry["segmentation"]:
            assert len(ring) >= 6
            if len(ring) == 8 and _is_simple(ring):
                mask = coco_mask.merge(coco_mask.frPyObjects([ring], height, width))
                assert coco_mask.area(mask) == pytest.approx(entry["area"], abs=2 * (across + down) + 4)


def _is_simple(ring: list[float]) -> bool:
    """Whether four corners turn all the same way."""
    points = [*zip(ring[::2], ring[1::2], strict=True)]
    turns = [
        (bx - ax) * (cy - by) - (by - ay) * (cx - bx)
        for (ax, ay), (bx, by), (cx, cy) in zip(
            points, points[1:] + points[:1], points[2:] + points[:2], strict=True
        )
    ]
    return all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)


@settings(max_examples=100, deadline=None)
@given(
    st.floats(30, 60),
    st.floats(30, 60),
    st.floats(1, 15),
    st.floats(1, 15),
    st.floats(0, 360, exclude_max=True),
)
def test_a_turned_box_keeps_its_size_in_every_format(x, y, width, height, rotation):
    labeled = task({"image": "/a.jpg"}, [box(x, y, width, height, rotation=rotation, size=(400, 400))])
    [entry] = json.loads(members("COCO", labeled)["result.json"])["annotations"]
    assert entry["area"] == pytest.approx(4 * width * 4 * height, rel=1e-4)
    [line] = members("YOLO_OBB", labeled)["labels/a.txt"].decode().splitlines()
    corners = [float(part) * 400 for part in line.split()[1:]]
    points = [*zip(corners[::2], corners[1::2], strict=True)]
    assert math.dist(points[0], points[1]) == pytest.approx(4 * width, abs=0.002)
    assert math.dist(points[1], points[2]) == pytest.approx(4 * height, abs=0.002)
    assert points[0] == pytest.approx((4 * x, 4 * y), abs=0.001)


@pytest.mark.parametrize("name", ["COCO", "VOC", "YOLO", "YOLO_OBB", "YOLO_SEG"])
@pytest.mark.parametrize(
    "value",
    [
        {"x": 0, "y": 0, "width": 100, "height": 100},
        {"x": 100, "y": 100, "width": -100, "height": -100},
        {"x": -10, "y": -10, "width": 120, "height": 120},
    ],
)
def test_a_box_on_all_edges_is_the_whole_picture(name, value):
    labeled = task({"image": "/a.jpg"}, [shape("box", {**value, "rotation": 0}, "dog")])
    files = members(name, labeled)
    numbers = {
        "COCO": lambda: json.loads(files["result.json"])["annotations"][0]["bbox"],
        "VOC": lambda: _voc_box(files["Annotations/a.xml"]),
    }.get(name, lambda: _extent(files["labels/a.txt"]))()
    assert numbers == ([0, 0, 200, 100] if name in ("COCO", "VOC") else [0, 0, 1, 1])


def _voc_box(raw: bytes) -> list[int]:
    text = raw.decode()
    return [int(text.split(f"<{side}>")[1].split("<")[0]) for side in ("xmin", "ymin", "xmax", "ymax")]


def _extent(raw: bytes) -> list[float]:
    numbers = [float(part) for part in raw.split()[1:]]
    if len(numbers) == 4:
        x, y, width, height = numbers
        return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    return [min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])]


def _number(name: str, raw: bytes) -> Any:
    """Return the column or key `number` of the first row of an export."""
    if name in ("CSV", "TSV"):
        header, row = (line.split("," if name == "CSV" else "\t") for line in raw.decode().splitlines())
        return dict(zip(header, row, strict=True))["number"]
    if name == "PARQUET":
        return pyarrow.parquet.read_table(io.BytesIO(raw)).column("number").to_pylist()[0]
    if name == "HUGGINGFACE":
        inner = zipfile.ZipFile(io.BytesIO(raw)).read("data/train-00000-of-00001.parquet")
        return _number("PARQUET", inner)
    if name == "COMPLETIONS":
        raw = zipfile.ZipFile(io.BytesIO(raw)).read("completions/1.json")
    document = json.loads(raw)
    row = document[0] if isinstance(document, list) else document
    return row.get("data", row)["number"]


@pytest.mark.parametrize("number", [2**63, -(2**64), MANY])
@pytest.mark.parametrize(
    "name", ["JSON", "JSONL", "JSON_MIN", "COMPLETIONS", "CSV", "TSV", "PARQUET", "HUGGINGFACE"]
)
def test_whole_numbers_beyond_64_bits_keep_all_their_digits(name, number):
    found = _number(name, written(name, task({"text": "a", "number": number}, [mood("good")]), config=TEXT))
    assert found == (number if name.startswith("J") or name == "COMPLETIONS" else str(number))


@settings(max_examples=60, deadline=None)
@given(labeled(whole=True))
def test_an_answer_of_one_person_comes_back_from_json_lines_untouched(case):
    shown, answer = case
    text = task(shown, answer)
    assert json.loads(written("JSONL", text, config=CONFIG)) == json.loads(text)


def test_configs_of_tests_hold_what_they_say():
    assert {name for name, entry in CATALOGUE.items() if entry.fits(CONFIG)} == set()
    assert CATALOGUE["VOC"].fits(TEXT) == "needs RectangleLabels on Image"
    assert CATALOGUE["CONLL2003"].fits(IMAGE) == "needs Labels on Text"
