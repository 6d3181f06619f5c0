"""The versions of a project's models: how much each has predicted, and their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.jobs.models import Job
from apps.jobs.services import enqueue
from apps.ml.models import ModelVersion
from apps.predictions.models import Prediction
from apps.predictions.services import store_scores
from apps.projects import tallies
from apps.projects.models import Project
from apps.statistics.queries import scores
from apps.tasks.locks import lock_tasks

DELETE_VERSION = "delete-model-version"
"""The kind of the job; its handler is in `apps.ml.jobs.predicting`."""

AT_ONCE = 1_000
"""Up to so many predictions are deleted while the caller waits."""

BATCH = 500


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as lists show it.

    Attributes:
        name: "" for predictions that came without one.
        backend_id: which backend named it first; None for one that came by import or over the API.
        first_seen_at: None for the same.
        is_shown: whether annotators see its predictions.
    """

    name: str
    predictions: int
    backend_id: int | None
    first_seen_at: datetime | None
    is_shown: bool


def counts_of_versions(project_id: int) -> dict[str, int]:
    """Return how many predictions each version has made, by name; from sums that the database keeps.

    The project must be one the caller may see.
    """
    counts: Counter[str] = Counter()
    for version, _span, predictions in scores(project_id):
        counts[version] += predictions
    return {version: count for version, count in sorted(counts.items()) if count}


def list_versions(project: Project) -> list[VersionRow]:
    """Return the versions that have predicted or that a backend named, the newest first; two queries."""
    counts = counts_of_versions(project.pk)
    known = list(ModelVersion.objects.filter(project=project).order_by("-first_seen_at", "-pk"))
    names = [version.name for version in known]
    listed = [
        VersionRow(
            version.name, counts.get(version.name, 0), version.backend_id, version.first_seen_at,
            project.model_version in ("", version.name),
        )
        for version in known
    ]  # fmt: skip
    return listed + [
        VersionRow(name, count, None, None, project.model_version in ("", name))
        for name, count in counts.items()
        if name not in set(names)
    ]


def delete_version(*, project: Project, name: str, deleted_by: User) -> tuple[int, Job | None]:
    """Delete all predictions of a version, at once when they are few; return how many, or the job that does it."""
    found = Prediction.objects.filter(project=project, model_version=name)
    if found.order_by()[: AT_ONCE + 1].count() <= AT_ONCE:
        return delete_predictions_of_version(project=project, name=name, deleted_by=deleted_by), None
    job = enqueue(
        kind=DELETE_VERSION, project=project, created_by=deleted_by, payload={"version": name},
        dedupe_key=f"delete-version-{project.pk}-{name}"[:200],
    )  # fmt: skip
    return 0, job


def delete_predictions_of_version(
    *,
    project: Project,
    name: str,
    deleted_by: User | None,
    report: Callable[[int], None] = lambda _done: None,
) -> int:
    """Delete a version's predictions batch by batch, and then the version; return how many there were.

    What the version predicts meanwhile goes, too; it may be broken off and begun again.

    Args:
        report: is told after each batch how many are deleted; it may raise to stop there.
    """
    deleted = 0
    try:
        while batch := _delete_batch(project.pk, name):
            deleted += batch
            report(deleted)
        ModelVersion.objects.filter(project=project, name=name).delete()
    finally:
        if deleted:
            record(
                AuditAction.PREDICTIONS_DELETED, actor=deleted_by, target=project, project_id=project.pk,
                after={"model_version": name, "count": deleted},
            )  # fmt: skip
    return deleted


@transaction.atomic
def _delete_batch(project_id: int, name: str) -> int:
    """Delete some predictions; 0 when none is left."""
    of_version = Prediction.objects.filter(project_id=project_id, model_version=name)
    task_ids = list(of_version.order_by().values_list("task_id", flat=True)[:BATCH])
    locked = [task.pk for task in lock_tasks(task_ids)]
    deleted, _ = of_version.filter(task_id__in=locked).delete()
    store_scores(locked)
    tallies.add(project_id, predictions=-deleted)
    return deleted
