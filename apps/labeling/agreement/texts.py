"""Texts that people write: whether a model writes the same, and how much of it would have to be edited.

Two texts are compared without regard to how their spaces and line breaks lie. Their similarity is one less the edit
distance (of Levenshtein: characters to put in, take out or replace) by the length of the longer text. Error rates, as
for transcripts, are the edits of characters and of words by how many the texts of people have.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import Levenshtein

from apps.labeling.agreement.counting import DIGITS, ratio
from apps.labeling.agreement.sides import Item, Sides
from apps.labeling.answers import answer_of
from apps.labeling.config import ControlTag

MAX_CHARACTERS = 20_000
"""Of longer texts the beginning is compared: the time grows with both lengths."""


class TextComparison:
    """Compares the texts that a model and people write; several texts of a task are one."""

    kind = "texts"

    def __init__(self, control: ControlTag) -> None:
        self._control = control
        self._both = self._only_answered = self._only_predicted = self._equal = 0
        self._similarity = 0.0
        self._edits, self._characters = 0, 0
        self._word_edits, self._words = 0, 0

    def add(self, sides: Sides) -> float | None:
        """Compare one task; return how similar both texts are."""
        predicted, answered = self._text(sides.predicted), self._text(sides.answered)
        if not predicted or not answered:
            self._only_predicted += bool(predicted)
            self._only_answered += bool(answered)
            return None if not predicted and not answered else 0.0
        edits = Levenshtein.distance(predicted, answered)
        words = answered.split(" ")
        self._edits += edits
        self._characters += len(answered)
        self._word_edits += Levenshtein.distance(predicted.split(" "), words)
        self._words += len(words)
        self._both += 1
        self._equal += edits == 0
        similarity = 1 - edits / max(len(predicted), len(answered))
        self._similarity += similarity
        return round(similarity, DIGITS)

    def document(self) -> dict[str, Any]:
        """Return how many are the same, how similar they are, error rates, and how often one side said nothing."""
        return {
            "answers": self._both,
            "equal": ratio(self._equal, self._both),
            "similarity": ratio(self._similarity, self._both),
            "character_error_rate": ratio(self._edits, self._characters),
            "word_error_rate": ratio(self._word_edits, self._words),
            "not_predicted": self._only_answered,
            "not_answered": self._only_predicted,
        }

    @property
    def headline(self) -> tuple[str, float | None]:
        """The mean similarity; where one side said nothing, it is none."""
        tasks = self._both + self._only_answered + self._only_predicted
        return "similarity", ratio(self._similarity, tasks)

    def _text(self, items: Sequence[Item]) -> str:
        texts: list[str] = []
        for item in items:
            answer = answer_of(self._control, item["value"])[1]
            texts += [
                one for one in (answer if isinstance(answer, list) else [answer]) if isinstance(one, str)
            ]
        return " ".join(unicodedata.normalize("NFC", " ".join(texts)).split())[:MAX_CHARACTERS]
