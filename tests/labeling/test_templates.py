"""The templates as data: complete, valid, and shown by the API and in the docs as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from PIL import Image
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.labeling.results import result_warnings
from apps.labeling.task_data import validate_task
from apps.labeling.templates import (
    GROUPS,
    LabelingTemplate,
    find_template,
    labeling_templates,
    template_synonyms,
)
from apps.labeling.validation import inspect, validate
from tests.cast import Cast
from tests.gallery import SAMPLES
from tests.gallery.page import PAGE, page

ApiOf = Callable[[User | None], APIClient]
TEMPLATES = labeling_templates()
# What --template of the Flask era knew, and what its documentation called some of them.
OLD_NAMES = """
    adv_layouts_columns2 adv_layouts_columns3 adv_layouts_long_text adv_layouts_sticky_header
    adv_layouts_sticky_left_column adv_nested_2level adv_nested_3level adv_nested_conditional adv_other_filter
    adv_other_pairwise adv_other_relations adv_other_table adv_other_table2 adv_region_image adv_region_text
    adv_region_trans adv_text_classification audio_classification audio_diarization audio_emotions audio_trans_region
    audio_transcribe html_chatbot html_classification html_dialogues html_document html_pdf html_video
    html_video_timeline html_website image_bbox image_bbox_coco image_brushes image_circular image_classification
    image_keypoints image_mixedlabel image_multi_class image_polygons starter text_alignment text_classification
    text_multi_class text_named_entity text_summarization text_taxonomy ts_classification ts_loading_csv
    ts_loading_csv_notime ts_loading_headless ts_loading_json ts_multi_step ts_rel_between_channels ts_rel_text
    ts_segmentation
    audio_regions dialogue_analysis image_ellipse image_segmentation named_entity pairwise_comparison
    sentiment_analysis time_series transcribe_audio video_classification
""".split()  # noqa: SIM905

each_template = pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))


@each_template
def test_nothing_is_wrong_with_the_config_and_the_sample_task_fits_it(template: LabelingTemplate) -> None:
    verdict = inspect(template.config)

    assert (verdict.problems, verdict.warnings) == ([], [])
    assert validate_task(validate(template.config), template.task) == []


@each_template
def test_people_are_told_what_it_is_for(template: LabelingTemplate) -> None:
    assert template.group in GROUPS
    assert 3 <= len(template.title) <= 40
    assert template.description.endswith((".", "?"))
    assert 20 <= len(template.description) <= 200


@each_template
def test_the_sample_task_shows_only_files_that_are_shipped(template: LabelingTemplate) -> None:
    addresses = re.findall(r"(?:https?:)?//[^\s\"'<>]+|/static/[\w./-]+", str(template.task))

    assert [address for address in addresses if not finders.find(address.removeprefix("/static/"))] == []


@each_template
def test_the_sample_answer_fits_config_and_task(template: LabelingTemplate) -> None:
    assert template.answer
    assert result_warnings(validate(template.config), template.answer, template.task) == []


@each_template
def test_a_small_picture_shows_it(template: LabelingTemplate) -> None:
    path = finders.find(template.picture)

    assert isinstance(path, str), "make template-pictures"
    assert Path(path).stat().st_size < 40_000
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("WEBP", (480, 300))


def test_no_picture_is_left_of_a_template_that_is_gone() -> None:
    pictures = {path.stem for path in (SAMPLES.parent / "template_pictures").iterdir()}

    assert pictures == set(TEMPLATES)


def test_all_sample_files_together_are_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 1_500_000


@pytest.mark.parametrize("name", OLD_NAMES)
def test_every_name_of_the_flask_era_finds_a_template(name: str) -> None:
    assert find_template(name) is not None


def test_names_and_synonyms_are_unique() -> None:
    synonyms = [name for template in TEMPLATES.values() for name in template.synonyms]

    assert len(synonyms) == len(set(synonyms))
    assert set(synonyms) & set(TEMPLATES) == set()
    assert set(template_synonyms()) == set(synonyms)


def test_templates_are_sorted_by_the_shelves_of_the_gallery() -> None:
    shelves = [GROUPS.index(template.group) for template in TEMPLATES.values()]

    assert shelves == sorted(shelves)
    assert set(shelves) == set(range(len(GROUPS)))


def test_the_docs_list_the_templates_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make template-page"


def test_the_api_lists_all_templates(cast: Cast, api: ApiOf) -> None:
    listed: list[dict[str, Any]] = api(cast.annotator).get("/api/templates/").json()

    assert [row["name"] for row in listed] == list(TEMPLATES)
    [row] = [row for row in listed if row["name"] == "image_bbox"]
    template = TEMPLATES["image_bbox"]
    assert row == {
        "name": "image_bbox",
        "title": "Bounding boxes",
        "description": template.description,
        "group": "Images",
        "synonyms": ["object_detection"],
        "picture": "/static/template_pictures/image_bbox.webp",
        "config": template.config,
        "task": {"image": "/static/samples/photo.jpg"},
    }


def test_the_api_finds_a_template_by_a_synonym(cast: Cast, api: ApiOf) -> None:
    assert api(cast.annotator).get("/api/templates/named_entity").json()["name"] == "text_named_entity"


def test_an_unknown_name_is_not_found(cast: Cast, api: ApiOf) -> None:
    answer = api(cast.annotator).get("/api/templates/no_such")

    assert answer.status_code == 404
    assert "no_such" in answer.json()["detail"]
