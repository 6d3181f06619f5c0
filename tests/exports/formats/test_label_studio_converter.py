"""Exports beside those of Label Studio's own converter, where that one is right.

Where it is not, this server differs on purpose: it gives files of one name one place, puts choices into the classes of
YOLO and turned boxes into COCO as if they stood upright, and sorts labels rather than keep the config's order. So files
are told apart by the labels' names here, and one task is exported at a time.

The converter weighs 370 MB and is no part of the development environment: `pip install label-studio-server[oracles]`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from lxml import etree
from PIL import Image

from apps.exports.formats import CATALOGUE
from apps.labeling.config import parse
from apps.labeling.templates import LabelingTemplate, labeling_templates
from tests.exports.formats.writing import members, task, written

converter = pytest.importorskip(
    "label_studio_sdk.converter.converter", reason="the extra oracles is not installed"
)

PER_REGION = {"aspect_sentiment", "ocr_transcription"}
LEFT_OUT = {
    # It forgets which regions the answers about regions belong to.
    **dict.fromkeys(("JSON_MIN", "CSV", "TSV"), PER_REGION),
    # It writes only the first of several texts, and none where anything else is labeled, too.
    "CONLL2003": {"ts_rel_text", "rag_answer_check", "fact_check"},
    # It refuses or skips shapes.
    "COCO": {"image_brushes", "image_keypoints", "image_circular", "medical_image"},
    "VOC": {"medical_image", "aerial_polygons"},
    "YOLO": {"image_circular", "medical_image"},
    "YOLO_OBB": {"image_polygons", "image_circular", "medical_image", "aerial_polygons"},
}
PIXELS = 2  # it cuts the fractions of pixels off, twice
PART = 2e-4
COMPARED = (
    "JSON_MIN",
    "CSV",
    "TSV",
    "CONLL2003",
    "COCO",
    "VOC",
    "YOLO",
    "YOLO_OBB",
    "BRUSH_TO_NUMPY",
    "BRUSH_TO_PNG",
)
PAIRS = [
    (name, template.name)
    for name in COMPARED
    for template in labeling_templates().values()
    if CATALOGUE[name].fits(parse(template.config)) is None and template.name not in LEFT_OUT.get(name, ())
]
Files = dict[str, bytes]


@pytest.mark.parametrize(("name", "template"), PAIRS)
def test_both_say_the_same(name: str, template: str, tmp_path: Path):
    found = labeling_templates()[template]
    labeled = task(found.task, found.answer, id=7)
    theirs = _converted(name, found, labeled, tmp_path)
    config = parse(found.config)
    if CATALOGUE[name].extension == "zip":
        ours = members(name, labeled, config=config)
    else:
        ours = {f"result.{CATALOGUE[name].extension}": written(name, labeled, config=config)}
    read, tolerance = _READ[name]
    for one, other in zip(read(ours), read(theirs), strict=True):
        assert one == (other if tolerance is None else (other[0], pytest.approx(other[1], abs=tolerance)))


def _converted(name: str, template: LabelingTemplate, labeled: str, folder: Path) -> Files:
    source, target = folder / "tasks.json", folder / "out"
    source.write_text(f"[{labeled}]")
    target.mkdir()
    made = converter.Converter(template.config, project_dir=None, download_resources=False)
    made.convert(str(source), str(target), converter.Format[name], is_dir=False)
    return {
        path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()
    }


def _only(files: Files, ending: str) -> bytes:
    [raw] = [raw for name, raw in files.items() if name.endswith(ending) and name != "report.json"]
    return raw


def _rows(files: Files) -> list[Any]:
    rows: list[Any] = json.loads(_only(files, ".json"))
    return rows


def _table(delimiter: str) -> Any:
    def read(files: Files) -> Any:
        text = next(iter(files.values())).decode()
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [{key: _cell(cell) for key, cell in row.items() if cell} for row in rows]

    return read


def _cell(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _entities(files: Files) -> list[tuple[str, str]]:
    """Return what is tagged, letters only: it parts words at other places."""
    found: list[tuple[str, str]] = []
    for line in _only(files, ".conll").decode().splitlines()[1:]:
        token, _, tag = line.partition(" -X- _ ")
        if tag.startswith("B-"):
            found.append((token, tag[2:].replace(" ", "_")))
        elif tag.startswith("I-"):
            found[-1] = (f"{found[-1][0]} {token}", found[-1][1])
    return [(re.sub(r"\W", "", words), label) for words, label in found]


def _coco(files: Files) -> list[tuple[str, list[float]]]:
    document = json.loads(files["result.json"])
    names = {category["id"]: category["name"] for category in document["categories"]}
    sizes = [("picture", [picture["width"], picture["height"]]) for picture in document["images"]]
    return sizes + [(names[entry["category_id"]], entry["bbox"]) for entry in document["annotations"]]


def _voc(files: Files) -> list[tuple[str, list[float]]]:
    root = etree.fromstring(_only(files, ".xml"))
    return [
        (entry.findtext("name") or "", [float(side.text or "") for side in entry.findall("bndbox/*")])
        for entry in root.findall("object")
    ]


def _yolo(files: Files) -> list[tuple[str, list[float]]]:
    names = files["classes.txt"].decode().splitlines()
    [labels] = [raw.decode() for name, raw in files.items() if name.startswith("labels/")]
    return [(names[int(first)], [*map(float, rest)]) for first, *rest in map(str.split, labels.splitlines())]


def _boxes(files: Files) -> list[tuple[str, list[float]]]:
    """Return boxes; of polygons, which it writes as such, the box around them."""
    return [(label, numbers if len(numbers) == 4 else _around(numbers)) for label, numbers in _yolo(files)]


def _around(numbers: list[float]) -> list[float]:
    (left, right), (top, bottom) = ((min(part), max(part)) for part in (numbers[::2], numbers[1::2]))
    return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]


def _arrays(files: Files) -> Any:
    return [
        numpy.load(io.BytesIO(raw)).tolist() for name, raw in sorted(files.items()) if name.endswith(".npy")
    ]


def _pictures(files: Files) -> Any:
    return [
        numpy.asarray(Image.open(io.BytesIO(raw))).tolist()
        for name, raw in sorted(files.items())
        if name.endswith(".png")
    ]


_READ: dict[str, tuple[Callable[[Files], list[Any]], float | None]] = {
    "JSON_MIN": (_rows, None),
    "CSV": (_table(","), None),
    "TSV": (_table("\t"), None),
    "CONLL2003": (_entities, None),
    "COCO": (_coco, PIXELS),
    "VOC": (_voc, PIXELS),
    "YOLO": (_boxes, PART),
    "YOLO_OBB": (_yolo, PART),
    "BRUSH_TO_NUMPY": (_arrays, None),
    "BRUSH_TO_PNG": (_pictures, None),
}
