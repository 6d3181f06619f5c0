"""COCO, VOC, YOLO and brush masks: regions of pictures."""

from __future__ import annotations

import io
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from apps.exports.formats import CATALOGUE
from apps.exports.formats.run_lengths import encode
from apps.imports.formats.masks import _decompressed
from apps.labeling.config import parse
from tests.exports.formats.writing import box, members, problems, shape, task

PHOTO = {"image": "https://example.com/a/photo.jpg?size=1"}
SIDES = st.floats(0, 100, allow_nan=False)


def coco(*tasks: str, **options) -> dict:
    """Return result.json."""
    document: dict = json.loads(members("COCO", *tasks, **options)["result.json"])
    return document


def packed(mask: list[int]) -> list[int]:
    """Encode a mask as the editor does, all in literal runs of up to 16 values."""
    values = [channel for alpha in mask for channel in (0, 0, 0, alpha)]
    bits = f"{len(values):032b}{7:05b}" + "".join(f"{size - 1:04b}" for size in (1, 2, 3, 4))
    for start in range(0, len(values), 16):
        run = values[start : start + 16]
        bits += f"0{3:02b}{len(run) - 1:04b}" + "".join(f"{value:08b}" for value in run)
    bits += "0" * (-len(bits) % 8)
    return [int(bits[place : place + 8], 2) for place in range(0, len(bits), 8)]


def brush(mask: list[int], *labels: str, size=(3, 2), **more) -> dict:
    """Return a painted region."""
    return shape("brush", {"format": "rle", "rle": packed(mask)}, *(labels or ("cat",)), size=size, **more)


def test_a_box_is_in_pixels_and_categories_are_the_configs():
    document = coco(task(PHOTO, [box(10, 20, 30, 40, "dog")], id=7))
    assert document["images"] == [
        {
            "id": 0,
            "width": 200,
            "height": 100,
            "file_name": "photo.jpg",
            "coco_url": PHOTO["image"],
            "task_id": 7,
        }
    ]
    assert [entry["name"] for entry in document["categories"]] == ["cat", "dog", "nose", "tail"]
    assert document["annotations"] == [
        {
            "id": 0, "image_id": 0, "category_id": 1, "ignore": 0, "iscrowd": 0,
            "segmentation": [], "bbox": [20, 20, 60, 40], "area": 2400,
        }
    ]  # fmt: skip


def test_a_turned_box_is_its_four_corners():
    [entry] = coco(task(PHOTO, [box(50, 50, 10, 10, rotation=90)]))["annotations"]
    assert entry["segmentation"] == [[100, 50, 100, 70, 90, 70, 90, 50]]
    assert (entry["bbox"], entry["area"]) == ([90, 50, 10, 20], 200)


def test_polygons_and_ellipses_have_their_areas():
    triangle = shape("shape", {"points": [[0, 0], [50, 0], [0, 100]]}, "cat")
    round_one = shape("round", {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20, "rotation": 0}, "cat")
    first, second = coco(task(PHOTO, [triangle, round_one]))["annotations"]
    assert (first["segmentation"], first["area"]) == ([[0, 0, 100, 0, 0, 100]], 5000)
    assert second["area"] == pytest.approx(math.pi * 400, rel=0.002)


def test_a_mask_is_run_lengths_down_the_columns():
    [entry] = coco(task(PHOTO, [brush([0, 255, 255, 0, 9, 0])]))["annotations"]
    assert entry["segmentation"]["size"] == [2, 3]
    assert _decompressed(entry["segmentation"]["counts"]) == [2, 3, 1]
    assert (entry["bbox"], entry["area"]) == ([1, 0, 2, 2], 3)


def test_keypoints_join_the_region_around_them_or_stand_alone():
    nose = shape("point", {"x": 10, "y": 20, "width": 1}, "nose", id="n") | {"parentID": "b"}
    tail = shape("point", {"x": 50, "y": 50, "width": 1}, "tail", id="t")
    whole, alone = coco(task(PHOTO, [nose, tail, box(0, 0, 50, 50, id="b")]))["annotations"][::-1]
    assert (whole["keypoints"], whole["num_keypoints"]) == ([20, 20, 2, 0, 0, 0], 1)
    assert (alone["keypoints"], alone["bbox"]) == ([0, 0, 0, 100, 50, 2], [100, 50, 0, 0])


