"""How well models agree with people, as the page shows it: numbers in words, tables, a matrix, a trend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.jobs.models import Job
from apps.jobs.queries import with_waiting_reasons
from apps.ml.models import QualityReport
from apps.ml.quality.queries import newest_reports
from apps.ml.quality.services import MODEL_QUALITY
from apps.projects.models import Project
from apps.tasks.models import Task
from apps.web.statistics_cards import Picture

MISSING = "–"
NO_ANSWER = "no answer"
NO_VERSION = "no version"
MAX_TREND = 20
"""The trend shows so many of the newest versions."""


@dataclass(frozen=True, slots=True)
class ShownControl:
    """What is known of the answers to one question.

    Attributes:
        facts: the numbers that come first, each with its name.
        head, rows: the measures by label.
        matrix: which label was taken for which; None where answers are no single labels.
    """

    name: str
    facts: list[tuple[str, str]]
    head: Sequence[str] = ()
    rows: list[Sequence[str]] = field(default_factory=list)
    matrix: Picture | None = None

    @property
    def matrix_rows(self) -> list[tuple[str, list[int]]]:
        """The matrix as a table: a label of people, and how often it was predicted as each."""
        return self.matrix.series if self.matrix else []


@dataclass(frozen=True, slots=True)
class WorstTask:
    """A task on which the model and people agree little."""

    task_id: int
    inner_id: int
    agreement: str
    score: str


@dataclass(frozen=True, slots=True)
class QualitySection:
    """All that the page shows of quality.

    Attributes:
        report: the one that is shown in full; None while nothing was measured.
        reports: the newest one of each version, for the choice and the trend.
        job: measures at this moment, or failed the last time.
    """

    report: QualityReport | None
    reports: list[QualityReport]
    ground_truth_only: bool
    job: Job | None
    controls: list[ShownControl] = field(default_factory=list)
    worst: list[WorstTask] = field(default_factory=list)
    trend: Picture | None = None

    @property
    def agreement(self) -> str:
        """How well predictions and answers agree on average, in percent."""
        return percent(self.report.metrics.get("agreement") if self.report else None)

    @property
    def not_compared(self) -> list[dict[str, str]]:
        """The questions without a measure, each with the reason."""
        return self.report.metrics.get("not_compared", []) if self.report else []


def quality_section(
    project: Project, viewer: User, *, version: str | None, ground_truth_only: bool
) -> QualitySection:
    """Return what is known of the quality of a project's models.

    Args:
        version: of which everything is shown; None, or one that was not measured: the one annotators see, else the
            newest.
    """
    reports = newest_reports(project.pk, ground_truth_only=ground_truth_only)
    by_version = {report.model_version: report for report in reversed(reports)}
    chosen = by_version.get(version) if version is not None else None
    chosen = chosen or by_version.get(project.model_version) or (reports[0] if reports else None)
    return QualitySection(
        report=chosen,
        reports=reports,
        ground_truth_only=ground_truth_only,
        job=measuring_job(project, viewer),
        controls=[shown_control(one) for one in chosen.metrics.get("controls", [])] if chosen else [],
        worst=_worst(chosen) if chosen else [],
        trend=_trend(reports),
    )


def measuring_job(project: Project, viewer: User) -> Job | None:
    """Return the last measuring unless it went well: then its reports speak for it."""
    last = Job.objects.for_user(viewer).filter(project=project, kind=MODEL_QUALITY).first()
    if last is None or last.status == "completed":
        return None
    return with_waiting_reasons([last])[0]


def percent(value: float | None) -> str:
    """Return a part of one in percent, as people read it."""
    return MISSING if value is None else f"{value * 100:.1f}".removesuffix(".0") + " %"


def number(value: float | None) -> str:
    """Return a number in a few digits."""
    return MISSING if value is None else f"{value:,.3f}".rstrip("0").rstrip(".")


def shown_control(control: dict[str, Any]) -> ShownControl:
    """Return the measures of one question as people read them."""
    shown: dict[str, Any] = _SHOWN[control["kind"]](control)
    return ShownControl(name=control["name"], **shown)


Column = tuple[str, str, Callable[[Any], str]]
"""A column of measures by label: what it is called, what the report calls it, and how it reads."""


def _count(value: int) -> str:
    return f"{value:,}"


_PRECISION: Column = ("Precision", "precision", percent)
_RECALL: Column = ("Recall", "recall", percent)
_F1: Column = ("F1", "f1", percent)


def _by_label(control: dict[str, Any], *columns: Column) -> dict[str, Any]:
    return {
        "head": ("Label", *(title for title, _, _ in columns)),
        "rows": [
            (row["label"], *(show(row[name]) for _, name, show in columns)) for row in control["labels"]
        ],
    }


def _labels(control: dict[str, Any]) -> dict[str, Any]:
    return {
        "facts": [
            ("Accuracy", percent(control["accuracy"])),
            ("Macro F1", percent(control["macro_f1"])),
            ("Answers", _count(control["answers"])),
        ],
        "matrix": _matrix(control.get("confusion")),
        **_by_label(control, _PRECISION, _RECALL, _F1, ("Answers", "support", _count)),
    }


def _spans(control: dict[str, Any]) -> dict[str, Any]:
    exact, overlapping = control["exact"], control["overlapping"]
    columns = (("F1, overlapping", "overlapping_f1", percent), ("Spans", "support", _count))
    return {
        "facts": [
            ("F1, exactly the same", percent(exact["f1"])),
            ("F1, overlapping", percent(overlapping["f1"])),
            ("Precision", percent(exact["precision"])),
            ("Recall", percent(exact["recall"])),
        ],
        **_by_label(control, _PRECISION, _RECALL, _F1, *columns),
    }


def _shapes(control: dict[str, Any]) -> dict[str, Any]:
    averages = (("AP@.5", "ap_50", percent), ("AP@[.5:.95]", "ap_50_95", percent))
    return {
        "facts": [
            ("mAP@.5", percent(control["map_50"])),
            ("mAP@[.5:.95]", percent(control["map_50_95"])),
            ("Precision at .5", percent(control["at_50"]["precision"])),
            ("Recall at .5", percent(control["at_50"]["recall"])),
        ],
        **_by_label(control, *averages, _PRECISION, _RECALL, ("Shapes", "support", _count)),
    }


def _masks(control: dict[str, Any]) -> dict[str, Any]:
    columns = (("IoU", "iou", percent), ("Dice", "f1", percent))
    return {
        "facts": [
            ("Mean IoU", percent(control["mean_iou"])),
            ("Mean Dice", percent(control["mean_dice"])),
        ],
        **_by_label(control, *columns, _PRECISION, _RECALL, ("Tasks", "tasks", _count)),
    }


def _points(control: dict[str, Any]) -> dict[str, Any]:
    near, very_near = control["at_05"], control["at_02"]
    columns = (("F1 within 2 %", "f1_at_02", percent), ("Points", "support", _count))
    return {
        "facts": [
            ("F1 within 5 %", percent(near["f1"])),
            ("PCK@.05 (recall)", percent(near["recall"])),
            ("F1 within 2 %", percent(very_near["f1"])),
            ("Mean distance", percent(control["mean_distance"])),
        ],
        **_by_label(control, _PRECISION, _RECALL, _F1, *columns),
    }


def _texts(control: dict[str, Any]) -> dict[str, Any]:
    return {
        "facts": [
            ("Exactly the same", percent(control["equal"])),
            ("Similarity", percent(control["similarity"])),
            ("Character error rate", percent(control["character_error_rate"])),
            ("Word error rate", percent(control["word_error_rate"])),
            ("Answers", _count(control["answers"])),
        ]
    }


def _numbers(control: dict[str, Any]) -> dict[str, Any]:
    error = control["mean_error"]
    return {
        "facts": [
            ("Mean error", number(control["mean_absolute_error"])),
            ("Too high (+) or too low (-)", MISSING if error is None else f"{error:+,.3f}"),
            ("Root mean square error", number(control["root_mean_squared_error"])),
            ("Exactly the same", percent(control["equal"])),
            ("Answers", _count(control["answers"])),
        ]
    }


_SHOWN = {
    "labels": _labels, "spans": _spans, "shapes": _shapes, "masks": _masks, "points": _points, "texts": _texts,
    "numbers": _numbers,
}  # fmt: skip


def _matrix(confusion: dict[str, Any] | None) -> Picture | None:
    if confusion is None:
        return None
    names = [NO_ANSWER if name is None else name for name in confusion["labels"]]
    return Picture("heatmap", names, list(zip(names, confusion["counts"], strict=True)))


def _worst(report: QualityReport) -> list[WorstTask]:
    """Return the tasks that agree least, without those that were deleted meanwhile."""
    ids = [one["task"] for one in report.worst_tasks]
    present = set(Task.objects.filter(project_id=report.project_id, pk__in=ids).values_list("pk", flat=True))
    return [
        WorstTask(one["task"], one["inner_id"], percent(one["agreement"]), number(one["score"]))
        for one in report.worst_tasks
        if one["task"] in present
    ]


def _trend(reports: list[QualityReport]) -> Picture | None:
    """Return each version's first measure of every question in percent, the oldest version first."""
    shown = list(reversed(reports[:MAX_TREND]))
    if len(shown) < 2:
        return None
    names = list(dict.fromkeys(one["name"] for report in shown for one in report.metrics["controls"]))
    values = [
        {one["name"]: one["headline"]["value"] for one in report.metrics["controls"]} for report in shown
    ]
    series = [(name, [round(100 * (one.get(name) or 0)) for one in values]) for name in names]
    return Picture("lines", [report.model_version or NO_VERSION for report in shown], series)


def headline_of(report: QualityReport) -> tuple[str, str]:
    """Return the one number of a report in percent, and what it is called."""
    headline = report.metrics.get("headline", {})
    return percent(headline.get("value")), str(headline.get("name", ""))
