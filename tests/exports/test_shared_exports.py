"""Large exports that several workers write, with real Celery workers: whole, once, whatever happens to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from apps.exports.keeping import create_export, delete_export
from apps.exports.models import Export, ExportPart
from apps.exports.options import read_spec
from apps.exports.parts import Taker, can_be_parted, discard_parts, make_parts, take_part, write_part
from apps.exports.queries import SnapshotGone, ranges_of, shared_snapshot, snapshot
from apps.exports.services import export_project, prepare_export
from apps.exports.sharing import EXPORT_PARTS
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from tests.factories import make_project, owner_of
from tests.jobs.conftest import WorkerProcess, broker, claimed, has_status, start_worker, wait_until

__all__ = ["broker", "start_worker"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

TASKS, OF_A_PART = 60, 7
PARTS, SLOTS = 9, 2
Start = Callable[[], WorkerProcess]


@pytest.fixture
def project(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Project:
    """A project that is large here and in the workers, with a storage of its own."""
    for name, value in {
        "EXPORT_SYNC_TASKS": 0,
        "EXPORT_SPLIT_TASKS": 10,
        "EXPORT_PART_TASKS": OF_A_PART,
    }.items():
        setattr(settings, name, value)
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("LABEL_STUDIO_DIR", str(tmp_path))
    settings.MEDIA_ROOT, settings.EXPORT_ROOT = tmp_path / "media", tmp_path / "export"
    return make_project(tasks=TASKS)


def begun(project: Project, **options: Any) -> Export:
    person = owner_of(project)
    seen = project_for(person, project.pk, Action.EXPORT)
    return create_export(project=seen, created_by=person, spec=read_spec({"tasks": "all", **options}))


def read(row: Export) -> bytes:
    with default_storage.open(row.file) as file:
        content: bytes = file.read()
    return content


def unsplit(row: Export) -> bytes:
    person = owner_of(row.project)
    seen = project_for(person, row.project_id, Action.EXPORT)
    return b"".join(export_project(project=seen, exported_by=person, spec=read_spec(row.options)).pieces)


def files() -> list[str]:
    """Return the names of all exports in the storage."""
    folders = default_storage.listdir("export")[0] if default_storage.exists("export") else []
    return [name for folder in folders for name in default_storage.listdir(f"export/{folder}")[1]]


def assert_whole(row: Export) -> None:
    made = Export.objects.get(pk=row.pk)
    assert read(made) == unsplit(made)
    assert (made.state, made.task_count, made.size) == (JobStatus.COMPLETED, TASKS, len(read(made)))
    assert ExportPart.objects.count() == 0
    assert files() == [made.file.rpartition("/")[2]]


def test_one_slot_is_enough(project: Project) -> None:
    row = begun(project, format="JSON_MIN")
    assert row.job_id is not None
    run(job_id=row.job_id, worker="the only one")  # nobody runs the helpers
    assert_whole(row)
    assert not Job.objects.filter(kind=EXPORT_PARTS).exists()


def test_workers_that_were_killed_write_it_together_once_more(project: Project, start_worker: Start) -> None:
    row = begun(project)
    assert row.job is not None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE completions_completion")  # nobody can read a part to its end
        worker = start_worker()
        wait_until(lambda: ExportPart.objects.filter(export=row).being_written().count() == SLOTS)
        worker.kill()
    start_worker()
    wait_until(has_status(row.job, JobStatus.COMPLETED))
    assert_whole(row)
    job = Job.objects.get(pk=row.job.pk)
    assert job.attempts > 1
    assert (job.progress, job.total) == (TASKS, TASKS)


def test_cancelling_it_stops_its_helpers_too(project: Project, start_worker: Start) -> None:
    row = begun(project)
    assert row.job is not None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE completions_completion")
        start_worker()
        wait_until(lambda: ExportPart.objects.filter(export=row).being_written().count() == SLOTS)
        Job.objects.filter(pk=row.job.pk).update(cancel_requested=True)
    wait_until(lambda: not Job.objects.active().exists())
    assert Export.objects.select_related("job").get(pk=row.pk).state == JobStatus.CANCELLED
    assert (ExportPart.objects.count(), files()) == (0, [])


class Leading:
    """An export in the middle: parts are made, and the leading job's run holds the snapshot."""

    def __init__(self, project: Project, shared: str) -> None:
        self.row = begun(project)
        assert self.row.job is not None
        self.claim = claimed(self.row.job)
        self.taker = Taker(self.row.job.pk, 1)
        person = owner_of(project)
        self.writer = prepare_export(
            project=project_for(person, project.pk, Action.EXPORT),
            user=person,
            spec=read_spec(self.row.options),
        )
        with snapshot(shared):
            ranges = ranges_of(self.writer.statement(), OF_A_PART)
        make_parts(self.row, ranges, run=self.claim.token)

    def take(self, taker: Taker | None = None) -> ExportPart | None:
        return take_part(run=self.claim.token, taker=taker or self.taker)


