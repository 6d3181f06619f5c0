"""Points on pictures: whether those of a model are near enough to those of people.

Two points of a label are the same when their distance is at most 5 % of the longer side of the picture; the nearest
pairs count first, and each point once. The recall of that is what the field calls PCK@0.05, the percentage of correct
keypoints, with the picture's side as the norm: points here belong to no object whose size could be one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from apps.labeling.agreement.counting import Counts, LabelNames, ordinary, ratio
from apps.labeling.agreement.shapes import Point, aspect_of
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.agreement.spans import region_labels
from apps.labeling.config import ControlTag
from apps.labeling.regions import shape_of

NEAR, VERY_NEAR = 0.05, 0.02
"""How far two points are apart at most, as a part of the picture's longer side."""

MAX_POINTS = 1_000
"""Of a label in a task, so many count."""


class PointComparison:
    """Compares the labeled points that a model and people set."""

    kind = "points"

    def __init__(self, control: ControlTag) -> None:
        self._control = control
        self._names = LabelNames()
        self._near: dict[str, Counts] = defaultdict(Counts)
        self._very_near: dict[str, Counts] = defaultdict(Counts)
        self._distance = 0.0

    def add(self, sides: Sides) -> float | None:
        """Compare one task; return the F1 of points that are near each other."""
        aspect = aspect_of(sides.answered, sides.predicted)
        predicted, answered = self._points(sides.predicted, aspect), self._points(sides.answered, aspect)
        found = Counts()
        for label in sorted(predicted.keys() | answered.keys()):
            ours, theirs = predicted.get(label, []), answered.get(label, [])
            distances = nearest_pairs(ours, theirs, NEAR)
            sizes = len(ours), len(theirs)
            found.add(len(distances), *sizes)
            self._near[label].add(len(distances), *sizes)
            self._very_near[label].add(sum(one <= VERY_NEAR for one in distances), *sizes)
            self._distance += sum(distances)
        return found.f1

    def document(self) -> dict[str, Any]:
        """Return precision, recall (PCK) and F1 of near points, and how far they are apart on average."""
        labels = sorted(self._near, key=lambda name: (-self._near[name].answered, name))
        near = _sum(self._near)
        return {
            "at_05": near.document(),
            "at_02": _sum(self._very_near).document(),
            "mean_distance": ratio(self._distance, near.matched),
            "labels": [
                {"label": label, **self._near[label].document(), "f1_at_02": self._very_near[label].f1}
                for label in labels
            ],
        }

    @property
    def headline(self) -> tuple[str, float | None]:
        """The F1 of points that are near each other."""
        return "F1@.05", _sum(self._near).f1

    def _points(self, items: Sequence[Item], aspect: float) -> dict[str, list[Point]]:
        found: dict[str, list[Point]] = defaultdict(list)
        for item in items:
            if (point := _read_point(item["value"], aspect)) is not None:
                for label in map(self._names, region_labels(self._control, item)):
                    if len(found[label]) < MAX_POINTS:
                        found[label].append(point)
        return found


def nearest_pairs(ours: Sequence[Point], theirs: Sequence[Point], farthest: float) -> list[float]:
    """Return the distances of points that are paired, the nearest pairs first and each point once.

    Args:
        farthest: pairs that are farther apart are none.
    """
    pairs = sorted(
        (distance, here, there)
        for here, one in enumerate(ours)
        for there, other in enumerate(theirs)
        if (distance := math.dist(one, other)) <= farthest
    )
    taken_here: set[int] = set()
    taken_there: set[int] = set()
    found = []
    for distance, here, there in pairs:
        if here not in taken_here and there not in taken_there:
            taken_here.add(here)
            taken_there.add(there)
            found.append(distance)
    return found


def _read_point(value: dict[str, Any], aspect: float) -> Point | None:
    """Return a point in parts of the picture's longer side; None where there is none.

    Args:
        aspect: the picture's width by its height.
    """
    x, y = ordinary(value.get("x")), ordinary(value.get("y"))
    if shape_of(value) != "keypoint" or x is None or y is None:
        return None
    longer = 100 * max(aspect, 1.0)
    return x * aspect / longer, y / longer


def _sum(counts: dict[str, Counts]) -> Counts:
    total = Counts()
    for one in counts.values():
        total.add(one.matched, one.predicted, one.answered)
    return total
