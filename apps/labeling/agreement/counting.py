"""Precision, recall and F1 from counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.labeling.kinds import is_number

MAX_NUMBER = 1e12
"""Larger numbers are no answers: their squares and areas must stay numbers."""

DIGITS = 6
"""So many decimals of a measure are kept."""

MAX_LABELS = 500
"""So many different labels of one control are told apart; answers may hold as many as they like."""

OTHER_LABELS = "other labels"


@dataclass(slots=True)
class Counts:
    """How often something was predicted, answered by people, and both at the same place."""

    matched: int = 0
    predicted: int = 0
    answered: int = 0

    def add(self, matched: int, predicted: int, answered: int) -> None:
        """Count one task more."""
        self.matched += matched
        self.predicted += predicted
        self.answered += answered

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where nothing was predicted or answered."""
        return ratio(2 * self.matched, self.predicted + self.answered)

    def document(self) -> dict[str, Any]:
        """Return what a report keeps."""
        return {
            "precision": ratio(self.matched, self.predicted),
            "recall": ratio(self.matched, self.answered),
            "f1": self.f1,
            "matched": self.matched,
            "predicted": self.predicted,
            "support": self.answered,
        }


class LabelNames:
    """The labels that are told apart; those that come after the first `MAX_LABELS` are one."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def __call__(self, label: str) -> str:
        """Return the name under which a label is counted."""
        if label in self._known:
            return label
        if len(self._known) >= MAX_LABELS:
            return OTHER_LABELS
        self._known.add(label)
        return label


def ratio(part: float, whole: float) -> float | None:
    """Return `part` of `whole`, rounded; None when there is no whole."""
    return round(part / whole, DIGITS) if whole else None


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of those values that there are, rounded; None when there are none."""
    known = [value for value in values if value is not None]
    return ratio(sum(known), len(known))


def ordinary(value: Any) -> float | None:
    """Return a number that can be reckoned with; None for anything else."""
    return float(value) if is_number(value) and abs(value) <= MAX_NUMBER else None
