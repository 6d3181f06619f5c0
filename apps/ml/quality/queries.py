"""What is known of the quality of models."""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.ml.models import ModelVersion, QualityReport
from apps.predictions.queries import model_versions

# One index scan a version: the index has a project's versions, each with its newest report first.
_NEWEST = """
SELECT DISTINCT ON (model_version) id FROM ml_qualityreport
WHERE project_id = %(project)s AND ground_truth_only = %(ground_truth_only)s
ORDER BY model_version, id DESC
"""


def newest_versions(project_id: int) -> list[str]:
    """Return the versions that have predictions in a project, those first that were heard of last.

    Versions of which no backend ever told, such as imported ones, come last, by name.
    """
    names = model_versions(project_id)
    order = _places(project_id, names)
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _places(project_id: int, names: list[str]) -> dict[str, int]:
    """Return the place of each version that a backend named, from 0 for the newest."""
    seen = ModelVersion.objects.filter(project_id=project_id, name__in=names).order_by("-pk")
    return {name: place for place, name in enumerate(seen.values_list("name", flat=True))}


def newest_reports(project_id: int, *, ground_truth_only: bool = False) -> list[QualityReport]:
    """Return the newest report of each version of a project, in the order of `newest_versions`; without worst tasks."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"project": project_id, "ground_truth_only": ground_truth_only})
        ids = [report_id for (report_id,) in cursor.fetchall()]
    reports = list(QualityReport.objects.filter(pk__in=ids).defer("worst_tasks"))
    order = _places(project_id, [report.model_version for report in reports])
    return sorted(
        reports, key=lambda report: (order.get(report.model_version, len(order)), report.model_version)
    )


def report_for(user: User, project_id: int, report_id: int) -> QualityReport:
    """Return a report of a project.

    Raises:
        NotFound: there is none that `user` may see.
    """
    reports: Any = QualityReport.objects.for_user(user).filter(project_id=project_id, pk=report_id)
    report: QualityReport | None = reports.first()
    if report is None:
        raise NotFound(
            f"This project has no quality report {report_id}. Newer ones take the place of older ones."
        )
    return report
