"""Choices, taxonomies and comparisons of two: accuracy, F1 a label, and which label was taken for which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from apps.labeling.agreement.counting import OTHER_LABELS, Counts, LabelNames, mean, ratio
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.answers import answer_of
from apps.labeling.config import ControlTag

MATRIX_LABELS = 25
"""A confusion matrix shows so many of the most frequent labels; the rest is one more."""

LEVELS = " / "
"""Stands between the levels of a taxonomy's path."""


class LabelComparison:
    """Compares the sets of labels that a model and people give to tasks."""

    kind = "labels"

    def __init__(self, control: ControlTag) -> None:
        self._control = control
        self._names = LabelNames()
        self._counts: dict[str, Counts] = defaultdict(Counts)
        self._pairs: Counter[tuple[str | None, str | None]] = Counter()
        self._answers = self._equal = 0
        self._has_sets = False

    def add(self, sides: Sides) -> float | None:
        """Compare one task; return how well both agree, from 0 to 1: the common labels of all labels."""
        predicted, answered = self._labels(sides.predicted), self._labels(sides.answered)
        together = predicted | answered
        if not together:
            return None
        common = predicted & answered
        self._answers += 1
        self._equal += predicted == answered
        for label in together:
            self._counts[label].add(label in common, label in predicted, label in answered)
        self._note_confusion(predicted, answered)
        return len(common) / len(together)

    def document(self) -> dict[str, Any]:
        """Return the measures; the confusion matrix only where no answer holds several labels."""
        labels = sorted(self._counts, key=lambda name: (-self._counts[name].answered, name))
        measures: dict[str, Any] = {
            "answers": self._answers,
            "accuracy": ratio(self._equal, self._answers),
            "macro_f1": mean(counts.f1 for counts in self._counts.values()),
            "labels": [{"label": label, **self._counts[label].document()} for label in labels],
        }
        if not self._has_sets and self._answers:
            measures["confusion"] = self._matrix(labels)
        return measures

    @property
    def headline(self) -> tuple[str, float | None]:
        """The one measure to look at first: its name and value."""
        return "macro F1", mean(counts.f1 for counts in self._counts.values())

    def _labels(self, items: Sequence[Item]) -> frozenset[str]:
        return frozenset(self._names(label) for item in items for label in _labels_of(self._control, item))

    def _note_confusion(self, predicted: frozenset[str], answered: frozenset[str]) -> None:
        if len(predicted) > 1 or len(answered) > 1:
            self._has_sets = True
        else:
            self._pairs[next(iter(answered), None), next(iter(predicted), None)] += 1

    def _matrix(self, labels: Sequence[str]) -> dict[str, Any]:
        """Return how often people's label (rows) was predicted as which (columns); null stands for no answer."""
        shown = [label for label in labels if label != OTHER_LABELS][:MATRIX_LABELS]
        known = set(shown)
        merged: Counter[tuple[str | None, str | None]] = Counter()
        for (answered, predicted), count in self._pairs.items():
            pair = tuple(
                name if name in known or name is None else OTHER_LABELS for name in (answered, predicted)
            )
            merged[pair[0], pair[1]] += count
        named = {name for pair in merged for name in pair}
        names: list[str | None] = [*shown, *(name for name in (OTHER_LABELS, None) if name in named)]
        return {"labels": names, "counts": [[merged[row, column] for column in names] for row in names]}


def _labels_of(control: ControlTag, item: Item) -> list[str]:
    answer = answer_of(control, item["value"])[1]
    if isinstance(answer, str):
        return [answer]
    found = []
    for label in answer if isinstance(answer, list) else []:
        if isinstance(label, str):
            found.append(label)
        elif isinstance(label, list) and label and all(isinstance(step, str) for step in label):
            found.append(LEVELS.join(label))
    return found
