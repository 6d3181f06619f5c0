"""How a result does not fit its labeling config, or its task, is said with JSON paths."""

from __future__ import annotations

from typing import Any

import pytest

from apps.labeling.config import parse
from apps.labeling.kinds import is_number
from apps.labeling.results import fill_paragraph_texts, result_warnings

QUESTIONS = parse("""<View>
  <Text name="t" value="$text"/>
  <Choices name="mood" toName="t" required="true"><Choice value="Glad" alias="G"/><Choice value="Sad"/></Choices>
  <Choices name="many" toName="t" choice="multiple"><Choice value="A"/><Choice value="B"/></Choices>
  <Taxonomy name="tree" toName="t"><Choice value="Animal"><Choice value="Cat"/></Choice></Taxonomy>
  <Rating name="stars" toName="t" maxRating="3"/><Number name="count" toName="t" min="1" max="9"/>
  <TextArea name="words" toName="t" maxSubmissions="2"/>
  <Labels name="span" toName="t"><Label value="Person"/></Labels>
  <Relations><Relation value="owns"/></Relations>
</View>""")

PICTURE = parse("""<View>
  <Image name="i" value="$image"/>
  <RectangleLabels name="box" toName="i"><Label value="Car"/><Label value="Sign"/></RectangleLabels>
  <EllipseLabels name="round" toName="i"><Label value="Car"/></EllipseLabels>
  <PolygonLabels name="outline" toName="i"><Label value="Car"/></PolygonLabels>
  <KeyPointLabels name="point" toName="i"><Label value="Car"/></KeyPointLabels>
  <BrushLabels name="paint" toName="i"><Label value="Car"/></BrushLabels>
  <TextArea name="reading" toName="i" perRegion="true" required="true" whenLabelValue="Sign"/>
</View>""")

DIALOGUE = parse("""<View>
  <Paragraphs name="talk" value="$turns" nameKey="who" textKey="said"/>
  <ParagraphLabels name="act" toName="talk"><Label value="Question"/></ParagraphLabels>
</View>""")
TURNS = {"turns": [{"who": "Maya", "said": "Well 🎉 hello"}, {"who": "Tom", "said": "Good morning"}]}

MOOD = {"id": "m", "from_name": "mood", "to_name": "t", "type": "choices", "value": {"choices": ["G"]}}


def answer(name: str, kind: str, **value: object) -> dict[str, object]:
    return {"id": name, "from_name": name, "to_name": "t", "type": kind, "value": value}


def marked(name: str, kind: str, **value: object) -> dict[str, object]:
    return {"id": name, "from_name": name, "to_name": "i", "type": kind, "value": {kind: ["Car"], **value}}


@pytest.mark.parametrize(
    ("item", "warnings"),
    [
        (MOOD, []),
        (answer("mood", "choices", choices=["Glad"]), []),
        (answer("mood", "choices", choices=["Angry"]), ['.value.choices[0]: "mood" does not offer "Angry"']),
        (answer("mood", "choices", choices=["G", "Sad"]), ['.value.choices: "mood" takes one answer, not 2']),
        (answer("mood", "choices", choices="G"), [".value.choices: must be a list, not a text"]),
        (answer("mood", "choices", choices=[]), [".value.choices: is empty"]),
        (answer("mood", "choices"), [".value.choices: is missing"]),
        (answer("mood", "rating", rating=1), ['.type: "mood" gives choices, not "rating"']),
        ({**MOOD, "to_name": "u"}, ['.to_name: "mood" is not about "u"']),
        ({**MOOD, "value": 3}, [".value: must be an object, not a number"]),
    ],
)
def test_an_answer_is_one_that_its_control_offers(item, warnings):
    assert result_warnings(QUESTIONS, [item]) == [f"result[0]{warning}" for warning in warnings]


