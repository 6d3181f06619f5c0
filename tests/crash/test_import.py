"""Whatever happens to the worker, an import happens once, as a whole, or not at all."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.imports.models import Import, Upload
from apps.imports.options import ImportOptions, OnError
from apps.imports.services import start_import
from apps.imports.undo import start_undo
from apps.imports.uploads import store_upload
from apps.jobs.models import Job, JobStatus
from apps.jobs.queries import NO_WORKER, with_waiting_reasons
from apps.jobs.services import cancel
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from tests.factories import make_project, owner_of
from tests.jobs.conftest import WorkerProcess, broker, has_status, start_worker, wait_until

__all__ = ["broker", "start_worker"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

ROWS = 20_000
Start = Callable[[], WorkerProcess]


@pytest.fixture
def project(transactional_db: None) -> Project:
    return make_project()


def stored(project: Project, rows: int = ROWS, *, bad: int = 0) -> Upload:
    lines = [{"data": {"text": f"text {number}", "sku": number}} for number in range(rows)]
    lines += [{"data": {"txt": "bad"}}] * bad
    content = io.BytesIO(json.dumps(lines).encode())
    return store_upload(project=project, name="tasks.json", stream=content, created_by=owner_of(project))


def started(project: Project, upload: Upload, **options: Any) -> Import:
    return start_import(
        project=project, uploads=[upload], created_by=owner_of(project), options=ImportOptions(**options)
    )


def job_of(row: Import) -> Job:
    assert row.job is not None
    return Job.objects.get(pk=row.job.pk)


def progressed(row: Import, to: int) -> Callable[[], bool]:
    def reached() -> bool:
        job = job_of(row)
        return job.progress >= to or job.status == JobStatus.COMPLETED

    return reached


def test_without_a_worker_the_import_says_so_and_with_one_it_is_done(
    project: Project, start_worker: Start
) -> None:
    row = started(project, stored(project, 10))
    assert with_waiting_reasons([job_of(row)])[0].waiting_reason == NO_WORKER

    start_worker()
    wait_until(has_status(job_of(row), JobStatus.COMPLETED))

    row.refresh_from_db()
    assert (row.status, row.task_count, Task.objects.count()) == ("completed", 10, 10)
    result = job_of(row).result
    assert result is not None
    assert result["task_count"] == 10


def test_an_import_whose_worker_is_killed_again_and_again_happens_exactly_once(
    project: Project, start_worker: Start
) -> None:
    upload = stored(project, bad=3)
    row = started(project, upload, on_error=OnError.SKIP, dedupe="sku")
    points = sorted(random.Random(5).sample(range(1, upload.size), 2))
    for point in points:
        worker = start_worker()
        wait_until(progressed(row, point))
        worker.kill()
        assert Task.objects.count() in (0, ROWS)

    start_worker()
    wait_until(has_status(job_of(row), JobStatus.COMPLETED), seconds=120)

    assert Task.objects.filter(project=project).count() == ROWS
    assert Task.objects.filter(project=project).values("data__sku").distinct().count() == ROWS
    assert totals_of([project.pk])[project.pk].tasks == ROWS
    row.refresh_from_db()
    assert (row.task_count, row.bad_row_count, len(row.problems)) == (ROWS, 3, 3)


def test_a_cancelled_import_leaves_nothing_behind(project: Project, start_worker: Start, settings) -> None:
    row = started(project, stored(project, 150_000))
    start_worker()
    wait_until(progressed(row, 1))

    cancel(job=job_of(row))
    wait_until(has_status(job_of(row), JobStatus.CANCELLED))

    assert not Task.objects.exists()
    assert totals_of([project.pk])[project.pk].tasks == 0
    assert Import.objects.get().status == "cancelled"
    assert Project.objects.get(pk=project.pk).last_inner_id == 0
    files = [
        path for path in Path(settings.MEDIA_ROOT, "upload", str(project.pk)).iterdir() if path.is_file()
    ]
    assert len(files) == 1


def test_a_rejected_import_ends_as_failed_with_its_report(project: Project, start_worker: Start) -> None:
    row = started(project, stored(project, 10, bad=2))
    start_worker()
    wait_until(has_status(job_of(row), JobStatus.FAILED))

    row.refresh_from_db()
    assert job_of(row).error.startswith("2 rows are bad, so nothing was imported.")
    assert (row.status, row.bad_row_count, bool(row.report)) == ("failed", 2, True)
    assert not Task.objects.exists()


def test_undoing_whose_worker_is_killed_ends_with_nothing_left(project: Project, start_worker: Start) -> None:
    row = started(project, stored(project))
    worker = start_worker()
    wait_until(has_status(job_of(row), JobStatus.COMPLETED))
    row.refresh_from_db()

    job = start_undo(row=row, requested_by=owner_of(project))
    wait_until(lambda: Task.objects.count() < ROWS)
    worker.kill()
    start_worker()
    wait_until(has_status(job, JobStatus.COMPLETED))

    assert not Task.objects.exists()
    assert totals_of([project.pk])[project.pk].tasks == 0
