"""What is asked of prediction runs: start one, cancel it, go on with it, ask again for what failed."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.db.models import Max

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import NotFound, ValidationFailed
from apps.jobs.models import Job
from apps.jobs.services import cancel, enqueue, retry
from apps.ml.locks import keep_backend
from apps.ml.models import MLBackend, PredictionRun, RunTrigger
from apps.ml.predicting.choosing import Chosen, Which, read_chosen
from apps.tasks.models import Task

PREDICT = "predict"
"""The kind of the job; its handler is in `apps.ml.jobs.predicting`."""


@transaction.atomic
def start_run(
    *,
    backend: MLBackend,
    chosen: Chosen,
    trigger: RunTrigger = RunTrigger.PERSON,
    created_by: User | None = None,
    batch_size: int | None = None,
) -> PredictionRun:
    """Have a backend asked for predictions of many tasks, by a job.

    A run of the same backend and choice that is under way already is returned in place of a second one. Tasks that
    come later than this moment are not asked for.

    Args:
        batch_size: how many tasks one request holds, in place of the backend's own setting.

    Raises:
        NotFound: the backend was removed meanwhile.
    """
    keep_backend(backend.pk)
    highest = Task.objects.filter(project_id=backend.project_id).aggregate(highest=Max("pk"))["highest"] or 0
    run = PredictionRun.objects.create(
        project_id=backend.project_id, backend=backend, trigger=trigger, created_by=created_by,
        chosen=replace(chosen, up_to=highest).document(),
    )  # fmt: skip
    job = enqueue(
        kind=PREDICT, project=backend.project, created_by=created_by,
        payload={"run": run.pk, "batch_size": batch_size}, dedupe_key=f"predict-{backend.pk}-{chosen.key()}",
    )  # fmt: skip
    if job.payload["run"] != run.pk:
        run.delete()
        runs = PredictionRun.objects.select_related("job", "backend", "project")
        under_way: PredictionRun = runs.get(pk=job.payload["run"])
        return under_way
    run.job = job
    run.save(update_fields=["job"])
    if created_by is not None:  # what rules start stands in the backend's history
        _record(run, chosen, created_by)
    return run


def _record(run: PredictionRun, chosen: Chosen, person: User) -> None:
    record(
        AuditAction.PREDICTIONS_REQUESTED, actor=person, target=run.backend, project_id=run.project_id,
        after={"run": run.pk, "tasks": chosen.which.value},
    )  # fmt: skip


SHOWN_RUNS = 50


def runs_of(backend_ids: list[int]) -> list[PredictionRun]:
    """Return the runs of the given backends, newest first, with their jobs and without what was chosen."""
    rows = PredictionRun.objects.filter(backend_id__in=backend_ids).select_related(
        "job", "backend", "created_by"
    )
    return list(rows.defer("chosen").order_by("-pk")[:SHOWN_RUNS])


def cancel_run(*, run: PredictionRun, cancelled_by: User | None = None) -> None:
    """Stop a run; what it has stored stays.

    Raises:
        NotFound: its job is gone.
        ValidationFailed: it is over already.
    """
    cancel(job=_job_of(run), cancelled_by=cancelled_by)


def resume_run(*, run: PredictionRun, resumed_by: User | None = None) -> None:
    """Go on with a run that failed or was cancelled, behind the last task that it dealt with.

    Raises:
        NotFound: its job is gone.
        ValidationFailed: it is under way or completed, or another run does the same.
    """
    retry(job=_job_of(run), retried_by=resumed_by)


def retry_failed(*, run: PredictionRun, created_by: User | None = None) -> PredictionRun:
    """Ask once more for the tasks alone for which a run got no prediction; return the new run.

    Raises:
        ValidationFailed: there are none, or the run is still under way.
    """
    if run.job is not None and run.job.is_active:
        raise ValidationFailed("This run is still under way. Wait until it is over, or cancel it first.")
    if not run.failures.exists():
        raise ValidationFailed(
            "Every task of this run got its prediction: there is nothing to ask for again."
        )
    return start_run(backend=run.backend, chosen=Chosen(Which.FAILED, number=run.pk), created_by=created_by)


@transaction.atomic
def cancel_outdated(*, backend: MLBackend, version: str) -> int:
    """Cancel the runs that refresh predictions for other versions than the newest one; return how many."""
    active = PredictionRun.objects.filter(
        backend=backend, trigger=RunTrigger.NEW_VERSION, job__in=Job.objects.active()
    )
    outdated = [
        run for run in active.select_related("job") if read_chosen(run.chosen).version != version and run.job
    ]
    for run in outdated:
        cancel(job=_job_of(run))
    return len(outdated)


def _job_of(run: PredictionRun) -> Job:
    if run.job is None:
        raise NotFound("The job of this run is gone. Start a new run.")
    return run.job
