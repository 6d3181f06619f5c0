"""Every format with every template it fits: a labeled set goes out, and a reader of another hand reads it back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy
import openpyxl
import pyarrow.parquet
import pytest
import soundfile
import yaml
from lxml import etree
from PIL import Image
from pycocotools.coco import COCO

from apps.exports.formats import CATALOGUE
from apps.labeling.config import LabelingConfig, parse
from apps.labeling.templates import LabelingTemplate, labeling_templates
from tests.exports.formats import expected
from tests.exports.formats.writing import members, problems, task, written

SAMPLES = Path(__file__).parents[3] / "apps" / "labeling" / "static"
OUTLINED = ("rectanglelabels", "polygonlabels", "ellipselabels")
Check = Callable[["Case"], None]


@dataclass(frozen=True)
class Case:
    """The labeled set of a template: a task with an answer, one with an empty answer, one that was skipped."""

    format: str
    template: LabelingTemplate

    @cached_property
    def config(self) -> LabelingConfig:
        return parse(self.template.config)

    @cached_property
    def data(self) -> dict[str, Any]:
        return self.template.task

    @cached_property
    def answer(self) -> list[dict[str, Any]]:
        return self.template.answer

    @cached_property
    def tasks(self) -> list[str]:
        skipped = {"id": 91, "was_cancelled": True, "result": []}
        return [
            task(self.data, self.answer, id=7), task(self.data, [], id=8), task(self.data, id=9, annotations=[skipped]),
        ]  # fmt: skip

    @cached_property
    def raw(self) -> bytes:
        return written(self.format, *self.tasks, config=self.config)

    @cached_property
    def files(self) -> dict[str, bytes]:
        return members(self.format, *self.tasks, config=self.config, media=_media)

    def shapes(self, *kinds: str) -> list[expected.Shape]:
        return expected.shapes(self.answer, *kinds)


def _media(address: str) -> list[bytes] | None:
    path = SAMPLES / address.removeprefix("/static/")
    return [path.read_bytes()] if path.is_file() else None


def _whole_tasks(case: Case) -> None:
    lines = (
        case.raw.splitlines() if case.format == "JSONL" else [json.dumps(row) for row in json.loads(case.raw)]
    )
    assert [json.loads(line) for line in lines] == [json.loads(text) for text in case.tasks]


def _directory(case: Case) -> None:
    documents = {name: json.loads(raw) for name, raw in case.files.items()}
    assert sorted(documents) == [*(f"completions/{number}.json" for number in (7, 8, 9)), "report.json"]
    kept = documents["completions/7.json"]
    assert (kept["data"], kept["completions"][0]["result"]) == (case.data, case.answer)


def _flat(case: Case) -> None:
    first, second = READERS[case.format](case)
    wanted = expected.row(case.config, case.data, case.answer)
    assert {key: first[key] for key in wanted} == wanted
    assert (first["id"], first["annotation_id"], first["lead_time"]) == (7, 70, 2.5)
    assert second["id"] == 8
    assert all(second.get(name) is None for name in case.config.controls)


def _json_rows(case: Case) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(case.raw)
    return rows


def _cells(case: Case, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with their JSON read; a text in the task or the answer stays one."""
    wanted = expected.row(case.config, case.data, case.answer)
    return [{key: _value(cell, wanted.get(key)) for key, cell in row.items()} for row in rows]


def _value(cell: Any, wanted: Any) -> Any:
    if cell in ("", None):
        return None
    if not isinstance(cell, str):
        return cell
    if isinstance(wanted, str):
        return cell[1:] if cell.startswith("'") and not wanted.startswith("'") else cell
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _delimited_rows(case: Case) -> list[dict[str, Any]]:
    delimiter = "," if case.format == "CSV" else "\t"
    return _cells(case, list(csv.DictReader(io.StringIO(case.raw.decode(), newline=""), delimiter=delimiter)))


def _sheet_rows(case: Case) -> list[dict[str, Any]]:
    workbook = openpyxl.load_workbook(io.BytesIO(case.raw), read_only=True)
    header, *rows = workbook["Tasks"].iter_rows(values_only=True)
    return _cells(case, [dict(zip(map(str, header), row, strict=True)) for row in rows])


def _arrow_rows(case: Case) -> list[dict[str, Any]]:
    table = pyarrow.parquet.read_table(io.BytesIO(case.raw))
    return _cells(case, table.to_pylist())


def _data_set_rows(case: Case) -> list[dict[str, Any]]:
    files = case.files
    features = json.loads(files["dataset_info.json"])["features"]
    table = pyarrow.parquet.read_table(io.BytesIO(files["data/train-00000-of-00001.parquet"]))
    assert table.column_names == list(features)
    header = yaml.safe_load(files["README.md"].split(b"---\n")[1])
    assert [feature["name"] for feature in header["dataset_info"]["features"]] == list(features)
    rows = table.to_pylist()
    for row in rows:
        for name, feature in features.items():
            if feature["_type"] == "ClassLabel" and row[name] is not None:
                row[name] = feature["names"][row[name]]
    return _cells(case, rows)


