"""Spans of texts, dialogues, sounds and series: F1 of those that are the same, and of those that overlap."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from apps.labeling.agreement.counting import Counts, LabelNames, ordinary
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.answers import answer_of
from apps.labeling.config import ControlTag
from apps.labeling.regions import paragraph_index

NO_LABEL = "(no label)"
SECONDS_DIGITS = 2
"""Places in sounds and series are the same when so many decimals are."""

Position = tuple[int, float, str]
"""A paragraph, an offset or a second in it, and a time as text: whatever a span does not have is 0 or empty."""


class Span(NamedTuple):
    """A marked stretch.

    Attributes:
        place: stretches can only overlap within the same one.
        end: the first position behind it.
    """

    place: tuple[str, str]
    start: Position
    end: Position


class SpanComparison:
    """Compares the labeled spans that a model and people mark."""

    kind = "spans"

    def __init__(self, control: ControlTag, shown: str) -> None:
        """Compare spans of `control`.

        Args:
            shown: the type of the object tag in which they lie.
        """
        self._control = control
        self._shown = shown
        self._names = LabelNames()
        self._exact: dict[str, Counts] = defaultdict(Counts)
        self._overlapping: dict[str, Counts] = defaultdict(Counts)

    def add(self, sides: Sides) -> float | None:
        """Compare one task; return the mean of both kinds of F1 in it."""
        predicted, answered = self._spans(sides.predicted), self._spans(sides.answered)
        exact, overlapping = Counts(), Counts()
        for label in sorted(predicted.keys() | answered.keys()):
            ours, theirs = predicted.get(label, []), answered.get(label, [])
            sizes = len(ours), len(theirs)
            same, touching = same_spans(ours, theirs), overlapping_spans(ours, theirs)
            for counts, matched in ((self._exact[label], same), (self._overlapping[label], touching)):
                counts.add(matched, *sizes)
            exact.add(same, *sizes)
            overlapping.add(touching, *sizes)
        if exact.f1 is None or overlapping.f1 is None:
            return None
        return (exact.f1 + overlapping.f1) / 2

    def document(self) -> dict[str, Any]:
        """Return precision, recall and F1 of all spans and by label, exact and overlapping."""
        labels = sorted(self._exact, key=lambda name: (-self._exact[name].answered, name))
        return {
            "exact": _sum(self._exact).document(),
            "overlapping": _sum(self._overlapping).document(),
            "labels": [
                {
                    "label": label,
                    **self._exact[label].document(),
                    "overlapping_f1": self._overlapping[label].f1,
                }
                for label in labels
            ],
        }

    @property
    def headline(self) -> tuple[str, float | None]:
        """The F1 of spans that are exactly the same."""
        return "span F1", _sum(self._exact).f1

    def _spans(self, items: Sequence[Item]) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = defaultdict(list)
        for item in items:
            if span := read_span(item["value"], self._shown):
                for label in region_labels(self._control, item):
                    found[self._names(label)].append(span)
        return found


def region_labels(control: ControlTag, item: Item) -> list[str]:
    """Return the labels of a region."""
    answer = answer_of(control, item["value"])[1]
    labels = [label for label in answer if isinstance(label, str)] if isinstance(answer, list) else []
    return sorted(set(labels)) or [NO_LABEL]


def read_span(value: dict[str, Any], shown: str) -> Span | None:
    """Return the span that a result item's value marks; None where it marks none that can be read.

    Args:
        shown: the type of the object tag in which it lies.
    """
    if shown == "Paragraphs":
        return _of_offsets(
            value, ("", ""), paragraph_index(value.get("start")), paragraph_index(value.get("end"))
        )
    start, end = value.get("start"), value.get("end")
    if shown == "HyperText":
        paths = isinstance(start, str) and isinstance(end, str)
        return _of_offsets(value, (str(start), str(end)), 0, 0) if paths else None
    if isinstance(start, str) and isinstance(end, str):  # times of a series, as its data has them
        return Span(("text", ""), (0, 0.0, start), (0, 0.0, max(end, start + "\0")))
    digits = 0 if shown == "Text" else SECONDS_DIGITS
    numbers = ordinary(start), ordinary(end)
    if numbers[0] is None or numbers[1] is None:
        return None
    return _span(("", ""), (0, round(numbers[0], digits), ""), (0, round(numbers[1], digits), ""))


def _of_offsets(
    value: dict[str, Any], place: tuple[str, str], first: int | None, last: int | None
) -> Span | None:
    start, end = ordinary(value.get("startOffset")), ordinary(value.get("endOffset"))
    if first is None or last is None or start is None or end is None:
        return None
    if place[0] != place[1]:  # from one element to another: only the same offsets can be told to overlap
        return Span((f"{place[0]}+{start:g}", f"{place[1]}+{end:g}"), (0, 0.0, ""), (0, 1.0, ""))
    return _span(place, (first, start, ""), (last, end, ""))


def _span(place: tuple[str, str], start: Position, end: Position) -> Span | None:
    if end < start:
        return None
    # A moment of a series has no length; the least one lets it overlap with itself.
    return Span(place, start, end if end > start else (end[0], math.nextafter(end[1], math.inf), ""))


def same_spans(predicted: Sequence[Span], answered: Sequence[Span]) -> int:
    """Return how many spans are on both sides."""
    return (Counter(predicted) & Counter(answered)).total()


def overlapping_spans(predicted: Sequence[Span], answered: Sequence[Span]) -> int:
    """Return how many pairs of overlapping spans there can be at most, each span in one pair.

    Of all spans that are left, the one that ends first can be paired with the overlapping one that ends first without
    making any other pair impossible: whatever overlaps with that one overlaps with all the others it could have had.
    """
    matched = 0
    for place in {span.place for span in predicted}:
        ours = [span for span in predicted if span.place == place]
        theirs = [span for span in answered if span.place == place]
        matched += _pairs(_by_end(ours), _by_end(theirs))
    return matched


def _by_end(spans: Sequence[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: (span.end, span.start))


def _pairs(ours: list[Span], theirs: list[Span]) -> int:
    matched = 0
    while ours and theirs:
        first, others = (ours, theirs) if ours[0].end <= theirs[0].end else (theirs, ours)
        span = first.pop(0)
        partner = next(_overlapping(span, others), None)
        if partner is not None:
            del others[partner]
            matched += 1
    return matched


def _overlapping(span: Span, others: Sequence[Span]) -> Iterator[int]:
    """Yield the places of the spans that begin before `span` ends; none of `others` ends earlier than it does."""
    for index, other in enumerate(others):
        if other.start < span.end and span.start < other.end:
            yield index


def _sum(counts: dict[str, Counts]) -> Counts:
    found = Counts()
    for one in counts.values():
        found.add(one.matched, one.predicted, one.answered)
    return found
