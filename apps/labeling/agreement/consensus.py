"""One answer to a task out of several; pure, and the same whatever order they come in.

Questions about a whole task are decided one by one: by the majority, and numbers and texts by the one that is nearest
to all others. Regions, with what is said of each and how they are related, make sense only together: those of the
answer that agrees most with all others (the medoid) count.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from apps.labeling.agreement.measures import comparison_for
from apps.labeling.agreement.sides import Item, Sides, by_control
from apps.labeling.answers import answer_of
from apps.labeling.config import LabelingConfig
from apps.labeling.kinds import is_number
from apps.labeling.tags import registry

MAX_COMPARED = 20
"""Of more answers to one task, ground truths and then the newest are compared: each is held against each other."""

Question = tuple[str, str]
"""The names of a control and of the object it asks about."""

_MEASURED = ("number", "textarea")
"""What a question asks for whose answers may be near to each other, and seldom are the same."""

_UNORDERED = ("choices", "taxonomy")
_DIGITS = 6


@dataclass(frozen=True)
class Answer:
    """One of several answers to a task.

    Attributes:
        created_at: as an ISO time; later ones sort behind earlier ones.
    """

    id: int
    result: Any
    ground_truth: bool = False
    created_at: str = ""

    @property
    def standing(self) -> tuple[bool, str, int]:
        """What decides where answers are equally good: ground truth, then the newest."""
        return self.ground_truth, self.created_at, self.id


@dataclass(frozen=True, slots=True)
class Consensus:
    """What several answers come to.

    Attributes:
        base: the answer that it is, or whose regions it has.
        result: its items.
        is_whole: it is `base` as it stands; else some questions are answered as by others.
        compared: the ids of the answers it was found among.
        agreement: from 0 to 1: the mean of `shares`.
        shares: by control, how many of the answers say this; of numbers, texts and regions, how well they agree with
            all others.
    """

    base: Answer
    result: list[Any]
    is_whole: bool
    compared: tuple[int, ...]
    agreement: float
    shares: dict[str, float]


def consensus_of(answers: Iterable[Answer], config: LabelingConfig) -> Consensus:
    """Return what several answers to one task come to.

    Args:
        answers: at least one.
    """
    ranked = sorted(answers, key=lambda answer: answer.standing, reverse=True)[:MAX_COMPARED]
    return _Finding([_Reading(answer, config) for answer in ranked], config).found()


@dataclass(frozen=True)
class _Reading:
    """An answer, taken apart."""

    answer: Answer
    config: LabelingConfig

    @cached_property
    def items(self) -> list[Item]:
        found = self.answer.result
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    @cached_property
    def questions(self) -> dict[Question, list[Item]]:
        """The items that answer a question about the whole task."""
        return by_control([item for item in self.items if self._is_about_all(item)])

    @cached_property
    def regions(self) -> list[Item]:
        """All other items."""
        return [item for item in self.items if not self._is_about_all(item)]

    @cached_property
    def marked(self) -> dict[Question, list[Item]]:
        """The regions and what is said of each, by control."""
        return by_control(self.regions)

    @cached_property
    def _region_ids(self) -> frozenset[str]:
        ids = (item.get("id") for item in self.items if self._marks(item))
        return frozenset(one for one in ids if isinstance(one, str))

    def _marks(self, item: Item) -> bool:
        name = item.get("from_name")
        control = self.config.controls.get(name) if isinstance(name, str) else None
        return control is None or bool(registry()[control.type].region)

    def _is_about_all(self, item: Item) -> bool:
        known = isinstance(item.get("value"), dict) and isinstance(item.get("to_name"), str)
        if not known or self._marks(item) or self.config.controls[item["from_name"]].is_set("perRegion"):
            return False
        return not (isinstance(item.get("id"), str) and item["id"] in self._region_ids)

    def said(self, question: Question) -> list[Item]:
        """Return the items that answer a question, about the whole task or about regions."""
        return [*self.questions.get(question, ()), *self.marked.get(question, ())]

    def says(self, question: Question) -> str:
        """Return what it answers to a question, as a text that equal answers have in common."""
        return _text_of(self.said(question), self.config)


class _Finding:
    """Several answers, best standing first: of equally good ones, the first counts."""

    def __init__(self, readings: Sequence[_Reading], config: LabelingConfig) -> None:
        self._readings, self._config = readings, config
        self._shares: dict[str, list[float]] = {}

    def found(self) -> Consensus:
        chosen = {question: self._chosen(question) for question in self._questions()}
        held = [
            sum(reading.says(question) == other.says(question) for question, other in chosen.items())
            for reading in self._readings
        ]
        place = self._place_of_base(held)
        base, is_whole = self._readings[place], held[place] == len(chosen)
        every = [share for shares in self._shares.values() for share in shares]
        return Consensus(
            base=base.answer,
            result=list(base.items) if is_whole else _joined(base, chosen),
            is_whole=is_whole,
            compared=tuple(sorted(reading.answer.id for reading in self._readings)),
            agreement=_mean(every),
            shares={name: _mean(shares) for name, shares in self._shares.items()},
        )

    def _questions(self) -> list[Question]:
        """Return what anybody has answered, in the order of the config."""
        places = {name: place for place, name in enumerate(self._config.controls)}
        asked = {question for reading in self._readings for question in reading.questions}
        return sorted(asked, key=lambda question: (places[question[0]], question))

    def _chosen(self, question: Question) -> _Reading:
        """Return whose answer to a question counts."""
        name = question[0]
        if registry()[self._config.controls[name].type].result in _MEASURED:
            scores = self._scores(lambda one, other: _mean(_measured(question, one, other, self._config)))
            best = max(range(len(scores)), key=lambda place: (scores[place], -place))
            self._share(name, scores[best])
            return self._readings[best]
        said = [reading.says(question) for reading in self._readings]
        votes = Counter(said)
        most = max(votes.values())
        self._share(name, most / len(said))
        return self._readings[next(place for place, text in enumerate(said) if votes[text] == most)]

    def _place_of_base(self, held: Sequence[int]) -> int:
        """Return whose regions count, or, where nobody marked any, who gave most of the answers that count."""
        places = range(len(self._readings))
        if not any(reading.regions for reading in self._readings):
            return max(places, key=lambda place: (held[place], -place))
        scores = self._scores(lambda one, other: _mean(self._alike(one, other).values()))
        best = max(places, key=lambda place: (scores[place], held[place], -place))
        others = [reading for place, reading in enumerate(self._readings) if place != best]
        by_name: dict[str, list[float]] = {}
        for other in others:
            for name, share in self._alike(self._readings[best], other).items():
                by_name.setdefault(name, []).append(share)
        for name, shares in by_name.items():
            self._share(name, _mean(shares))
        return best

    def _scores(self, alike: Callable[[_Reading, _Reading], float]) -> list[float]:
        """Return how well each answer agrees with all others."""
        found: list[list[float]] = [[] for _ in self._readings]
        for (one, reading), (another, other) in combinations(enumerate(self._readings), 2):
            share = alike(reading, other)
            found[one].append(share)
            found[another].append(share)
        return [_mean(shares) for shares in found]

    def _alike(self, one: _Reading, other: _Reading) -> dict[str, float]:
        """Return how well the regions of two answers agree, by control; without those that neither has used."""
        found: dict[str, float] = {}
        for name, questions in self._marking.items():
            known = [
                share for question in questions for share in _measured(question, one, other, self._config)
            ]
            if known:
                found[name] = _mean(known)
        return found

    @cached_property
    def _marking(self) -> dict[str, list[Question]]:
        """The controls whose answers belong to regions, each with what it asks about."""
        found: dict[str, list[Question]] = {}
        for question in sorted({question for reading in self._readings for question in reading.marked}):
            found.setdefault(question[0], []).append(question)
        return found

    def _share(self, name: str, share: float) -> None:
        self._shares.setdefault(name, []).append(share)


def _measured(question: Question, one: _Reading, other: _Reading, config: LabelingConfig) -> Iterator[float]:
    """Yield how well two answers to a question agree, the same from both sides; nothing where neither says anything."""
    mine, theirs = one.said(question), other.said(question)
    if not mine and not theirs:
        return
    control = config.controls.get(question[0])
    shown = config.objects.get(question[1])
    measure = comparison_for(control, [shown.type] if shown else []) if control else ""
    if isinstance(measure, str):
        yield float(one.says(question) == other.says(question))
        return
    shares = [measure.add(Sides(mine, theirs)), measure.add(Sides(theirs, mine))]
    known = [share for share in shares if share is not None]
    yield _mean(known) if known else float(one.says(question) == other.says(question))


def _joined(base: _Reading, chosen: Mapping[Question, _Reading]) -> list[Item]:
    """Return the regions of one answer with the answers to questions that others gave."""
    taken = {item["id"] for item in base.regions if isinstance(item.get("id"), str)}
    found = list(base.regions)
    for question, reading in chosen.items():
        for item in reading.questions.get(question, ()):
            # An item with the id of a region would be an answer about that region.
            shares_id = isinstance(item.get("id"), str) and item["id"] in taken
            found.append({**item, "id": f"{item['id']}-{reading.answer.id}"} if shares_id else item)
    return found


def _text_of(items: Iterable[Item], config: LabelingConfig) -> str:
    """Return what items say as a text that is the same for equal answers, whatever their ids and their order."""
    return json.dumps(sorted(json.dumps(_plain(item, config), sort_keys=True) for item in items))


def _plain(item: Item, config: LabelingConfig) -> Any:
    control = config.controls.get(item["from_name"])
    value: dict[str, Any] = item["value"]
    if control is None:
        return value
    key, answer = answer_of(control, value)
    if isinstance(answer, list) and registry()[control.type].result in _UNORDERED:
        answer = sorted(answer, key=lambda label: json.dumps(label, sort_keys=True))
    if is_number(answer):
        answer = float(answer)
    return {**value, key: answer} if key else value


def _mean(shares: Iterable[float]) -> float:
    """Return the mean, rounded so that the order of adding does not matter; 1 where there is nothing to differ on."""
    known = sorted(shares)
    return round(sum(known) / len(known), _DIGITS) if known else 1.0
