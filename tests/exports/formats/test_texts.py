"""CoNLL-2003, spaCy and Prodigy: spans of texts, whatever characters stand in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.exports.formats import Report
from apps.labeling.config import parse
from apps.labeling.regions import utf16_length
from tests.exports.formats.writing import TEXT, mood, span, task, written
from tests.imports.formats.reading import values_of

ADA = "Ada Lovelace lived in London."


def conll(*tasks: str, **options) -> list[list[str]]:
    """Return the tokens with their tags, a list a text."""
    head, *blocks = written("CONLL2003", *tasks, **options).decode().split("\n\n")
    assert head == "-DOCSTART- -X- O"
    return [
        [f"{line.split(' ')[0]} {line.split(' ')[3]}" for line in block.splitlines()]
        for block in blocks
        if block
    ]


def spacy(*tasks: str, **options) -> list[dict]:
    """Return the documents."""
    return [json.loads(line) for line in written("SPACY", *tasks, **options).splitlines()]


@pytest.mark.parametrize(
    ("tagging", "tags"),
    [
        ("BIO", ["B-PER", "I-PER", "O", "O", "B-LOC", "O"]),
        ("IOBES", ["B-PER", "E-PER", "O", "O", "S-LOC", "O"]),
    ],
)
def test_tokens_carry_the_tags_of_their_spans(tagging, tags):
    [tokens] = conll(task({"text": ADA}, [span(0, 12, "PER"), span(22, 28, "LOC")]), tagging=tagging)
    words = ["Ada", "Lovelace", "lived", "in", "London", "."]
    assert tokens == [f"{word} {tag}" for word, tag in zip(words, tags, strict=True)]


def test_a_span_of_emoji_and_combining_characters_is_cut_where_people_cut_it():
    text = "👩‍🚀 Zoe\u0301 flew 🚀 home"
    start = utf16_length("👩‍🚀 ")
    rocket = utf16_length("👩‍🚀 Zoe\u0301 flew ")
    labeled = task({"text": text}, [span(start, start + 4, "PER"), span(rocket, rocket + 2, "LOC")])
    assert conll(labeled) == [["👩‍🚀 O", "Zoe\u0301 B-PER", "flew O", "🚀 B-LOC", "home O"]]
    [document] = spacy(labeled)
    assert [(text[start:end], label) for start, end, label in document["entities"]] == [
        ("Zoe\u0301", "PER"), ("🚀", "LOC"),
    ]  # fmt: skip


def test_what_conll_cannot_tell_is_reported():
    report = Report()
    result = [
        span(0, 12, "PER", "LOC", id="two"), span(4, 18, "LOC", id="over"), span(25, 99, "LOC", id="out"),
        span(3, 3, "LOC", id="nothing"), span(0, 3, id="bare"),
    ]  # fmt: skip
    assert conll(task({"text": ADA}, result), report=report)[0][:3] == [
        "Ada B-PER",
        "Lovelace I-PER",
        "lived O",
    ]
    found = {row["region"]: row["problem"] for row in map(json.loads, report.rows())}
    outside = "a labeled span has no label or lies outside of the text; it is left out"
    start = "a span cannot be told in CoNLL as it is: "
    assert found == {
        "two": f"{start}of its 2 labels only the first is written",
        "over": f"{start}it overlaps the one before it and is left out",
        "out": outside, "nothing": outside, "bare": outside,
    }  # fmt: skip


def test_an_empty_result_has_no_tags_and_a_label_of_words_one():
    assert conll(task({"text": "a b"}, [])) == [["a O", "b O"]]
    config = parse(
        '<View><Text name="text" value="$text"/>'
        '<Labels name="label" toName="text"><Label value="First name"/></Labels></View>'
    )
    assert conll(task({"text": "Ada"}, [span(0, 3, "First name")]), config=config) == [["Ada B-First_name"]]


def test_a_text_that_stands_elsewhere_is_reported():
    report = Report()
    assert conll(task({"text": None}, [span(0, 3, "PER")]), report=report) == []
    assert [json.loads(row)["problem"] for row in report.rows()] == [
        'the text of <Text name="text"> does not stand in the task; it is left out'
    ]


def test_spacy_keeps_overlapping_spans_apart_and_scores_all_choices():
    result = [span(0, 12, "PER"), span(4, 12, "LOC"), mood("good")]
    assert spacy(task({"text": ADA}, result)) == [
        {
            "id": 1, "text": ADA, "entities": [[0, 12, "PER"]],
            "spans": {"sc": [[0, 12, "PER"], [4, 12, "LOC"]]}, "cats": {"good": 1.0, "bad": 0.0},
        }
    ]  # fmt: skip


def test_prodigy_accepts_labeled_texts_and_ignores_skipped_ones():
    skipped = task({"text": "x"}, annotations=[{"id": 1, "was_cancelled": True, "result": []}])
    raw = written("PRODIGY", task({"text": ADA}, [span(0, 12, "PER"), mood("good")]), skipped)
    accepted, ignored = map(json.loads, raw.splitlines())
    assert accepted["spans"] == [{"start": 0, "end": 12, "label": "PER"}]
    assert (accepted["answer"], accepted["accept"], accepted["meta"]) == ("accept", ["good"], {"task": 1})
    assert [option["id"] for option in accepted["options"]] == ["good", "bad"]
    assert (ignored["text"], ignored["answer"]) == ("x", "ignore")


@pytest.mark.parametrize("name", ["CONLL2003", "SPACY", "PRODIGY"])
def test_what_is_exported_imports_back(name):
    raw = written(name, task({"text": ADA}, [span(0, 12, "PER"), span(22, 28, "LOC")]))
    [row] = values_of(raw, f"x.{'conll' if name == 'CONLL2003' else 'jsonl'}", name, answers_as="completions")
    places = [item["value"] for item in row["completions"][0]["result"]]
    assert [(place["text"], place["labels"]) for place in places] == [
        ("Ada Lovelace", ["PER"]),
        ("London", ["LOC"]),
    ]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_tokens_inside_tags_are_the_words_of_the_spans(data):
    text = data.draw(st.text(st.sampled_from("ab .é\u0301😀👩‍\n"), min_size=1, max_size=20))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=4)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    result = [span(utf16_length(text[:start]), utf16_length(text[:end]), "PER") for start, end in pairs]
    tokens = [line.split() for block in conll(task({"text": text}, result)) for line in block]
    assert [token for token, tag in tokens if tag != "O"] == [
        word for start, end in pairs for word in text[start:end].split()
    ]
    assert "".join(token for token, _ in tokens) == "".join(text.split())
    [document] = spacy(task({"text": text}, result), config=TEXT)
    assert document["entities"] == [[start, end, "PER"] for start, end in pairs]
