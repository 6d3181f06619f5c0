"""Ratings and numbers: how far the model is off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from apps.labeling.agreement.counting import ordinary, ratio
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.answers import answer_of
from apps.labeling.config import ControlTag


class NumberComparison:
    """Compares the numbers that a model and people give to tasks."""

    kind = "numbers"

    def __init__(self, control: ControlTag) -> None:
        self._control = control
        self._range = _range_of(control)
        self._both = self._only_answered = self._only_predicted = self._equal = 0
        self._error = self._absolute = self._squared = self._agreement = 0.0

    def add(self, sides: Sides) -> float | None:
        """Compare one task; agreement falls with the distance, by the control's range where it has one."""
        predicted, answered = self._number(sides.predicted), self._number(sides.answered)
        if predicted is None or answered is None:
            self._only_predicted += predicted is not None
            self._only_answered += answered is not None
            return None if predicted is None and answered is None else 0.0
        error = predicted - answered
        self._both += 1
        self._equal += error == 0
        self._error += error
        self._absolute += abs(error)
        self._squared += error * error
        agreement = self._agreement_of(predicted, answered)
        self._agreement += agreement
        return agreement

    def document(self) -> dict[str, Any]:
        """Return the mean errors, and how often one side said nothing."""
        squared = ratio(self._squared, self._both)
        return {
            "answers": self._both,
            "mean_absolute_error": ratio(self._absolute, self._both),
            "mean_error": ratio(self._error, self._both),
            "root_mean_squared_error": None if squared is None else round(math.sqrt(squared), 6),
            "equal": ratio(self._equal, self._both),
            "not_predicted": self._only_answered,
            "not_answered": self._only_predicted,
        }

    @property
    def headline(self) -> tuple[str, float | None]:
        """The mean agreement: an error itself has no upper end."""
        return "agreement", ratio(self._agreement, self._both + self._only_answered + self._only_predicted)

    def _number(self, items: Sequence[Item]) -> float | None:
        numbers = (ordinary(answer_of(self._control, item["value"])[1]) for item in items)
        return next((number for number in numbers if number is not None), None)

    def _agreement_of(self, predicted: float, answered: float) -> float:
        span = self._range or max(abs(predicted), abs(answered)) or 1.0
        return max(0.0, 1.0 - abs(predicted - answered) / span)


def _range_of(control: ControlTag) -> float | None:
    """Return how far apart two answers can be; None where the control does not say."""
    names = ("", "maxRating") if control.type == "Rating" else ("min", "max")
    try:
        least, most = (float(control.get(name)) if name else 0.0 for name in names)
    except ValueError:
        return None
    return most - least if 0 < most - least < math.inf else None
