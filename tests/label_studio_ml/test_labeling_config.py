"""What a model is told of a labeling config."""

from __future__ import annotations

import pytest

from label_studio_ml import get_single_tag_keys
from label_studio_ml.errors import BadRequest
from label_studio_ml.labeling_config import parse
from tests.label_studio_ml.conftest import BOXES, CHOICES, LABELS


def test_the_parsed_structure_is_that_of_the_flask_era():
    assert parse(CHOICES).parsed == {
        "mood": {
            "type": "Choices",
            "to_name": ["text"],
            "inputs": [{"type": "Text", "valueType": None, "value": "text"}],
            "labels": ["Good", "Bad"],
            "labels_attrs": {"Good": {"value": "Good"}, "Bad": {"value": "Bad"}},
        }
    }


def test_a_label_goes_by_its_alias():
    config = parse(
        '<View><Text name="t" value="$t"/><Labels name="l" toName="t"><Label value="A" alias="a"/></Labels></View>'
    )
    assert list(config.controls["l"].labels) == ["a"]


def test_nested_choices_are_labels_of_the_control_around_them():
    tree = '<Taxonomy name="x" toName="t"><Choice value="A"><Choice value="B"/></Choice></Taxonomy>'
    config = parse(f'<View><Text name="t" value="$t"/>{tree}</View>')
    assert list(config.controls["x"].labels) == ["A", "B"]


def test_a_control_may_be_about_several_objects():
    config = parse(
        '<View><Text name="a" value="$a"/><Text name="b" value="$b"/><Pairwise name="p" toName="a,b"/></View>'
    )
    assert config.controls["p"].to_names == ("a", "b")
    assert [shown["value"] for shown in config.parsed["p"]["inputs"]] == ["a", "b"]


def test_a_control_without_a_target_is_about_the_only_object():
    config = parse('<View><Text name="t" value="$t"/><TextArea name="note"/></View>')
    assert config.controls["note"].to_names == ("t",)


def test_a_filter_asks_nothing():
    config = parse('<View><Filter name="f" toName="l"/><Text name="t" value="$t"/></View>')
    assert config.controls == {}


def test_the_first_fitting_control_is_found():
    assert parse(LABELS).get_first_tag_occurence("Labels", "Text") == ("label", "text", "text")
    assert parse(BOXES).get_first_tag_occurence(("Rectangle", "RectangleLabels"), "Image") == (
        "box",
        "image",
        "image",
    )


def test_a_config_without_such_a_control_says_what_it_has():
    with pytest.raises(BadRequest, match=r'no Choices about Text; it has Labels "label" about text'):
        parse(LABELS).get_first_tag_occurence("Choices", "Text")


def test_the_only_control_is_returned_with_its_labels():
    assert get_single_tag_keys(parse(CHOICES).parsed, "Choices", "Text") == (
        "mood",
        "text",
        "text",
        ["Good", "Bad"],
    )


@pytest.mark.parametrize(
    ("control", "shown", "message"),
    [("Labels", "Text", '"mood" is a Choices'), ("Choices", "Image", "asks about Text")],
    ids=["control", "object"],
)
def test_another_control_or_object_than_wanted_is_said(control, shown, message):
    with pytest.raises(BadRequest, match=message):
        get_single_tag_keys(parse(CHOICES).parsed, control, shown)


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<View", "no XML"),
        ('<!DOCTYPE a [<!ENTITY e "x">]><View>&e;</View>', "document type declaration"),
        ("<View>" + "x" * 1_000_000 + "</View>", "at most 1000000"),
        ("<View>\x00</View>", "no XML"),
    ],
    ids=["broken", "dtd", "long", "nul"],
)
def test_what_is_no_labeling_config_is_refused(xml, message):
    with pytest.raises(BadRequest, match=message):
        parse(xml)


def test_an_empty_config_asks_nothing():
    assert parse(" ").parsed == {}
