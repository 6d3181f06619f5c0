"""What a model and people said about the same task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Item = dict[str, Any]
"""A result item; its `value` is an object."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The result items of one control about one object.

    Attributes:
        score: of the whole prediction, for items without a score of their own.
    """

    predicted: Sequence[Item]
    answered: Sequence[Item]
    score: float | None = None


class Comparison(Protocol):
    """Compares the answers to one control, a task after the other."""

    kind: str

    def add(self, sides: Sides) -> float | None:
        """Compare one task; return how well both agree, from 0 to 1; None where neither says anything."""

    def document(self) -> dict[str, Any]:
        """Return the measures of all tasks so far."""

    @property
    def headline(self) -> tuple[str, float | None]:
        """The one measure to look at first, 1 for perfect: its name and value."""


def by_control(result: Any) -> dict[tuple[str, str], list[Item]]:
    """Return the items of a stored result by the control they answer and the object they are about."""
    found: dict[tuple[str, str], list[Item]] = {}
    for item in _readable(result):
        found.setdefault((item["from_name"], item["to_name"]), []).append(item)
    return found


def _readable(result: Any) -> Iterable[Item]:
    for item in result if isinstance(result, list) else []:
        if (
            isinstance(item, dict)
            and isinstance(item.get("from_name"), str)
            and isinstance(item.get("to_name"), str)
            and isinstance(item.get("value"), dict)
        ):
            yield item
