"""Compares the predictions of a version with completions: every control by the measure that fits it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apps.labeling.agreement.counting import DIGITS, mean, ratio
from apps.labeling.agreement.measures import comparison_for
from apps.labeling.agreement.sides import Comparison, Sides, by_control
from apps.labeling.config import ControlTag, LabelingConfig

WORST_TASKS = 100


@dataclass(frozen=True, slots=True)
class Pair:
    """A prediction beside what people answered to the same task."""

    task_id: int
    inner_id: int
    score: float | None
    predicted: Any
    completion_id: int
    answered: Any


class VersionComparison:
    """Adds up how well the predictions of one version agree with completions; memory does not grow with the tasks."""

    def __init__(self, config: LabelingConfig) -> None:
        self._comparisons: dict[str, Comparison] = {}
        self._targets: dict[str, tuple[str, ...]] = {}
        self.not_compared: list[dict[str, str]] = []
        self.tasks = 0
        self._agreement = 0.0
        self._worst: list[_Ranked] = []
        for name, control in config.controls.items():
            self._prepare(name, control, config)

    def add(self, pair: Pair) -> None:
        """Compare one task."""
        predicted, answered = by_control(pair.predicted), by_control(pair.answered)
        by_name: dict[str, float] = {}
        for name, comparison in self._comparisons.items():
            found = [
                comparison.add(Sides(predicted.get((name, to), ()), answered.get((name, to), ()), pair.score))
                for to in self._targets[name]
            ]
            if (agreement := mean(found)) is not None:
                by_name[name] = agreement
        agreement = mean(by_name.values())
        self.tasks += 1
        self._agreement += 1.0 if agreement is None else agreement  # both said nothing
        if agreement is not None and agreement < 1:
            self._rank(_Ranked(agreement, pair, by_name))

    def metrics(self) -> dict[str, Any]:
        """Return the measures of all tasks so far, by control, as a report keeps them."""
        controls = [
            {
                "name": name,
                "kind": comparison.kind,
                "headline": _headline(comparison),
                **comparison.document(),
            }
            for name, comparison in self._comparisons.items()
        ]
        first = [control["headline"] for control in controls]
        return {
            "headline": {
                "name": first[0]["name"] if len(first) == 1 else "mean of all questions",
                "value": mean(one["value"] for one in first),
            },
            "agreement": ratio(self._agreement, self.tasks),
            "controls": controls,
            "not_compared": self.not_compared,
        }

    def worst_tasks(self) -> list[dict[str, Any]]:
        """Return the tasks that agree least; of equals first those of which the model was surest."""
        return [ranked.document() for ranked in sorted(self._worst, reverse=True)]

    @property
    def compares_anything(self) -> bool:
        """Whether the config asks anything that can be compared."""
        return bool(self._comparisons)

    def _prepare(self, name: str, control: ControlTag, config: LabelingConfig) -> None:
        targets = [to for to in control.to_names if to in config.objects]
        types = {config.objects[to].type for to in targets}
        found = comparison_for(control, types)
        if isinstance(found, str):
            self.not_compared.append({"name": name, "type": control.type, "reason": found})
            return
        self._comparisons[name] = found
        self._targets[name] = (*control.to_names, name) if control.type == "Pairwise" else control.to_names

    def _rank(self, ranked: _Ranked) -> None:
        if len(self._worst) < WORST_TASKS:
            heapq.heappush(self._worst, ranked)
        else:
            heapq.heappushpop(self._worst, ranked)


def _headline(comparison: Comparison) -> dict[str, Any]:
    name, value = comparison.headline
    return {"name": name, "value": value}


@dataclass(frozen=True)
class _Ranked:
    """A task in the heap of the worst: the least is the one to go first."""

    agreement: float
    pair: Pair
    by_name: dict[str, float]

    @cached_property
    def _rank(self) -> tuple[float, float, int]:
        sureness = 0.0 if self.pair.score is None else self.pair.score
        return -self.agreement, sureness, -self.pair.task_id

    def __lt__(self, other: _Ranked) -> bool:
        return self._rank < other._rank

    def document(self) -> dict[str, Any]:
        """Return what a report keeps."""
        return {
            "task": self.pair.task_id,
            "inner_id": self.pair.inner_id,
            "completion": self.pair.completion_id,
            "agreement": round(self.agreement, DIGITS),
            "score": self.pair.score,
            "controls": self.by_name,
        }
