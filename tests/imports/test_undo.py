"""An import can be taken back, except for what people have worked on since."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.imports.models import Import
from apps.imports.services import import_rows
from apps.imports.undo import count_undo, start_undo, undo
from apps.jobs.runner import run
from apps.projects.queries import totals_of
from apps.tasks.models import Lease, Task
from tests.factories import choice, make_completion, make_project, make_user


@pytest.fixture
def project(db):
    return make_project()


def brought(project, rows):
    report = import_rows(project=project, rows=rows, created_by=project.created_by)
    return Import.objects.get(pk=report.import_id)


def undone(row):
    return undo(row=row, undone_by=row.created_by, advance=lambda done, total: None)


def test_only_the_tasks_of_the_import_go(project):
    kept = brought(project, [{"text": "kept"}])
    row = brought(project, [{"text": "a"}, {"data": {"text": "b"}, "annotations": [{"result": choice()}]}])
    assert (count_undo(row).would_go, count_undo(row).would_stay) == (2, 0)

    assert undone(row) == 2

    assert list(Task.objects.values_list("imported_by_id", flat=True)) == [kept.pk]
    assert not Completion.objects.exists()
    totals = totals_of([project.pk])[project.pk]
    assert (totals.tasks, totals.completions, totals.labeled_tasks) == (1, 0, 0)
    row.refresh_from_db()
    assert row.undone_at is not None


def test_tasks_that_people_labeled_or_are_labeling_stay(project, monkeypatch):
    monkeypatch.setattr("apps.imports.undo.BATCH", 2)
    row = brought(project, [{"text": text} for text in "abcde"])
    labeled, _, leased, *_ = Task.objects.order_by("pk")
    make_completion(labeled, project.created_by)
    Lease.objects.create(
        task=leased,
        project=project,
        user=project.created_by,
        slot=1,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    assert (count_undo(row).would_go, count_undo(row).would_stay) == (3, 2)

    assert undone(row) == 3

    assert list(Task.objects.order_by("pk").values_list("data__text", flat=True)) == ["a", "c"]
    assert totals_of([project.pk])[project.pk].tasks == 2


def test_a_task_whose_imported_completion_was_changed_since_stays(project):
    rows = [{"data": {"text": text}, "annotations": [{"result": choice()}]} for text in "ab"]
    row = brought(project, rows)
    changed = Completion.objects.order_by("pk")[0]
    Completion.objects.filter(pk=changed.pk).update(updated_at=timezone.now())

    assert undone(row) == 1
    assert Task.objects.get().pk == changed.task_id


def test_undoing_twice_does_nothing_the_second_time(project):
    row = brought(project, [{"text": "a"}])
    assert (undone(row), undone(row)) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_the_record_names_who_took_the_import_back_and_not_who_made_it(project):
    row = brought(project, [{"text": "a"}])
    other = make_user()
    job = start_undo(row=row, requested_by=other)

    run(job_id=job.pk, worker="one")

    entry = Entry.objects.get(action=AuditAction.TASKS_DELETED)
    assert (entry.actor, entry.after["import"]) == (other, row.pk)


def test_the_api_tells_the_counts_and_starts_a_job(project, api):
    row = brought(project, [{"text": "a"}])
    client = api(project.created_by)
    address = f"/api/projects/{project.pk}/imports/{row.pk}/undo"
    assert client.get(address).json() == {"would_go": 1, "would_stay": 0}
    response = client.post(address)
    assert response.status_code == 202
    assert (response.json()["kind"], response.json()["status"]) == ("import-undo", "queued")
    assert client.post(address).json()["id"] == response.json()["id"]
