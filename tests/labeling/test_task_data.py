"""A task must hold what its labeling config shows: each key, and the right kind of value."""

from __future__ import annotations

import pytest

from apps.labeling.config import parse
from apps.labeling.task_data import validate_task


def problems(tag: str, value: object) -> list[str]:
    return validate_task(parse(f"<View>{tag}</View>"), {"v": value})


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ('<Text name="a" value="$v"/>', "text"),
        ('<Text name="a" value="$v"/>', 3.5),
        ('<Text name="a" value="$v.b.0"/>', {"b": ["first"]}),
        ('<Text name="a" value="About $v"/>', "x"),
        ('<Image name="a" value="$v"/>', "s3://bucket/photo.jpg"),
        ('<Image name="a" value="https://example.com/photo.jpg"/>', None),
        ('<Paragraphs name="a" value="$v"/>', [{"author": "Maya", "text": "Hello"}]),
        ('<Paragraphs name="a" value="$v" nameKey="n" textKey="s"/>', [{"n": "Maya", "s": "Hello"}]),
        ('<Paragraphs name="a" value="$v" valueType="url"/>', "/dialogue.json"),
        ('<TimeSeries name="a" value="$v"><Channel column="x"/></TimeSeries>', "/series.csv"),
        (
            '<TimeSeries name="a" value="$v" valueType="json" timeColumn="T"><Channel column="x"/></TimeSeries>',
            {"t": [1], "x": [2]},
        ),
        ('<Table name="a" value="$v"/>', {"Item": "Lamp"}),
        ('<List name="a" value="$v" elementValue="$text"/>', [{"text": "One"}]),
        ('<Header value="$v"/>', "Title"),
        ('<Header value="Costs $9"/>', None),
    ],
)
def test_what_a_tag_can_show_passes(tag, value):
    assert problems(tag, value) == []


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        ('<Text name="a" value="$v"/>', None, ['"v" must be a text for <Text name="a">, not null']),
        ('<Text name="a" value="$v"/>', ["x"], ['"v" must be a text for <Text name="a">, not a list']),
        ('<Text name="a" value="$v.b"/>', {}, ['the key "v.b" is missing, which <Text name="a"> shows']),
        ('<Text name="a" value="$v.1"/>', ["x"], ['the key "v.1" is missing, which <Text name="a"> shows']),
        ('<Header value="$w"/>', "x", ['the key "w" is missing, which <Header> shows']),
        (
            '<Text name="a" value="$v" valueType="url"/>',
            "line\nline",
            ['"v" must be an address for <Text name="a">, but is a text of several lines'],
        ),
        (
            '<Image name="a" value="$v"/>',
            ["x.jpg"],
            ['"v" must be an address for <Image name="a">, not a list'],
        ),
        ('<Image name="a" value="$v"/>', " ", ['"v" must be an address for <Image name="a">, but is empty']),
        (
            '<Paragraphs name="a" value="$v"/>',
            "Hello",
            ['"v" must be a list of paragraphs for <Paragraphs name="a">, not a text'],
        ),
        (
            '<Paragraphs name="a" value="$v"/>',
            [],
            ['"v" must be a list of paragraphs for <Paragraphs name="a">, but is empty'],
        ),
        (
            '<Paragraphs name="a" value="$v"/>',
            [{"author": "Maya"}, 3],
            [
                '"v[0]" lacks the key "text" for <Paragraphs name="a">',
                '"v[1]" must be an object for <Paragraphs name="a">, not a number',
            ],
        ),
        (
            '<TimeSeries name="a" value="$v" valueType="json" timeColumn="t"><Channel column="x"/></TimeSeries>',
            {"t": [1, 2], "y": [1]},
            [
                '"v" lacks the column "x" for <TimeSeries name="a">',
                'the columns of "v" must be of one length for <TimeSeries name="a">, not from 1 to 2',
            ],
        ),
        ('<Table name="a" value="$v"/>', "x", ['"v" must be an object for <Table name="a">, not a text']),
    ],
)
def test_what_a_tag_cannot_show_is_said(tag, value, expected):
    assert problems(tag, value) == expected


def test_a_key_with_a_dot_comes_before_levels():
    config = parse('<View><Text name="a" value="$b.c"/></View>')
    assert validate_task(config, {"b.c": "text"}) == []
