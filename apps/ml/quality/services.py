"""Asks for model quality to be measured, and measures it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import ValidationFailed
from apps.jobs.models import Job
from apps.jobs.running import RunningJob
from apps.jobs.services import enqueue
from apps.labeling.config import parse
from apps.ml.models import QualityReport
from apps.ml.quality.comparing import VersionComparison
from apps.ml.quality.queries import newest_versions
from apps.ml.quality.reading import count_pairs, pairs
from apps.projects.models import Project
from apps.projects.queries import totals_of

MODEL_QUALITY = "model-quality"

MAX_VERSIONS = 20
"""So many versions, the newest first, are measured where nobody says which."""

KEPT_REPORTS = 10
"""So many reports of each version stay."""


@transaction.atomic
def request_quality(
    *,
    project: Project,
    created_by: User | None,
    model_versions: Sequence[str] | None = None,
    ground_truth_only: bool = False,
) -> Job:
    """Have versions of models measured against completions; the same request joins the job that is under way.

    Args:
        model_versions: which versions; None: the newest ones of the project.
        ground_truth_only: compare with ground truth alone, not with each task's newest completion.

    Raises:
        ValidationFailed: there are no predictions, or none of a version that is named.
    """
    known = newest_versions(project.pk)
    if not known:
        raise ValidationFailed(
            "There are no predictions to measure. Connect a model and predict, or import predictions."
        )
    wanted = known[:MAX_VERSIONS] if model_versions is None else list(dict.fromkeys(model_versions))
    if unknown := [version for version in wanted if version not in known]:
        message = f'No prediction of this project has the model version "{unknown[0][:255]}".'
        raise ValidationFailed(message, fields={"model_version": [message]})
    digest = hashlib.sha256("\0".join(sorted(wanted)).encode()).hexdigest()[:32]
    return enqueue(
        kind=MODEL_QUALITY,
        project=project,
        created_by=created_by,
        payload={"model_versions": wanted, "ground_truth_only": ground_truth_only},
        dedupe_key=f"{MODEL_QUALITY}:{project.pk}:{int(ground_truth_only)}:{digest}",
    )


def measure_after_run(*, project_id: int, version: str) -> Job | None:
    """Have a version measured that has just predicted; None where there is nothing to compare it with."""
    project = Project.objects.filter(pk=project_id, deleted_at=None).first()
    if project is None or not totals_of([project_id])[project_id].completions:
        return None
    if version not in newest_versions(project_id):
        return None
    return request_quality(project=project, created_by=None, model_versions=[version])


def measure_version(
    project: Project, version: str, *, ground_truth_only: bool, job: RunningJob, measured: int, total: int
) -> QualityReport | None:
    """Write the report of one version and return it; None where no task with a prediction has an answer.

    A job that runs twice writes it once. Memory does not grow with the number of tasks.

    Args:
        measured: how many tasks the job has behind it, of `total`.

    Raises:
        JobCancelled, JobSuperseded: by `job`.
    """
    comparison = VersionComparison(parse(project.label_config))
    for done, pair in enumerate(pairs(project.pk, version, ground_truth_only=ground_truth_only), start=1):
        job.check_cancelled()
        comparison.add(pair)
        job.advance(measured + done, total, f"{version or 'Predictions without a version'}: {done:,} tasks")
    return _store(comparison, project, version, ground_truth_only, job.id) if comparison.tasks else None


@transaction.atomic
def _store(
    comparison: VersionComparison, project: Project, version: str, ground_truth_only: bool, job_id: UUID
) -> QualityReport:
    of_version = QualityReport.objects.filter(
        project=project, model_version=version, ground_truth_only=ground_truth_only
    )
    of_version.filter(job_id=job_id).delete()
    report = QualityReport.objects.create(
        project=project,
        model_version=version,
        ground_truth_only=ground_truth_only,
        job_id=job_id,
        tasks=comparison.tasks,
        metrics=comparison.metrics(),
        worst_tasks=comparison.worst_tasks(),
    )
    kept = of_version.order_by("-pk").values_list("pk", flat=True)
    if former := list(islice(kept, KEPT_REPORTS, None)):
        QualityReport.objects.filter(pk__in=former).delete()
    return report


def count_work(project: Project, versions: Sequence[str], *, ground_truth_only: bool) -> int:
    """Return how many pairs of predictions and completions the measuring of `versions` looks at."""
    return sum(count_pairs(project.pk, version, ground_truth_only=ground_truth_only) for version in versions)
