"""docs/export.md has a table and a section of every format; its examples are what is written of these tasks."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.exports.formats import CATALOGUE
from apps.labeling.config import LabelingConfig, parse
from tests.exports.formats.test_brushes import CONFIG as BRUSHES
from tests.exports.formats.test_other_formats import WHOLE, speech, wav
from tests.exports.formats.test_pictures import packed
from tests.exports.formats.writing import IMAGE, SOUND, TEXT, box, members, mood, shape, span, task, written

GUIDE = (Path(__file__).parents[3] / "docs" / "export.md").read_text()
SECTION = re.compile(r"^### [^\n]+ \(`([A-Z0-9_]+)`\)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall(GUIDE + "\n##"))
BLOCK = re.compile(r"(?:^`([^`\n]+)`:\n)?^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| \[`([A-Z0-9_]+)`\]\(#[^)]+\) \| (\w+) \| (.+?) \| (✓?) ?\|$", re.MULTILINE)

LABELED_TEXT = task({"text": "Ada lived in London."}, [span(0, 3, "PER"), span(13, 19, "LOC"), mood("good")])
PICTURES = parse(
    '<View><Image name="image" value="$image"/>'
    '<RectangleLabels name="box" toName="image"><Label value="cat"/><Label value="dog"/></RectangleLabels>'
    '<PolygonLabels name="shape" toName="image"><Label value="lawn"/></PolygonLabels></View>'
)
LABELED_PICTURE = task(
    {"image": "/data/upload/1/photo.jpg"},
    [box(10, 20, 30, 40, "dog"), box(50, 50, 20, 10, "cat", rotation=90, id="s"),
     shape("shape", {"points": [[0, 50], [100, 50], [50, 100]]}, "lawn", id="t")],
)  # fmt: skip
PAINTED = task(
    {"image": "/data/upload/1/photo.jpg"},
    [shape("brush", {"format": "rle", "rle": packed([0, 255, 255, 0, 128, 0])}, "Cat", size=(3, 2))
     | {"from_name": "mask"}],
)  # fmt: skip
LABELED_SOUND = task({"audio": "/data/upload/1/talk.wav"}, [WHOLE, *speech(1, 2.5, "A", "Hello.", "x")])
EXAMPLES: dict[str, tuple[LabelingConfig, str]] = {
    **dict.fromkeys(CATALOGUE, (TEXT, LABELED_TEXT)),
    **dict.fromkeys(("COCO", "VOC", "YOLO", "YOLO_OBB", "YOLO_SEG"), (PICTURES, LABELED_PICTURE)),
    **dict.fromkeys(("BRUSH_TO_NUMPY", "BRUSH_TO_PNG", "BRUSH_TO_COCO"), (BRUSHES, PAINTED)),
    **dict.fromkeys(("ASR_MANIFEST", "TIMELINE"), (SOUND, LABELED_SOUND)),
}
SHOWN = [(name, member, block) for name, text in SECTIONS.items() for member, block in BLOCK.findall(text)]


@cache
def text_of(name: str) -> str:
    """Return the example of a format that is one file."""
    config, labeled = EXAMPLES[name]
    return written(name, labeled, config=config).decode()


@cache
def archive_of(name: str) -> dict[str, bytes]:
    """Return the files of the example of a format that is an archive, with the media."""
    config, labeled = EXAMPLES[name]
    return members(name, labeled, config=config, media=lambda address: [wav(12.5)])


def without_facts(document: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON file without what changes from day to day."""
    return {key: value for key, value in document.items() if key != "info"}


def test_every_format_has_a_section_that_begins_with_its_description():
    assert list(SECTIONS) == list(CATALOGUE)
    assert {name: text.splitlines()[0] for name, text in SECTIONS.items()} == {
        name: entry.description for name, entry in CATALOGUE.items()
    }


def test_the_table_says_what_each_format_needs():
    nothing = parse("")
    assert ROW.findall(GUIDE) == [
        (
            name,
            entry.extension,
            (entry.fits(nothing) or "any config").removeprefix("needs "),
            "✓" if entry.holds_media else "",
        )
        for name, entry in CATALOGUE.items()
    ]


def test_every_format_that_is_text_has_an_example():
    binary = {"XLSX", "PARQUET"}
    assert {name for name, _, _ in SHOWN} == set(CATALOGUE) - binary


@pytest.mark.parametrize(
    ("name", "member", "block"),
    [pytest.param(*shown, id=f"{shown[0]} {shown[1]}".strip()) for shown in SHOWN],
)
def test_an_example_is_what_is_written(name: str, member: str, block: str):
    if CATALOGUE[name].extension != "zip":
        assert block.strip() == text_of(name).strip()
    elif not member:
        assert block.split() == list(archive_of(name))
    elif member == "result.json":
        assert without_facts(json.loads(block)) == without_facts(json.loads(archive_of(name)[member]))
    else:
        assert block.strip() == archive_of(name)[member].decode().strip()


def test_the_report_is_as_it_is_shown():
    [block] = re.findall(r"^```json\n(\{\"exported\".*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    labeled = [box(1, 1, 0, 5), box(1, 1, 2, 2, id="good")]
    files = members(
        "YOLO", task({"image": "/a.jpg"}, labeled, id=7), task({"image": "/b.jpg"}, [], id=8), config=IMAGE
    )
    assert json.loads(block) == json.loads(files["report.json"])