def test_parts_are_taken_in_order_and_each_once(project: Project) -> None:
    with shared_snapshot() as shared:
        leading = Leading(project, shared)
        taken = [part.number for _ in range(PARTS + 1) if (part := leading.take()) is not None]
    assert taken == list(range(1, PARTS + 1))


def test_a_part_of_a_job_that_runs_no_more_is_free_again(project: Project) -> None:
    with shared_snapshot() as shared:
        leading = Leading(project, shared)
        helper = Job.objects.create(kind=EXPORT_PARTS)
        claimed(helper)
        first = leading.take(Taker(helper.pk, 1))
        second = leading.take()
        Job.objects.filter(pk=helper.pk).update(status=JobStatus.QUEUED)
        again = leading.take()
    assert first is not None
    assert second is not None
    assert again is not None
    assert (first.number, second.number, again.number) == (1, 2, 1)


def test_all_parts_are_of_one_moment(project: Project) -> None:
    with shared_snapshot() as shared:
        leading = Leading(project, shared)
        Task.objects.filter(project=project).update(data={"text": "changed meanwhile"})
        part = leading.take()
        assert part is not None
        write_part(part, leading.writer, shared=shared, advance=lambda _done: None)
        part.refresh_from_db()
        with default_storage.open(part.file) as file:
            first = json.loads(b"[" + file.read() + b"]")
    assert [task["data"] for task in first] == [
        {"text": f"text {number}"} for number in range(1, OF_A_PART + 1)
    ]


def test_who_is_slower_throws_its_file_away(project: Project) -> None:
    with shared_snapshot() as shared:
        leading = Leading(project, shared)
        part = leading.take()
        assert part is not None
        for _ in range(2):
            write_part(part, leading.writer, shared=shared, advance=lambda _done: None)
        part.refresh_from_db()
        assert files() == [part.file.rpartition("/")[2]]
        discard_parts(leading.row)
        write_part(part, leading.writer, shared=shared, advance=lambda _done: None)
    assert files() == []


def test_a_snapshot_ends_with_whoever_holds_it(project: Project) -> None:
    with shared_snapshot() as shared:
        pass
    with pytest.raises(SnapshotGone), snapshot(shared):
        Task.objects.count()
    assert not connection.in_atomic_block


def test_a_part_of_an_export_that_is_deleted_meanwhile_leaves_nothing(project: Project) -> None:
    with shared_snapshot() as shared:
        leading = Leading(project, shared)
        part = leading.take()
        assert part is not None
        delete_export(row=leading.row, deleted_by=owner_of(project))
        write_part(part, leading.writer, shared=shared, advance=lambda _done: None)
        assert leading.take() is None
    assert (Export.objects.count(), ExportPart.objects.count(), files()) == (0, 0, [])


@pytest.mark.parametrize(
    ("options", "shared"),
    [
        ({}, True),
        ({"format": "CSV"}, False),
        ({"format": "COMPLETIONS"}, False),
        ({"split": "train=1,val=1"}, False),
        ({"identities": "pseudonyms"}, False),
    ],
    ids=["JSON", "table", "archive", "split", "pseudonyms"],
)
def test_what_cannot_be_joined_is_written_by_one(
    project: Project, options: dict[str, str], shared: bool
) -> None:
    person = owner_of(project)
    writer = prepare_export(
        project=project_for(person, project.pk, Action.EXPORT), user=person, spec=read_spec(options)
    )
    assert can_be_parted(writer) is shared