READERS: dict[str, Callable[[Case], list[dict[str, Any]]]] = {
    "JSON_MIN": _json_rows,
    "CSV": _delimited_rows,
    "TSV": _delimited_rows,
    "XLSX": _sheet_rows,
    "PARQUET": _arrow_rows,
    "HUGGINGFACE": _data_set_rows,
}


def _conll(case: Case) -> None:
    wanted = expected.texts(case.config, case.data, case.answer, "Labels")
    head, *blocks = case.raw.decode().strip("\n").split("\n\n")
    assert head == "-DOCSTART- -X- O"
    tokens = [[line.split(" ") for line in block.split("\n")] for block in blocks]
    assert len(tokens) == 2 * len(wanted)
    for text, lines in zip(wanted, tokens, strict=False):
        assert "".join(line[0] for line in lines) == "".join(text.text.split())
        spans: list[tuple[list[str], str]] = []
        for token, _, _, tag in lines:
            if tag.startswith("B-"):
                spans.append(([token], tag[2:]))
            elif tag.startswith("I-"):
                spans[-1][0].append(token)
        assert spans == [(piece.split(), "_".join(labels[0].split())) for piece, labels in text.pieces]


def _spacy(case: Case) -> None:
    wanted = expected.texts(case.config, case.data, case.answer, "Labels", "Choices")
    found = [json.loads(line) for line in case.raw.splitlines()]
    assert len(found) == 2 * len(wanted)
    for text, document in zip(wanted, found, strict=False):
        assert document["text"] == text.text
        pieces = [(text.text[start:end], label) for start, end, label in document["entities"]]
        assert pieces == [(piece, labels[0]) for piece, labels in text.pieces]
        assert {label for label, score in document.get("cats", {}).items() if score == 1.0} == text.choices


def _prodigy(case: Case) -> None:
    found = [json.loads(line) for line in case.raw.splitlines()]
    assert [line["answer"] for line in found] == ["accept"] * (2 * len(found) // 3) + ["ignore"] * (
        len(found) // 3
    )
    lines = [line for line in found if line["meta"]["task"] == 7]
    texts = expected.texts(case.config, case.data, case.answer, "Labels", "Choices")
    for text, line in zip(texts, (line for line in lines if "text" in line), strict=True):
        pieces = [(text.text[span["start"] : span["end"]], span["label"]) for span in line.get("spans", [])]
        assert pieces == [(piece, label) for piece, labels in text.pieces for label in labels]
        assert set(line.get("accept", [])) == text.choices
    spans = [span for line in lines if "image" in line for span in line.get("spans", [])]
    shapes = [(shape, label) for shape in case.shapes(*OUTLINED) for label in shape.labels]
    for (shape, label), span in zip(shapes, spans, strict=True):
        assert span["label"] == label
        assert _box(span["points"]) == pytest.approx(shape.box, rel=0.002, abs=0.5)


def _box(points: Any) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = numpy.min(points, axis=0), numpy.max(points, axis=0)
    return left, top, right, bottom


def _coco(case: Case) -> None:
    coco = COCO()
    coco.dataset = json.loads(case.files["result.json"])
    coco.createIndex()
    assert all(f"images/{picture['file_name']}" in case.files for picture in coco.dataset["images"])
    names = {category["id"]: category["name"] for category in coco.dataset["categories"]}
    found = sorted(coco.anns.values(), key=lambda entry: entry["id"])
    kinds = (*OUTLINED, "keypointlabels")
    shapes = [(shape, label) for shape in case.shapes(*kinds) for label in shape.labels]
    assert [names[entry["category_id"]] for entry in found if not _is_mask(entry)] == [
        label for _, label in shapes
    ]
    for (shape, _), entry in zip(shapes, (entry for entry in found if not _is_mask(entry)), strict=True):
        left, top, width, height = entry["bbox"]
        assert (left, top, left + width, top + height) == pytest.approx(shape.box, rel=0.002, abs=0.6)
        assert entry["area"] == pytest.approx(shape.area, rel=0.003)
        if shape.kind == "keypoint":
            assert entry["keypoints"][3 * _place(entry) :][:3] == pytest.approx(
                [*shape.points[0], 2], abs=0.001
            )
        elif entry["segmentation"]:
            assert coco.annToMask(entry).sum() == pytest.approx(shape.area, abs=width + height)
    masks = [entry for entry in found if _is_mask(entry)]
    assert len(masks) == sum(item["type"] == "brushlabels" for item in case.answer)
    assert all(coco.annToMask(entry).sum() == entry["area"] > 0 for entry in masks)


def _is_mask(entry: dict[str, Any]) -> bool:
    return isinstance(entry["segmentation"], dict)


def _place(entry: dict[str, Any]) -> int:
    return [*entry["keypoints"][2::3]].index(2)