@pytest.mark.parametrize(
    ("item", "warnings"),
    [
        (answer("many", "choices", choices=["A", "B"]), []),
        (answer("tree", "taxonomy", taxonomy=[["Animal"], ["Animal", "Cat"]]), []),
        (answer("tree", "taxonomy", taxonomy=[["Cat"]]), ['.value.taxonomy[0]: "tree" does not offer "Cat"']),
        (
            answer("tree", "taxonomy", taxonomy=["Cat"]),
            [".value.taxonomy[0]: must be a list of texts, from the top down"],
        ),
        (answer("stars", "rating", rating=3), []),
        (answer("stars", "rating", rating=4), ['.value.rating: "stars" takes 0 to 3, not 4']),
        (answer("stars", "rating", rating=True), [".value.rating: must be a number, not true or false"]),
        (answer("count", "number", number=0), ['.value.number: "count" takes 1 or more, not 0']),
        (answer("count", "number", number=10), ['.value.number: "count" takes 9 or less, not 10']),
        (answer("words", "textarea", text=["one", "two"]), []),
        (answer("words", "textarea", text="one"), []),
        (answer("words", "textarea", text=["a", "b", "c"]), ['.value.text: "words" takes 2 texts, not 3']),
        (answer("words", "textarea", text=[1]), [".value.text[0]: must be a text, not a number"]),
        (answer("span", "labels", labels=["Person"], start=0, end=3), []),
        (
            answer("span", "labels", labels=["Person"], start=1, end=9),
            [".value.end: lies outside the text of 3 characters: 9"],
        ),
        (
            answer("span", "labels", labels=["Person"], start=2, end=1),
            [".value.end: comes before the start: 1 is less than 2"],
        ),
        (answer("span", "labels", labels=["Person"], end=1), [".value.start: is missing"]),
        (
            answer("gone", "choices", choices=["A"]),
            ['.from_name: no control of the labeling config is named "gone"'],
        ),
    ],
)
def test_every_kind_of_answer_is_judged(item, warnings):
    found = result_warnings(QUESTIONS, [MOOD, item], {"text": "abc"})
    assert found == [f"result[1]{warning}" for warning in warnings]


def test_a_required_answer_is_missed():
    assert result_warnings(QUESTIONS, []) == ['result: the required answer to "mood" is missing']


def test_a_required_answer_is_not_missed_where_the_question_may_not_be_shown():
    config = parse("""<View><Text name="t" value="$t"/><View visibleWhen="region-selected">
      <TextArea name="why" toName="t" required="true"/></View></View>""")
    assert result_warnings(config, []) == []


def test_offsets_count_as_browsers_do():
    item = answer("span", "labels", labels=["Person"], start=0, end=2)
    assert result_warnings(QUESTIONS, [MOOD, item], {"text": "🎉"}) == []


@pytest.mark.parametrize(
    ("item", "warnings"),
    [
        (marked("box", "rectanglelabels", x=0, y=0, width=100, height=100.4), []),
        (
            marked("box", "rectanglelabels", x=60, y=0, width=50, height=10),
            [".value.width: reaches to 110 percent, over the edge of the picture"],
        ),
        (
            marked("box", "rectanglelabels", x=-5, y=0, width=50, height=10),
            [".value.x: must be from 0 to 100 percent, not -5"],
        ),
        (marked("box", "rectanglelabels", x=95, y=0, width=20, height=10, rotation=90), []),
        (marked("box", "rectanglelabels", x="1", y=0, width=2), [".value.x: must be a number, not a text",
                                                                 ".value.height: is missing"]),
        (marked("round", "ellipselabels", x=50, y=50, radiusX=9, radiusY=9), []),
        (
            marked("round", "ellipselabels", x=50, y=50, radiusX=900, radiusY=9),
            [".value.radiusX: must be from 0 to 100 percent, not 900"],
        ),
        (marked("outline", "polygonlabels", points=[[1, 2], [3, 4], [5, 6]]), []),
        (
            marked("outline", "polygonlabels", points=[[1, 2], [3, 400], [5]]),
            [
                ".value.points[1]: must be from 0 to 100 percent, not 3, 400",
                ".value.points[2]: must be a list of two numbers",
            ],
        ),
        (marked("point", "keypointlabels", x=1, y=2, width=0.2), []),
        (marked("paint", "brushlabels", format="rle", rle=[0, 255]), []),
        (
            marked("paint", "brushlabels", format="rle", rle=[256]),
            [".value.rle: must be a list of numbers from 0 to 255"],
        ),
    ],
)  # fmt: skip
def test_shapes_lie_on_the_picture(item, warnings):
    assert result_warnings(PICTURE, [item]) == [f"result[0]{warning}" for warning in warnings]


