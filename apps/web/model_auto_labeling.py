"""How many completions would be made of predictions from a score on."""

from __future__ import annotations

from dataclasses import dataclass

from apps.predictions.models import Prediction
from apps.projects.models import Project


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Predictions of tasks that nobody has answered.

    Attributes:
        sure: those that would become completions.
        all: with those that are not sure enough.
    """

    sure: int
    all: int

    @property
    def unsure(self) -> int:
        """Those that stay for people."""
        return self.all - self.sure


def label_counts(project: Project, *, min_score: float | None, model_version: str) -> LabelCounts:
    """Count the unanswered tasks whose prediction has at least a score.

    Args:
        min_score: None: every prediction is sure enough.
        model_version: "" is the one that annotators see.
    """
    name = model_version or project.model_version
    version = {"model_version": name} if name else {}
    waiting = Prediction.objects.filter(project=project, task__completions_count=0, **version)
    latest = waiting.order_by("task_id", "-updated_at", "-pk").distinct("task_id")
    found = Prediction.objects.filter(pk__in=latest.values("pk")).order_by()
    sure = found if min_score is None else found.filter(score__gte=min_score)
    return LabelCounts(sure=sure.count(), all=found.count())