def _voc(case: Case) -> None:
    documents = [etree.fromstring(raw) for name, raw in case.files.items() if name.startswith("Annotations/")]
    assert len(documents) == 2
    assert {f"images/{document.findtext('filename')}" for document in documents} <= set(case.files)
    shapes = [(shape, label) for shape in case.shapes(*OUTLINED) for label in shape.labels]
    found = documents[0].findall("object")
    assert [entry.findtext("name") for entry in found] == [label for _, label in shapes]
    for (shape, _), entry in zip(shapes, found, strict=True):
        box = [float(entry.findtext(f"bndbox/{side}") or "") for side in ("xmin", "ymin", "xmax", "ymax")]
        assert box == pytest.approx(shape.box, abs=1.1)


def _yolo(case: Case) -> None:
    classes = case.files["classes.txt"].decode().splitlines()
    assert list(yaml.safe_load(case.files["data.yaml"])["names"].values()) == classes
    pictures = [name for name in case.files if name.startswith("images/")]
    stems = [Path(name).stem for name in pictures]
    assert [f"labels/{stem}.txt" for stem in stems] == [
        name for name in case.files if name.startswith("labels/")
    ]
    with Image.open(io.BytesIO(case.files[pictures[0]])) as picture:
        size = picture.size
    shapes = [(shape, label) for shape in case.shapes(*OUTLINED) for label in shape.labels]
    lines = case.files[f"labels/{stems[0]}.txt"].decode().splitlines()
    assert [classes[int(line.split()[0])] for line in lines] == [label for _, label in shapes]
    for (shape, _), line in zip(shapes, lines, strict=True):
        numbers = numpy.array([float(part) for part in line.split()[1:]]).reshape(-1, 2) * size
        if case.format == "YOLO":
            (middle, extent) = numbers
            numbers = numpy.array([middle - extent / 2, middle + extent / 2])
        assert _box(numbers) == pytest.approx(shape.box, rel=0.002, abs=0.6)
        if case.format != "YOLO" and shape.kind == "rectangle":
            assert numbers == pytest.approx(shape.points, abs=0.01)
    assert case.files[f"labels/{stems[1]}.txt"] == b""


def _masks(case: Case) -> None:
    names = [name for name in case.files if name != "report.json"]
    assert len(names) == sum(item["type"] == "brushlabels" for item in case.answer)
    for name, item in zip(names, case.answer, strict=True):
        raw = io.BytesIO(case.files[name])
        mask = numpy.load(raw) if case.format == "BRUSH_TO_NUMPY" else numpy.asarray(Image.open(raw))
        assert mask.shape == (item["original_height"], item["original_width"])
        assert 0 < (mask > 0).sum() < mask.size
        assert item["value"]["brushlabels"][0] in name


def _speech(case: Case) -> None:
    said = [item["value"] for item in case.answer if item["type"] == "textarea"]
    lines = [json.loads(line) for line in case.files["manifest.json"].splitlines()]
    assert [line["text"] for line in lines] == [" ".join(value["text"]) for value in said]
    for line, value in zip(lines, said, strict=True):
        with soundfile.SoundFile(io.BytesIO(case.files[line["audio_filepath"]])) as sound:
            length = sound.frames / sound.samplerate
        part = value["end"] - value["start"] if "start" in value else length
        assert line["duration"] == pytest.approx(part, abs=1e-6)
        assert line.get("offset", 0) + line["duration"] <= length + 0.01
    assert problems(case.files) == []


def _timeline(case: Case) -> None:
    timed = [item for item in case.answer if "start" in item.get("value", {}) and "instant" in item["value"]]
    timed += [item for item in case.answer if "original_length" in item and item["type"] == "labels"]
    rows = list(csv.DictReader(io.StringIO(case.raw.decode())))
    assert [(row["control"], row["region"]) for row in rows] == [
        (item["from_name"], item["id"]) for item in timed
    ]
    for row, item in zip(rows, timed, strict=True):
        value = item["value"]
        assert (row["label"], row["task"], row["completion"]) == (value[item["type"]][0], "7", "70")
        assert [row["start"], row["end"]] == [
            part if isinstance(part, str) else json.dumps(part) for part in (value["start"], value["end"])
        ]


CHECKS: dict[str, Check] = {
    "JSON": _whole_tasks,
    "JSONL": _whole_tasks,
    **dict.fromkeys(READERS, _flat),
    "CONLL2003": _conll,
    "SPACY": _spacy,
    "PRODIGY": _prodigy,
    "COCO": _coco,
    "BRUSH_TO_COCO": _coco,
    "VOC": _voc,
    **dict.fromkeys(("YOLO", "YOLO_OBB", "YOLO_SEG"), _yolo),
    **dict.fromkeys(("BRUSH_TO_NUMPY", "BRUSH_TO_PNG"), _masks),
    "ASR_MANIFEST": _speech,
    "TIMELINE": _timeline,
    "COMPLETIONS": _directory,
}
FITTING = [
    (name, template.name)
    for name, entry in CATALOGUE.items()
    for template in labeling_templates().values()
    if entry.fits(parse(template.config)) is None
]


def test_every_format_fits_a_template_and_is_read_back():
    assert {name for name, _ in FITTING} == set(CATALOGUE) == set(CHECKS)


@pytest.mark.parametrize(("name", "template"), FITTING)
def test_what_is_exported_of_a_template_is_read_back(name: str, template: str):
    CHECKS[name](Case(name, labeling_templates()[template]))
