"""The registry of tags is whole, feeds the page's code completion, and is what the document says."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from apps.labeling.tags import find_tag, registry, registry_document, tags_of
from apps.labeling.task_data import validate_task
from apps.labeling.validation import inspect

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "labeling-config.md"
EXAMPLES = re.findall(r"```xml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def test_the_document_is_up_to_date():
    call_command("write_tag_table", "--check")


def test_an_outdated_document_is_told_and_written_anew(tmp_path):
    file = tmp_path / "tags.md"
    file.write_text("a\n<!-- tags: begin (manage.py write_tag_table) -->\nOUTDATED\n<!-- tags: end -->\nb\n")
    with pytest.raises(CommandError, match="out of date"):
        call_command("write_tag_table", "--check", "--file", str(file))
    call_command("write_tag_table", "--file", str(file))
    text = file.read_text()
    assert text.startswith("a\n")
    assert text.endswith("\nb\n")
    assert "OUTDATED" not in text


def test_a_document_without_marks_is_left_alone(tmp_path):
    file = tmp_path / "tags.md"
    file.write_text("nothing")
    with pytest.raises(CommandError, match="needs the lines"):
        call_command("write_tag_table", "--file", str(file))
    assert file.read_text() == "nothing"


@pytest.mark.parametrize("xml", EXAMPLES)
def test_the_examples_of_the_document_are_right(xml):
    verdict = inspect(xml)
    assert (verdict.problems, verdict.warnings) == ([], [])


def test_the_document_has_examples():
    assert len(EXAMPLES) == 5


def test_tags_refer_to_tags_that_exist():
    for tag in registry().values():
        named = {*(tag.contains or ()), *tag.inside, *tag.works_on, *filter(None, [tag.option])} - {"whole"}
        assert named <= registry().keys(), tag.name


def test_every_tag_and_attribute_is_explained_in_a_sentence():
    for tag in registry().values():
        assert tag.about.endswith("."), tag.name
        for attribute in tag.public_attributes:
            assert attribute.about.endswith((".", ")")), f"{tag.name} {attribute.name}"


def test_every_control_tells_what_it_gives_and_works_on():
    for tag in tags_of("control"):
        assert tag.result, tag.name
        assert tag.works_on, tag.name


def test_every_object_tells_what_it_shows():
    assert [tag.name for tag in tags_of("object") if not tag.data] == []


def test_tags_are_found_in_any_case_as_the_editor_finds_them():
    assert find_tag("rectanglelabels") is registry()["RectangleLabels"]
    assert find_tag("rectangles") is None


def test_code_completion_gets_the_public_part():
    document = registry_document()
    assert orjson.loads(orjson.dumps(document)) == document
    rating = document["tags"]["Rating"]
    assert rating["attributes"]["maxRating"] == {
        "type": "number",
        "values": [],
        "default": "5",
        "required": False,
        "about": "How many stars there are.",
    }
    assert "rating" not in rating["attributes"]


def test_the_documents_first_example_shows_the_documents_task():
    config = inspect(EXAMPLES[0]).config
    assert config is not None
    assert validate_task(config, {"text": "Hello"}) == []