def test_a_region_with_several_labels_is_written_for_each():
    document = coco(task(PHOTO, [box(0, 0, 10, 10, "cat", "dog")]))
    assert [entry["category_id"] for entry in document["annotations"]] == [0, 1]
    files = members("YOLO", task(PHOTO, [box(0, 0, 10, 10, "cat", "dog")]))
    assert files["labels/photo.txt"] == (
        b"0 0.050000 0.050000 0.100000 0.100000\n1 0.050000 0.050000 0.100000 0.100000\n"
    )


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        (box(None, 0, 10, 10), 'a shape whose "x" is no number: it is left out'),
        (box(0, 0, 0, 10), "a shape without any area: it is left out"),
        (box(120, 0, 10, 10), "a shape that lies outside of the picture: it is left out"),
        (shape("shape", {"points": [[0, 0], None, [1, 1]]}, "cat"),
         "a polygon whose points are no pairs of numbers: it is left out"),
        (shape("shape", {"points": []}, "cat"), "a polygon of fewer than three points: it is left out"),
        (box(0, 0, 1, 1) | {"value": None}, "a region that marks no place on its picture: it is left out"),
        (box(0, 0, 1, 1) | {"value": {"x": 1, "height": 1}}, "a region without a label: it is left out"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["COCO", "VOC", "YOLO", "YOLO_OBB", "YOLO_SEG"])
def test_what_cannot_be_written_is_reported_and_the_rest_is_exported(name, region, problem):
    files = members(name, task(PHOTO, [region, box(1, 1, 1, 1, id="good")], id=4))
    report = json.loads(files["report.json"])
    assert report == {
        "exported": 1, "problems": 1,
        "rows": [{"task": 4, "completion": 40, "region": "r", "problem": problem}],
    }  # fmt: skip
    assert b"cat" in files.get("result.json", files.get("Annotations/photo.xml", b"cat"))


def test_an_unknown_size_keeps_percents_and_says_so():
    unsized = task(
        PHOTO, [box(10, 20, 30, 40, size=None), box(0, 0, 9, 9, size=None, rotation=5, id="turned")]
    )
    files = members("COCO", unsized)
    document = json.loads(files["result.json"])
    assert (document["images"][0]["unit"], document["images"][0]["width"]) == ("percent", 100)
    assert [entry["bbox"] for entry in document["annotations"]] == [[10, 20, 30, 40]]
    assert problems(files) == [
        "the size of a picture is unknown; its coordinates stay in percent, marked by unit",
        "a turned shape on a picture of unknown size: it is left out",
    ]
    assert members("YOLO", unsized)["labels/photo.txt"] == b"0 0.250000 0.400000 0.300000 0.400000\n"


def test_tasks_with_one_file_name_do_not_overwrite_each_other():
    addresses = [
        "/a/photo.jpg",
        "/b/PHOTO.png",
        "../../photo.jpg",
        "s3://x/..",
        "data:image/png;base64,AA",
        "",
    ]
    tasks = [
        task({"image": address}, [box(0, 0, 9, 9)], id=number) for number, address in enumerate(addresses, 1)
    ]
    files = members("YOLO", *tasks)
    assert [name for name in files if name.startswith("labels/")] == [
        "labels/photo.txt", "labels/PHOTO-2.txt", "labels/photo-3.txt", "labels/task-4.txt", "labels/task-5.txt",
    ]  # fmt: skip
    assert problems(files) == ['there is no picture for <Image name="image">; it is left out']


def test_several_pictures_of_a_task_keep_their_regions():
    several = task({"image": ["/x/1.jpg", "/x/2.jpg"]}, [box(0, 0, 9, 9) | {"item_index": 1}])
    document = coco(several)
    assert [entry["file_name"] for entry in document["images"]] == ["1.jpg", "2.jpg"]
    assert [entry["image_id"] for entry in document["annotations"]] == [1]


def test_voc_reads_back_in_pixels():
    files = members("VOC", task(PHOTO, [box(10, 20, 30, 40, "dog")]))
    root = etree.fromstring(files["Annotations/photo.xml"])
    assert root.findtext("filename") == "photo.jpg"
    assert [root.findtext(f"size/{key}") for key in ("width", "height")] == ["200", "100"]
    assert root.findtext("object/name") == "dog"
    corners = [root.findtext(f"object/bndbox/{key}") for key in ("xmin", "ymin", "xmax", "ymax")]
    assert corners == ["20", "20", "80", "60"]


def test_yolo_writes_corners_polygons_and_its_classes():
    turned = task(PHOTO, [box(50, 50, 10, 10, rotation=90)])
    assert members("YOLO_OBB", turned)["labels/photo.txt"] == (
        b"0 0.500000 0.500000 0.500000 0.700000 0.450000 0.700000 0.450000 0.500000\n"
    )
    triangle = task(PHOTO, [shape("shape", {"points": [[0, 0], [50, 0], [0, 100]]}, "dog")])
    files = members("YOLO_SEG", triangle)
    assert files["labels/photo.txt"] == b"1 0.000000 0.000000 0.500000 0.000000 0.000000 1.000000\n"
    assert files["classes.txt"] == b"cat\ndog\n"
    assert files["data.yaml"] == b"path: .\ntrain: images\nval: images\nnames:\n  0: cat\n  1: dog\n"


