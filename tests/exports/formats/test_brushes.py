"""Painted masks: what the editor stores is the mask that people painted, pixel by pixel, in every format."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco_mask

from apps.exports.formats.brush import mask_of
from apps.exports.formats.tasks import Unwritable
from apps.labeling.config import parse
from tests.exports.formats.writing import members, problems, task

FOLDER = Path(__file__).parent / "painted"
CONFIG = parse(
    '<View><BrushLabels name="mask" toName="image"><Label value="Cat"/><Label value="Dog"/></BrushLabels>'
    '<Image name="image" value="$image"/></View>'
)
LABELED_BRUSH = parse(
    '<View><Labels name="kind" toName="image"><Label value="Cat"/></Labels><Brush name="brush" toName="image"/>'
    '<Image name="image" value="$image"/></View>'
)
SIZES = (1, 3, 7, 15)
"""How many bits the four lengths of runs have, less one."""


@pytest.fixture(scope="module")
def region() -> dict[str, Any]:
    """A region as the editor stored it."""
    found: dict[str, Any] = json.loads((FOLDER / "region.json").read_bytes())
    return found


@pytest.fixture(scope="module")
def painted() -> numpy.ndarray:
    """The alpha of each pixel, as the browser had painted it."""
    with Image.open(FOLDER / "mask.png") as picture:
        return numpy.asarray(picture)


def test_the_editors_encoding_is_the_mask_that_was_painted(region, painted):
    height, width = painted.shape
    assert (region["original_width"], region["original_height"]) == (width, height)
    assert mask_of(region["value"]["rle"], width, height) == painted.tobytes()


def test_arrays_and_pictures_hold_the_mask_that_was_painted(region, painted):
    labeled = task({"image": "/a.png"}, [region])
    array = members("BRUSH_TO_NUMPY", labeled, config=CONFIG)["task-1-completion-10-mask-Cat-0.npy"]
    assert (numpy.load(io.BytesIO(array)) == painted).all()
    png = members("BRUSH_TO_PNG", labeled, config=CONFIG)["task-1-completion-10-mask-Cat-0.png"]
    with Image.open(io.BytesIO(png)) as picture:
        assert (numpy.asarray(picture) == painted).all()


@pytest.mark.parametrize("name", ["COCO", "BRUSH_TO_COCO"])
def test_run_lengths_of_coco_hold_the_mask_that_was_painted(name, region, painted):
    document = json.loads(members(name, task({"image": "/a.png"}, [region]), config=CONFIG)["result.json"])
    [entry] = document["annotations"]
    decoded = coco_mask.decode(entry["segmentation"])
    assert (decoded == (painted > 0)).all()
    assert (entry["area"], entry["category_id"]) == ((painted > 0).sum(), 0)
    assert list(coco_mask.toBbox(entry["segmentation"])) == entry["bbox"]


def test_masks_of_every_completion_are_written_with_and_without_labels_of_their_own(region):
    twice = task({"image": "/a.png"}, [region], [region])
    assert len(members("BRUSH_TO_PNG", twice, config=CONFIG)) == 3
    document = json.loads(members("BRUSH_TO_COCO", twice, config=CONFIG)["result.json"])
    assert [entry["image_id"] for entry in document["annotations"]] == [0, 0]
    value = {"format": "rle", "rle": region["value"]["rle"], "labels": ["Cat"]}
    labeled = region | {"from_name": "kind", "type": "labels", "value": value}
    files = members("BRUSH_TO_PNG", task({"image": "/a.png"}, [labeled]), config=LABELED_BRUSH)
    assert sorted(files) == ["report.json", "task-1-completion-10-kind-Cat-0.png"]


def test_what_is_not_painted_is_left_out_of_masks_and_reported(region):
    box = region | {"id": "b", "value": {"x": 1, "y": 1, "width": 5, "height": 5, "brushlabels": ["Cat"]}}
    files = members("BRUSH_TO_COCO", task({"image": "/a.png"}, [box, region]), config=CONFIG)
    assert len(json.loads(files["result.json"])["annotations"]) == 1
    assert problems(files) == ["a region that is not painted: it is left out"]


@st.composite
def encodings(draw: st.DrawFn) -> tuple[list[int], list[int], int, int]:
    """Return a mask, some encoding of it with runs of all kinds, and its width and height."""
    width, height = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    mask = draw(st.lists(st.sampled_from([0, 0, 255, 128]), min_size=width * height, max_size=width * height))
    values = [channel for alpha in mask for channel in (alpha, alpha, alpha, alpha)]
    bits = f"{len(values):032b}{7:05b}" + "".join(f"{size:04b}" for size in SIZES)
    place = 0
    while place < len(values):
        size = draw(st.integers(0, 3))
        length = draw(st.integers(1, min(len(values) - place, 2 ** (SIZES[size] + 1))))
        run = values[place : place + length]
        repeats = len(set(run)) == 1 and draw(st.booleans())
        bits += f"{int(repeats)}{size:02b}{length - 1:0{SIZES[size] + 1}b}"
        bits += "".join(f"{value:08b}" for value in (run[:1] if repeats else run))
        place += length
    bits += "0" * (-len(bits) % 8)
    return mask, [int(bits[start : start + 8], 2) for start in range(0, len(bits), 8)], width, height


@settings(max_examples=150, deadline=None)
@given(encodings())
def test_runs_of_all_lengths_and_kinds_are_read(encoded):
    mask, rle, width, height = encoded
    assert list(mask_of(rle, width, height)) == mask


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 255), max_size=60), st.integers(0, 9), st.integers(0, 9))
def test_any_other_bytes_are_refused_or_give_a_whole_mask(rle, width, height):
    mask = None
    with contextlib.suppress(Unwritable):
        mask = mask_of(rle, width, height)
    assert mask is None or len(mask) == width * height
