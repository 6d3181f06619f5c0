"""What is known of the quality of models."""

from __future__ import annotations

import re
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

    Versions of which no backend ever told, such as imported ones, come last; of these "v10" before "v9".
    """
    return _newest_first(project_id, model_versions(project_id))


def _newest_first(project_id: int, names: list[str]) -> list[str]:
    known = ModelVersion.objects.filter(project_id=project_id, name__in=names).order_by("-pk")
    told = list(known.values_list("name", flat=True))
    return told + sorted(set(names) - set(told), key=_as_counted, reverse=True)


def _as_counted(name: str) -> list[tuple[bool, int, str]]:
    """Return what sorts names by the numbers in them."""
    parts = re.split(r"([0-9]+)", name)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def newest_reports(project_id: int, *, ground_truth_only: bool = False) -> list[QualityReport]:
    """Return the newest report of each version of a project, in the order of `newest_versions`; without worst tasks."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"project": project_id, "ground_truth_only": ground_truth_only})
        ids = [report_id for (report_id,) in cursor.fetchall()]
    reports = list(QualityReport.objects.filter(pk__in=ids).defer("worst_tasks"))
    by_version = {report.model_version: report for report in reports}
    return [by_version[name] for name in _newest_first(project_id, list(by_version))]


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