def test_empty_results_are_pictures_without_regions():
    assert members("YOLO", task(PHOTO, []))["labels/photo.txt"] == b""
    assert coco(task(PHOTO, []))["annotations"] == []


def test_masks_are_files_of_their_pixels():
    mask = [0, 255, 255, 0, 9, 0]
    labeled = task(PHOTO, [brush(mask, "cat", "dog")], id=2)
    png = members("BRUSH_TO_PNG", labeled)["task-2-completion-20-brush-cat-dog-0.png"]
    with Image.open(io.BytesIO(png)) as picture:
        assert (picture.size, list(picture.tobytes())) == ((3, 2), mask)
    array = members("BRUSH_TO_NUMPY", labeled)["task-2-completion-20-brush-cat-dog-0.npy"]
    assert array.startswith(b"\x93NUMPY\x01\x00")
    assert b"'shape': (2, 3)" in array
    assert list(array[-6:]) == mask
    assert (len(array) - 6) % 64 == 0


@pytest.mark.parametrize(
    ("rle", "problem"),
    [
        ([1, 2], "a mask of 4,227,072 pixels on a picture of 3 × 2: it is left out"),
        (None, "a mask that is no list of bytes: it is left out"),
        ([300], "a mask that is no list of bytes: it is left out"),
        (packed([0, 255, 255, 0, 9, 0])[:-20], "a mask whose runs do not fill the picture: it is left out"),
        (packed([0, 0]), "a mask of 2 pixels on a picture of 3 × 2: it is left out"),
    ],
)
def test_broken_masks_are_reported(rle, problem):
    region = shape("brush", {"format": "rle", "rle": rle}, "cat", size=(3, 2))
    assert problems(members("BRUSH_TO_PNG", task(PHOTO, [region]))) == [problem]


def test_media_stand_beside_their_labels_and_missing_ones_are_reported():
    files = members(
        "VOC", task(PHOTO, [box(0, 0, 9, 9)]), task({"image": "/gone.jpg"}, [box(0, 0, 9, 9)], id=2),
        media=lambda address: [b"JP", b"EG"] if "photo" in address else None,
    )  # fmt: skip
    assert files["images/photo.jpg"] == b"JPEG"
    assert problems(files) == ['the file behind "/gone.jpg" is not to be had; it is left out']


def test_a_config_without_shapes_does_not_fit():
    text = parse(
        '<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="a"/></Choices></View>'
    )
    assert CATALOGUE["VOC"].fits(text) == "needs RectangleLabels on Image"
    assert CATALOGUE["BRUSH_TO_PNG"].fits(text) == "needs BrushLabels on Image"
    assert CATALOGUE["JSON"].fits(text) is None


@settings(max_examples=60, deadline=None)
@given(x=SIDES, y=SIDES, width=SIDES, height=SIDES, rotation=st.sampled_from([0, 30, 90, 181.5, -45]))
def test_boxes_stay_on_their_picture(x, y, width, height, rotation):
    files = members("COCO", task(PHOTO, [box(x, y, width, height, rotation=rotation)]))
    annotations = json.loads(files["result.json"])["annotations"]
    assert len(annotations) + len(problems(files)) == 1
    for entry in annotations:
        left, top, across, down = entry["bbox"]
        assert left >= 0
        assert top >= 0
        assert left + across <= 200.001
        assert top + down <= 100.001
        assert entry["area"] <= across * down + 0.01
    for line in members("YOLO", task(PHOTO, [box(x, y, width, height, rotation=rotation)]))[
        "labels/photo.txt"
    ].split():
        assert 0 <= float(line) <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.randoms(use_true_random=False))
def test_run_lengths_hold_the_mask(width, height, chance):
    mask = bytes(chance.choice([0, 0, 200]) for _ in range(width * height))
    found = encode(mask, width, height)
    runs = _decompressed(found.counts)
    columns = [value for index, run in enumerate(runs) for value in [index % 2] * run]
    assert columns == [mask[y * width + x] > 0 for x in range(width) for y in range(height)]
    assert found.area == sum(value > 0 for value in mask)
    painted = [(x, y) for x in range(width) for y in range(height) if mask[y * width + x]]
    if painted:
        xs, ys = [x for x, _ in painted], [y for _, y in painted]
        assert found.bounds == (min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)


@pytest.mark.parametrize(
    "region",
    [
        box(10**400, 1, 2, 3),
        box(1e300, 1, 1e300, 3),
        shape("shape", {"points": [[10**400, 1], [2, 2], [3, 1]]}, "cat"),
        shape("brush", {"rle": 10**15}, "cat"),
    ],
)
def test_numbers_beyond_all_pictures_are_reported_and_the_rest_is_written(region):
    document = coco(task(PHOTO, [region, box(0, 0, 10, 10, id="good")]))
    assert [entry["bbox"] for entry in document["annotations"]] == [[0, 0, 20, 10]]
