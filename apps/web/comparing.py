"""Two results side by side: what is the same, what differs and what only one of them has."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from apps.web.places import overlap_of, place_of
from apps.web.result_items import ResultLine, result_line

SAME_PLACE = 0.5
"""From this overlap on (common part of all that either marks), two regions of two people are about the same thing."""

MAX_PAIRED = 500
"""Items of one control that are paired by their place: that takes time in the square of their number."""

Item = dict[str, Any]
Kind = Literal["same", "different", "first", "second"]


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """An item of one result beside the one of the other that answers the same.

    Args:
        kind: `same`, `different`, or whose only it is: `first` or `second`.
        note: in words, how they differ.
    """

    kind: Kind
    first: ResultLine | None = None
    second: ResultLine | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything of two results, what differs before what is the same."""

    items: list[ComparedItem]

    @property
    def same(self) -> int:
        """How many items are the same."""
        return sum(item.kind == "same" for item in self.items)

    @property
    def other(self) -> int:
        """How many differ, or stand in one of the two only."""
        return len(self.items) - self.same


def compare(first: Iterable[Any], second: Iterable[Any]) -> Comparison:
    """Pair the items of two results: by id, by answer and place, by overlap, then by control."""
    ours = [item for item in first if isinstance(item, dict)]
    theirs = [item for item in second if isinstance(item, dict)]
    pairing = _Pairing(ours, theirs)
    pairing.pair(_identity)
    pairing.pair(_content)
    pairing.pair_by_place()
    pairing.pair_answers()
    pairing.pair_relations()
    compared = [
        _pair(ours[i], theirs[j], is_same=i in pairing.same_relations)
        for i, j in sorted(pairing.pairs.items())
    ]
    compared += [ComparedItem("first", first=result_line(ours[i])) for i in pairing.left_over(ours, 0)]
    compared += [ComparedItem("second", second=result_line(theirs[j])) for j in pairing.left_over(theirs, 1)]
    return Comparison(sorted(compared, key=lambda item: item.kind == "same"))


class _Pairing:
    """Which item of the one result belongs to which of the other, by their positions."""

    def __init__(self, ours: list[Item], theirs: list[Item]) -> None:
        self.ours, self.theirs = ours, theirs
        self.pairs: dict[int, int] = {}
        self.same_relations: set[int] = set()
        self._taken: set[int] = set()

    def left_over(self, items: list[Item], side: int) -> list[int]:
        """Return the positions of the items of one side that have no partner, in order."""
        taken = self._taken if side else self.pairs.keys()
        return [index for index in range(len(items)) if index not in taken]

    def pair(self, key_of: Callable[[Item], str | None]) -> None:
        """Pair the items that have the same key; the second of two equal ones with the second."""
        waiting: dict[str | None, list[int]] = defaultdict(list)
        for index in reversed(self.left_over(self.theirs, 1)):
            waiting[key_of(self.theirs[index])].append(index)
        for index in self.left_over(self.ours, 0):
            key = key_of(self.ours[index])
            if key is not None and waiting.get(key):
                self._take(index, waiting[key].pop())

    def pair_by_place(self) -> None:
        """Pair regions of one control that overlap: those with the same answer first, then the largest overlaps."""
        found = []
        for ours, theirs in self._left_over_by_control():
            if max(len(ours), len(theirs)) <= MAX_PAIRED:
                found += list(self._overlapping(ours, theirs))
        for _, _, i, j in sorted(found, reverse=True):
            if i not in self.pairs and j not in self._taken:
                self._take(i, j)

    def pair_answers(self) -> None:
        """Pair what one control answers about the whole task: it has no place."""
        for ours, theirs in self._left_over_by_control():
            about_task = [
                [index for index in side if _is_about_task(items[index])]
                for items, side in ((self.ours, ours), (self.theirs, theirs))
            ]
            for i, j in zip(*about_task, strict=False):
                self._take(i, j)

    def pair_relations(self) -> None:
        """Pair relations between regions that are partners themselves, whatever their ids."""
        partner_of = {
            str(self.ours[i].get("id")): str(self.theirs[j].get("id")) for i, j in self.pairs.items()
        }
        waiting = {_relation(self.theirs[j], {}): j for j in self.left_over(self.theirs, 1)}
        waiting.pop(None, None)
        for i in self.left_over(self.ours, 0):
            j = waiting.pop(_relation(self.ours[i], partner_of), None)
            if j is not None:
                self._take(i, j)
                self.same_relations.add(i)

    def _take(self, i: int, j: int) -> None:
        self.pairs[i] = j
        self._taken.add(j)

    def _left_over_by_control(self) -> Iterator[tuple[list[int], list[int]]]:
        groups: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for side, items in enumerate((self.ours, self.theirs)):
            for index in self.left_over(items, side):
                groups[_control(items[index])][side].append(index)
        yield from groups.values()

    def _overlapping(self, ours: list[int], theirs: list[int]) -> Iterator[tuple[bool, float, int, int]]:
        there = [(j, place_of(self.theirs[j].get("value"))) for j in theirs]
        for i in ours:
            here = place_of(self.ours[i].get("value"))
            for j, other in there:
                if here and other and (overlap := overlap_of(here, other)) >= SAME_PLACE:
                    yield _answers(self.ours[i]) == _answers(self.theirs[j]), overlap, i, j


def _pair(ours: Item, theirs: Item, *, is_same: bool) -> ComparedItem:
    first, second = result_line(ours), result_line(theirs)
    if is_same or _content(ours) == _content(theirs):
        return ComparedItem("same", first, second)
    notes = []
    if _answers(ours) != _answers(theirs):
        notes.append("another answer")
    if first.place != second.place or ours.get("value") != theirs.get("value"):
        notes += _place_notes(ours, theirs)
    return ComparedItem("different", first, second, ", ".join(notes) or "another detail")


def _place_notes(ours: Item, theirs: Item) -> list[str]:
    here, there = place_of(ours.get("value")), place_of(theirs.get("value"))
    if here is None or there is None or here == there:
        return []
    return [f"{round(100 * overlap_of(here, there))} % of the place in common"]


def _relation(item: Item, partner_of: dict[str, str]) -> str | None:
    """Return which regions an item relates, and how; None for what is no relation."""
    if item.get("type") != "relation":
        return None
    ends = [str(item.get(name)) for name in ("from_id", "to_id")]
    return _text([*(partner_of.get(end, end) for end in ends), item.get("direction"), item.get("labels")])


def _identity(item: Item) -> str | None:
    return _text([item["id"], _control(item)]) if item.get("id") else None


def _content(item: Item) -> str:
    """Return what an item says, whatever its id."""
    names = ("from_name", "to_name", "type", "value", "labels", "direction", "from_id", "to_id", "item_index")
    return _text({name: item[name] for name in names if name in item})


def _control(item: Item) -> str:
    return _text([item.get(name) for name in ("from_name", "to_name", "type", "item_index")])


def _answers(item: Item) -> str:
    line = result_line(item)
    return _text([line.control, line.answers])


def _is_about_task(item: Item) -> bool:
    value = item.get("value")
    marks = isinstance(value, dict) and ("rle" in value or place_of(value) is not None)
    return item.get("type") != "relation" and not marks


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
