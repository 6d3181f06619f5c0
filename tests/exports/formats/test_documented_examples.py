"""docs/export.md has a section for every format; the examples of texts are what is written of one task."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apps.exports.formats import CATALOGUE
from tests.exports.formats.writing import TEXT, mood, span, task, written

GUIDE = (Path(__file__).parents[3] / "docs" / "export.md").read_text()
SECTION = re.compile(r"^### [^\n]+ \(`([A-Z0-9_]+)`\)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall(GUIDE + "\n##"))
TASK = task({"text": "Ada lived in London."}, [span(0, 3, "PER"), span(13, 19, "LOC"), mood("good")])
SHOWN = ("JSON_MIN", "CSV", "TSV", "CONLL2003", "SPACY", "PRODIGY")


def test_every_format_has_a_section():
    assert list(SECTIONS) == list(CATALOGUE)


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_is_what_is_written(name):
    [block] = re.findall(r"^```text\n(.*?)^```$", SECTIONS[name], re.MULTILINE | re.DOTALL)
    assert block.strip() == written(name, TASK, config=TEXT).decode().strip()
