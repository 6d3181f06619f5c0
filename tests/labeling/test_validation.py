"""Everything that is wrong with a labeling config is said at once, with its place, in words for managers."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.labeling.config import ConfigError, parse
from apps.labeling.results import check_result_shape
from apps.labeling.tags import registry
from apps.labeling.task_data import validate_task
from apps.labeling.validation import validate

NER = """
<View>
  <Labels name="label" toName="text">
    <Label value="Person" hotkey="p"/>
    <Label value="Place" alias="LOC"/>
  </Labels>
  <Text name="text" value="$body.text"/>
</View>
"""


def problems_of(xml: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        validate(xml)
    return [str(problem) for problem in caught.value.problems]


def test_a_config_is_read_into_controls_objects_and_variables():
    config = validate(NER)
    assert list(config.variables) == ["body"]
    assert config.parsed == {
        "label": {
            "type": "Labels",
            "to_name": ["text"],
            "inputs": [{"type": "Text", "valueType": None, "value": "body.text"}],
            "labels": ["Person", "LOC"],
            "labels_attrs": {
                "Person": {"value": "Person", "hotkey": "p"},
                "LOC": {"value": "Place", "alias": "LOC"},
            },
        }
    }


def test_an_empty_config_asks_nothing():
    assert parse("").parsed == {}


def test_all_problems_are_said_at_once_in_the_order_of_their_lines():
    xml = """<View>
  <Txt name="a" value="$a"/>
  <Text name="b" value="$b"/>
  <Choices name="b" toName="c"><Choice/></Choices>
  <Image name="d"/>
</View>"""
    assert problems_of(xml) == [
        "<Txt> is no tag of the editor. Did you mean <Text>? (line 2, column 3)",
        'The name "b" is taken by <Text> of line 3; names must be unique. (line 4, column 12)',
        '<Choices> points to "c", but no tag has that name. (line 4, column 21)',
        '<Choice> needs the attribute value, as in <Choice value="Person"/>. (line 4, column 32)',
        '<Image> needs the attribute value, as in <Image value="$image"/>. (line 5, column 3)',
    ]


def test_a_misspelt_name_brings_the_nearest_one():
    xml = '<View><Text name="text" value="$t"/><Rating name="r" toName="txt"/></View>'
    assert problems_of(xml) == [
        '<Rating> points to "txt", but no tag has that name. Did you mean "text"? (line 1, column 54)'
    ]


def test_a_control_may_not_point_to_another_control():
    xml = '<View><Text name="t" value="$t"/><Rating name="a" toName="t"/><Rating name="b" toName="a"/></View>'
    assert problems_of(xml) == [
        '<Rating> points to "a", which is a <Rating>, not an object. (line 1, column 80)'
    ]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("", "is empty"),
        ("hello", "is not XML"),
        ("<View><Text></View>", "is not XML"),
        ('<View a="1" a="2"/>', "is not XML"),
    ],
)
def test_what_is_no_xml_is_refused(xml, expected):
    assert expected in problems_of(xml)[0]


def test_broken_xml_is_refused_with_line_and_column():
    assert "(line 2, column" in problems_of("<View>\n<Text</View>")[0]


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><View>&b;</View>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><View><Header value="&f;"/></View>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><View/>',
        "<View>" * 1_000 + "</View>" * 1_000,
        "<View>" + "<Header/>" * 60_000 + "</View>",
        "<View>" + " " * 2_000_000 + "</View>",
    ],
)
def test_hostile_xml_is_refused_at_once(xml):
    started = time.thread_time()
    assert len(problems_of(xml)) == 1
    assert time.thread_time() - started < 0.5


@given(st.text(max_size=200))
def test_no_text_makes_the_validator_crash(text):
    with suppress(ConfigError):
        validate(text)


@given(st.sampled_from(sorted(registry())), st.text(max_size=20))
def test_no_attribute_value_makes_the_validator_crash(tag, value):
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    with suppress(ConfigError):
        validate(f'<View><{tag} name="{escaped}" toName="{escaped}" value="{escaped}"/></View>')


def test_a_task_must_have_each_variable():
    config = validate(NER)
    assert validate_task(config, {"body": {"text": "x"}}) == []
    assert validate_task(config, {"other": 1}) == [
        'the key "body" is missing, which <Text name="text"> shows'
    ]
    assert validate_task(config, [1]) == ["the task's data must be an object, not a list"]


def test_an_image_must_be_an_address():
    config = validate('<View><Image name="i" value="$image"/><Rating name="r" toName="i"/></View>')
    assert validate_task(config, {"image": 5}) == [
        '"image" must be an address for <Image name="i">, not a number'
    ]


@pytest.mark.parametrize(
    ("result", "problems"),
    [
        ([], []),
        ([{"id": "a"}], []),
        ("text", ["result must be a list of objects, not a text"]),
        (None, ["result must be a list of objects, not null"]),
        (
            [{}, 1, None],
            ["result[1] must be an object, not a number", "result[2] must be an object, not null"],
        ),
    ],
)
def test_a_result_is_a_list_of_objects(result, problems):
    assert check_result_shape(result) == problems