def test_each_region_that_is_asked_about_needs_its_required_answer():
    sign = marked("box", "rectanglelabels", x=0, y=0, width=1, height=1, rectanglelabels=["Sign"])
    car = {**marked("box", "rectanglelabels", x=0, y=0, width=1, height=1), "id": "other"}
    reading = {
        "id": "box",
        "from_name": "reading",
        "to_name": "i",
        "type": "textarea",
        "value": {"text": ["Stop"]},
    }
    assert result_warnings(PICTURE, [car, sign]) == [
        'result[1]: the required answer to "reading" is missing for this region'
    ]
    assert result_warnings(PICTURE, [car, sign, reading]) == []


def test_relations_join_regions_of_the_result_by_known_kinds():
    ends = {"from_id": "m", "to_id": "m", "type": "relation", "direction": "right"}
    assert result_warnings(QUESTIONS, [MOOD, {**ends, "labels": ["owns"]}]) == []
    assert result_warnings(
        QUESTIONS, [MOOD, {**ends, "to_id": "x", "direction": "up", "labels": ["eats"]}]
    ) == [
        'result[1].to_id: no region of this result has the id "x"',
        "result[1].direction: must be one of left, right, bi",
        'result[1].labels[0]: the labeling config has no relation "eats"',
    ]


def test_a_comparison_may_be_about_itself():
    config = parse("""<View><Pairwise name="best" toName="a,b"/><Text name="a" value="$a"/><Text name="b" value="$b"/>
      </View>""")
    item = {"from_name": "best", "to_name": "best", "type": "pairwise", "value": {"selected": "left"}}
    assert result_warnings(config, [item]) == []
    assert result_warnings(config, [{**item, "value": {"selected": "both"}}]) == [
        'result[0].value.selected: must be "left" or "right"'
    ]


def test_sounds_end_where_they_end():
    config = parse(
        """<View><AudioPlus name="s" value="$s"/><Labels name="l" toName="s"><Label value="A"/></Labels></View>"""
    )
    item = {"from_name": "l", "to_name": "s", "type": "labels", "original_length": 6}
    assert result_warnings(config, [{**item, "value": {"labels": ["A"], "start": 0.5, "end": 6.1}}]) == []
    assert result_warnings(config, [{**item, "value": {"labels": ["A"], "start": 0.5, "end": 9}}]) == [
        "result[0].value.end: lies behind the end of the sound: 9 of 6 seconds"
    ]


def spoken(start: int, end: int, start_offset: int, end_offset: int, text: str = "") -> dict[str, Any]:
    return {
        "id": "a", "from_name": "act", "to_name": "talk", "type": "paragraphlabels",
        "value": {"start": str(start), "end": str(end), "startOffset": start_offset, "endOffset": end_offset,
                  "text": text, "paragraphlabels": ["Question"]},
    }  # fmt: skip


def test_the_text_that_the_editor_leaves_empty_is_filled_from_the_dialogue():
    result = [spoken(0, 0, 8, 13), spoken(0, 1, 8, 4)]
    filled = fill_paragraph_texts(DIALOGUE, result, TURNS)
    assert [item["value"]["text"] for item in filled] == ["hello", "hello\nGood"]
    assert result[0]["value"]["text"] == ""


@pytest.mark.parametrize(
    "item",
    [
        spoken(0, 0, 0, 4, "kept"),
        spoken(0, 7, 0, 4),
        spoken(1, 0, 0, 4),
        {**spoken(0, 0, 0, 4), "from_name": "gone"},
        {**spoken(0, 0, 0, 4), "value": None},
    ],
)
def test_nothing_else_is_filled(item):
    assert fill_paragraph_texts(DIALOGUE, [item], TURNS) == [item]


def test_regions_of_a_dialogue_name_its_paragraphs():
    assert result_warnings(DIALOGUE, [spoken(0, 5, 0, -1)], TURNS) == [
        "result[0].value.end: names paragraph 5, but the dialogue has 2",
        "result[0].value.endOffset: must be a number of characters, 0 or more",
    ]


def test_no_more_than_a_hundred_warnings_are_given():
    assert len(result_warnings(QUESTIONS, [{}] * 5_000)) == 100


def test_an_integer_beyond_all_floats_is_no_number():
    assert not is_number(10**400)
    assert is_number(10**300)
