"""F1 of spans that are the same and of those that overlap, in texts, dialogues, pages, sounds and series."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from apps.labeling.agreement.measures import comparison_for
from apps.labeling.agreement.sides import Sides
from apps.labeling.agreement.spans import Span, SpanComparison, overlapping_spans, read_span, same_spans
from apps.labeling.config import parse

CONFIG = parse(
    """<View><Text name="text" value="$text"/>
    <Labels name="label" toName="text"><Label value="Person"/><Label value="Place"/></Labels></View>"""
)


def comparison() -> SpanComparison:
    found = comparison_for(CONFIG.controls["label"], ["Text"])
    assert isinstance(found, SpanComparison)
    return found


def marked(start: Any, end: Any, *labels: str) -> dict[str, Any]:
    return {"value": {"start": start, "end": end, "labels": list(labels)}}


def spans(pairs: list[tuple[int, int]]) -> list[Span]:
    found = [read_span({"start": start, "end": start + length}, "Text") for start, length in pairs]
    return [span for span in found if span is not None]


SOME_SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=12).map(spans)


def test_spans_count_as_exact_or_as_overlapping_by_label() -> None:
    found = comparison()

    agreement = found.add(
        Sides(
            [marked(0, 5, "Person"), marked(10, 15, "Place"), marked(20, 25, "Person")],
            [marked(0, 5, "Person"), marked(12, 18, "Place"), marked(20, 25, "Place")],
        )
    )

    document = found.document()
    assert document["exact"] == {
        "precision": 0.333333, "recall": 0.333333, "f1": 0.333333, "matched": 1, "predicted": 3, "support": 3,
    }  # fmt: skip
    assert document["overlapping"]["f1"] == 0.666667
    assert agreement == pytest.approx(0.5, abs=1e-6)
    assert [(row["label"], row["f1"], row["overlapping_f1"]) for row in document["labels"]] == [
        ("Place", 0.0, 0.666667),
        ("Person", 0.666667, 0.666667),
    ]


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert overlapping_spans(spans([(0, 5)]), spans([(5, 4)])) == 0


def test_one_long_span_is_the_partner_of_one_short_one_only() -> None:
    assert overlapping_spans(spans([(0, 20)]), spans([(1, 3), (8, 3)])) == 1


@settings(deadline=None)
@given(SOME_SPANS, SOME_SPANS)
def test_as_many_overlapping_pairs_are_found_as_there_can_be(
    predicted: list[Span], answered: list[Span]
) -> None:
    overlaps = numpy.array(
        [[int(a.start < b.end and b.start < a.end) for b in answered] for a in predicted], dtype=int
    ).reshape(len(predicted), len(answered))
    best = (
        maximum_bipartite_matching(csr_matrix(overlaps), perm_type="column")
        if overlaps.size
        else numpy.array([])
    )

    found = overlapping_spans(predicted, answered)

    assert found == int((best >= 0).sum())
    assert found == overlapping_spans(answered, predicted)
    assert same_spans(predicted, answered) <= found


@settings(deadline=None)
@given(SOME_SPANS)
def test_spans_agree_with_themselves(some: list[Span]) -> None:
    assert same_spans(some, some) == overlapping_spans(some, some) == len(some)


def test_places_in_sounds_are_the_same_when_a_hundredth_of_a_second_is() -> None:
    one = read_span({"start": 1.2345, "end": 2.0}, "AudioPlus")
    other = read_span({"start": 1.2301, "end": 2.0004}, "AudioPlus")

    assert one == other


def test_moments_of_a_series_overlap_with_themselves() -> None:
    moment = read_span({"start": 7, "end": 7, "instant": True}, "TimeSeries")

    assert moment is not None
    assert overlapping_spans([moment], [moment]) == 1


def test_times_as_texts_are_compared_in_their_order() -> None:
    one = read_span({"start": "2026-01-01", "end": "2026-01-05"}, "TimeSeries")
    other = read_span({"start": "2026-01-04", "end": "2026-01-09"}, "TimeSeries")

    assert one is not None
    assert other is not None
    assert overlapping_spans([one], [other]) == 1


def test_spans_of_dialogues_reach_over_paragraphs() -> None:
    whole = read_span({"start": "0", "end": "2", "startOffset": 3, "endOffset": 1}, "Paragraphs")
    second = read_span({"start": "1", "end": "1", "startOffset": 0, "endOffset": 4}, "Paragraphs")
    third = read_span({"start": "2", "end": "2", "startOffset": 2, "endOffset": 4}, "Paragraphs")

    assert whole is not None
    assert second is not None
    assert third is not None
    assert overlapping_spans([whole], [second]) == 1
    assert overlapping_spans([whole], [third]) == 0


def test_spans_of_pages_overlap_only_within_one_element() -> None:
    def of(path: str) -> Span:
        found = read_span({"start": path, "end": path, "startOffset": 0, "endOffset": 4}, "HyperText")
        assert found is not None
        return found

    assert overlapping_spans([of("/p[1]/text()[1]")], [of("/p[1]/text()[1]")]) == 1
    assert overlapping_spans([of("/p[1]/text()[1]")], [of("/p[2]/text()[1]")]) == 0


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"start": None, "end": 3},
        {"start": 5, "end": 2},
        {"start": 1e300, "end": 1e301},
        {"start": [], "end": 1},
    ],
    ids=str,
)
def test_what_marks_no_span_is_left_out(value: dict[str, Any]) -> None:
    assert read_span(value, "Text") is None
