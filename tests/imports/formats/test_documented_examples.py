"""docs/import.md shows an example of every format, and each becomes the tasks that stand below it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from apps.imports.formats import CATALOGUE, detect
from apps.labeling.config import parse
from tests.imports.formats.reading import values_of

GUIDE = (Path(__file__).parents[3] / "docs" / "import.md").read_text()
SECTION = re.compile(
    r"^### [^\n]+ \(`(?P<name>[A-Z0-9_]+)`\)\n(?P<body>.*?)(?=^##)", re.MULTILINE | re.DOTALL
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = {found["name"]: found["body"] for found in SECTION.finditer(GUIDE + "\n##")}
CONFIGS = [
    parse(content) for language, content in BLOCK.findall(GUIDE) if language == "xml" and "<View>" in content
]


def test_every_format_has_a_section():
    assert sorted(SECTIONS) == sorted(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_example_becomes_the_tasks_below_it(name):
    entry = CATALOGUE[name]
    blocks = BLOCK.findall(SECTIONS[name])
    if isinstance(entry.example, str):
        assert blocks[0][1] == entry.example
    raw = entry.example.encode() if isinstance(entry.example, str) else entry.example
    about_images = name in ("COCO", "VOC", "YOLO", "MEDIA")
    rows = values_of(raw, f"example.{entry.extensions[0]}", config=CONFIGS[1 if about_images else 0])
    assert [json.loads(line) for line in blocks[-1][1].splitlines()] == rows


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - {"YOLO", "HUGGINGFACE"}))
def test_an_example_is_told_by_its_content(name):
    entry = CATALOGUE[name]
    raw = entry.example.encode() if isinstance(entry.example, str) else entry.example
    expected = "COMPRESSED" if name == "TAR" else name  # its example is compressed
    assert detect(f"example.{entry.extensions[0]}", raw).name == expected
    assert entry.description.endswith(".")
    assert entry.content_types
