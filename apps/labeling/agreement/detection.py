"""Shapes on pictures: average precision as COCO defines it (cocodataset.org, "detection evaluation").

Of COCO's procedure only the memory differs: scores are rounded to four digits, and what has the same score counts at
once, so that no list of all detections is kept and their order does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from apps.labeling.agreement.counting import Counts, LabelNames, mean, ordinary, ratio
from apps.labeling.agreement.shapes import Shape, aspect_of, overlap, read_shape
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.agreement.spans import region_labels
from apps.labeling.config import ControlTag

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""From which intersection over union on two shapes are the same."""

RECALLS = tuple(step * 0.01 for step in range(101))
"""Where precision is looked at; to the last bit as COCO's own program has them."""

MAX_DETECTIONS = 100
"""Of a label in a task, so many count, the best scores first."""

_ALMOST_ONE = 1 - 1e-10


class AveragePrecision:
    """The detections of one label, by score."""

    def __init__(self) -> None:
        self.answered = 0
        self._by_score: dict[float, list[int]] = {}

    def add(self, scores: Sequence[float], hits: Sequence[Sequence[bool]], answered: int) -> None:
        """Count one task more.

        Args:
            scores: of each detection.
            hits: for each of `THRESHOLDS`, whether each detection is right.
            answered: how many shapes there truly are.
        """
        self.answered += answered
        for place, score in enumerate(scores):
            counts = self._by_score.setdefault(float(f"{score:.4g}"), [0] * (len(THRESHOLDS) + 1))
            counts[-1] += 1
            for threshold, right in enumerate(hits):
                counts[threshold] += right[place]

    def at(self, threshold: int) -> float | None:
        """Return the average precision at one of `THRESHOLDS`; None where there was nothing to find."""
        if not self.answered:
            return None
        groups = [self._by_score[score] for score in sorted(self._by_score, reverse=True)]
        right = list(accumulate(counts[threshold] for counts in groups))
        all_ = list(accumulate(counts[-1] for counts in groups))
        recalls = [found / self.answered for found in right]
        precisions = [found / detected for found, detected in zip(right, all_, strict=True)]
        return sum(_best_precisions(recalls, precisions)) / len(RECALLS)


def _best_precisions(recalls: Sequence[float], precisions: Sequence[float]) -> list[float]:
    """Return, for each of `RECALLS`, the best precision at that recall or a higher one."""
    best = list(accumulate(reversed(precisions), max))[::-1]
    found = []
    place = 0
    for recall in RECALLS:
        while place < len(recalls) and recalls[place] < recall:
            place += 1
        if place == len(recalls):
            break
        found.append(best[place])
    return found


class ShapeComparison:
    """Compares the labeled shapes that a model and people draw."""

    kind = "shapes"

    def __init__(self, control: ControlTag) -> None:
        self._control = control
        self._names = LabelNames()
        self._precision: dict[str, AveragePrecision] = defaultdict(AveragePrecision)
        self._counts: dict[str, Counts] = defaultdict(Counts)

    def add(self, sides: Sides) -> float | None:
        """Compare one task; return the F1 of shapes that share at least half."""
        aspect = aspect_of(sides.answered, sides.predicted)
        predicted = self._shapes(sides.predicted, aspect, sides.score)
        answered = self._shapes(sides.answered, aspect, None)
        found = Counts()
        for label in sorted(predicted.keys() | answered.keys()):
            best_first = sorted(predicted.get(label, []), key=lambda one: -one[0])[:MAX_DETECTIONS]
            there = [shape for _, shape in answered.get(label, [])]
            overlaps = [[overlap(shape, other) for other in there] for _, shape in best_first]
            hits = [matches(overlaps, threshold) for threshold in THRESHOLDS]
            self._precision[label].add([score for score, _ in best_first], hits, len(there))
            for counts in (found, self._counts[label]):
                counts.add(sum(hits[0]), len(best_first), len(there))
        return found.f1

    def document(self) -> dict[str, Any]:
        """Return mean average precision, and by label also precision, recall and F1 of all that share half."""
        labels = sorted(self._counts, key=lambda name: (-self._counts[name].answered, name))
        rows = [self._row(label) for label in labels]
        total = Counts()
        for counts in self._counts.values():
            total.add(counts.matched, counts.predicted, counts.answered)
        return {
            "map_50": mean(row["ap_50"] for row in rows),
            "map_50_95": mean(row["ap_50_95"] for row in rows),
            "at_50": total.document(),
            "labels": rows,
        }

    @property
    def headline(self) -> tuple[str, float | None]:
        """The mean average precision of shapes that share at least half."""
        return "mAP@.5", mean(self._row(label)["ap_50"] for label in self._counts)

    def _row(self, label: str) -> dict[str, Any]:
        precision = self._precision[label]
        every = [precision.at(threshold) for threshold in range(len(THRESHOLDS))]
        first = every[0]
        return {
            "label": label,
            "ap_50": None if first is None else ratio(first, 1),
            "ap_50_95": mean(every),
            **self._counts[label].document(),
        }

    def _shapes(
        self, items: Sequence[Item], aspect: float, score: float | None
    ) -> dict[str, list[tuple[float, Shape]]]:
        found: dict[str, list[tuple[float, Shape]]] = defaultdict(list)
        for item in items:
            if shape := read_shape(item["value"], aspect):
                own = ordinary(item.get("score"))
                for label in region_labels(self._control, item):
                    found[self._names(label)].append((own if own is not None else score or 0.0, shape))
        return found


def matches(overlaps: Sequence[Sequence[float]], threshold: float) -> list[bool]:
    """Return which detections, the best first, find a shape that no better one has found.

    Args:
        overlaps: of each detection with each shape that is there.
        threshold: the least overlap.
    """
    taken: set[int] = set()
    found = []
    for row in overlaps:
        best, place = min(threshold, _ALMOST_ONE), -1
        for index, value in enumerate(row):
            if index not in taken and value >= best:
                best, place = value, index
        if place >= 0:
            taken.add(place)
        found.append(place >= 0)
    return found
