"""Exports that are kept: made at once or by a job, whole or not at all, until they expire."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.core.errors import NotFound, ValidationFailed
from apps.exports import storing
from apps.exports.keeping import convert_export, create_export, delete_export
from apps.exports.models import BROKEN_OFF, EXPIRED, Export
from apps.exports.options import ExportSpec, read_spec
from apps.exports.snapshot_files import tasks_in
from apps.exports.upkeep import delete_expired_files, delete_orphaned_files, delete_orphaned_parts
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.projects.deletion import request_deletion
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, Role
from apps.projects.queries import project_for
from tests.cast import Cast
from tests.factories import (
    choice,
    make_completion,
    make_export,
    make_project,
    make_tasks,
    make_upload,
    owner_of,
)

pytestmark = pytest.mark.django_db


def content_of(row: Export) -> bytes:
    with default_storage.open(row.file) as file:
        content: bytes = file.read()
    return content


def begun(project: Project, settings: Any, **options: Any) -> Export:
    """Return an export that is left to a job."""
    settings.EXPORT_SYNC_TASKS = 0
    person = owner_of(project)
    seen = project_for(person, project.pk, Action.EXPORT)
    return create_export(project=seen, created_by=person, spec=read_spec({"tasks": "all", **options}))


def converted(row: Export, *, person: User, format_name: str) -> Export:
    seen = project_for(person, row.project_id, Action.EXPORT)
    return convert_export(project=seen, row=row, converted_by=person, format_name=format_name)


def worked_off(row: Export) -> Export:
    """Run the job of an export as a worker does, and return the export as it is then."""
    assert row.job_id is not None
    run(job_id=row.job_id, worker="test")
    made: Export = Export.objects.select_related("job").get(pk=row.pk)
    return made


class TestAtOnce:
    def test_a_small_export_is_complete_with_the_call(self, cast: Cast) -> None:
        row = make_export(cast.project, cast.manager)
        content = content_of(row)
        assert row.job is None
        assert (row.state, row.task_count, row.size) == (JobStatus.COMPLETED, 3, len(content))
        assert row.md5 == hashlib.md5(content).hexdigest()
        assert len(json.loads(content)) == 3
        assert row.expires_at is not None
        assert timedelta(days=6) < row.expires_at - timezone.now() < timedelta(days=8)

    def test_it_is_in_the_audit_log_with_what_was_asked_for(self, cast: Cast) -> None:
        row = make_export(cast.project, cast.manager, format="CSV")
        entry = Entry.objects.get(action=AuditAction.PROJECT_EXPORTED)
        assert (entry.actor_id, entry.project_id) == (cast.manager.pk, cast.project.pk)
        assert entry.after == {"format": "CSV", "tasks": "all", "export": row.pk}

    def test_one_that_fails_leaves_no_file_and_says_why(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
    ) -> None:
        def full_disk(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        settings.EXPORT_ROOT = tmp_path
        monkeypatch.setattr(os, "fsync", full_disk)
        with pytest.raises(Exception, match="disk is full"):
            make_export(cast.project, cast.manager)
        row = Export.objects.get()
        assert (row.state, row.file) == (JobStatus.FAILED, "")
        assert "disk is full" in row.error
        assert list(storing.parts_folder().glob("*.part")) == []


class TestAsAJob:
    def test_a_large_export_is_made_by_a_job_that_tells_how_far_it_is(
        self, cast: Cast, settings: Any
    ) -> None:
        row = begun(cast.project, settings)
        assert row.job is not None
        assert (row.state, row.has_file) == (JobStatus.QUEUED, False)

        row = worked_off(row)

        assert row.job is not None
        assert (row.state, row.job.status, row.job.progress, row.job.total) == (
            "completed",
            "completed",
            3,
            3,
        )
        assert row.job.result == {
            "export": row.pk, "task_count": 3, "size": row.size, "problem_count": 0, "next_cursor": row.next_cursor,
        }  # fmt: skip
        assert len(json.loads(content_of(row))) == 3

    def test_a_second_run_of_the_same_job_changes_nothing(self, cast: Cast, settings: Any) -> None:
        row = worked_off(begun(cast.project, settings))
        assert worked_off(row).file == row.file

    def test_an_export_of_a_project_being_deleted_ends_as_cancelled(self, cast: Cast, settings: Any) -> None:
        row = begun(cast.project, settings)
        request_deletion(project=cast.project, requested_by=cast.owner)
        row = worked_off(row)
        assert (row.state, row.file) == (JobStatus.CANCELLED, "")

    def test_who_may_no_longer_export_gets_nothing(self, cast: Cast, settings: Any) -> None:
        row = begun(cast.project, settings)
        Membership.objects.filter(user=cast.owner).update(role=Role.ANNOTATOR)
        row = worked_off(row)
        assert (row.state, row.file) == (JobStatus.FAILED, "")
        assert "You may not export" in row.why_failed

    def test_deleting_an_export_stops_its_job(self, cast: Cast, settings: Any) -> None:
        row = begun(cast.project, settings)
        delete_export(row=row, deleted_by=cast.owner)
        assert row.job is not None
        job = Job.objects.get(pk=row.job.pk)
        assert (job.status, Export.objects.count()) == (JobStatus.CANCELLED, 0)

    def test_one_deleted_while_it_is_made_is_published_nowhere(
        self, cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = begun(cast.project, settings)
        stored: list[str] = []

        def delete_first(name: str, content: Any) -> str:
            Export.objects.all().delete()
            stored.append(real_save(name, content))
            return stored[0]

        real_save = default_storage.save
        monkeypatch.setattr(default_storage, "save", delete_first)
        assert row.job_id is not None
        run(job_id=row.job_id, worker="test")
        assert len(stored) == 1
        assert not default_storage.exists(stored[0])

    def test_media_come_along_from_the_projects_own_uploads(self, settings: Any) -> None:
        config = """<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
            <Label value="Cat"/></RectangleLabels></View>"""
        project, other = make_project(label_config=config), make_project()
        own, foreign = make_upload(project, b"own picture", "a.png"), make_upload(other, b"theirs", "b.png")
        gone = f"/data/upload/{project.pk}/gone.png"
        tasks = make_tasks(project, [{"image": address} for address in (own.url, foreign.url, gone)])
        box = {"x": 1, "y": 1, "width": 9, "height": 9, "rectanglelabels": ["Cat"]}
        result = [
            {"id": "r", "from_name": "box", "to_name": "image", "type": "rectanglelabels", "value": box,
             "original_width": 100, "original_height": 100}
        ]  # fmt: skip
        for task in tasks:
            make_completion(task, owner_of(project), result=result)

        row = worked_off(begun(project, settings, format="YOLO", media=True))

        archive = zipfile.ZipFile(io.BytesIO(content_of(row)))
        pictures = [name for name in archive.namelist() if name.startswith("images/")]
        assert [archive.read(name) for name in pictures] == [b"own picture"]
        report = json.loads(archive.read("report.json"))
        assert [problem["task"] for problem in report["rows"]] == [tasks[1].pk, tasks[2].pk]
        assert row.problem_count == 2


class TestConversions:
    def test_a_snapshot_is_converted_as_it_was_when_it_was_made(self, cast: Cast) -> None:
        task = cast.project.tasks.order_by("pk")[0]
        make_completion(task, cast.annotator, result=[{**choice()[0], "note": "line\nbreak, 😀"}])
        row = make_export(cast.project, cast.manager)
        make_completion(cast.project.tasks.order_by("pk")[1], cast.annotator)

        made = converted(row, person=cast.manager, format_name="JSON_MIN")

        labeled = [entry["id"] for entry in json.loads(content_of(made)) if entry.get("annotation_id")]
        assert labeled == [task.pk]
        assert (made.snapshot_id, made.task_count, made.next_cursor) == (row.pk, 3, row.next_cursor)

    def test_asking_twice_converts_once(self, cast: Cast) -> None:
        row = make_export(cast.project, cast.manager)
        first = converted(row, person=cast.manager, format_name="CSV")
        assert converted(row, person=cast.owner, format_name="csv") == first

    def test_the_tasks_of_a_snapshot_are_read_one_by_one(self, cast: Cast) -> None:
        row = make_export(cast.project, cast.manager)
        assert [json.loads(text) for text in tasks_in(row)] == json.loads(content_of(row))

    def test_a_file_of_another_shape_is_not_taken_for_tasks(self, cast: Cast) -> None:
        row = make_export(cast.project, cast.manager, format="CSV")
        with pytest.raises(ValidationFailed, match="cannot be read any more"):
            list(tasks_in(row))

    def test_only_whole_json_can_be_converted(self, cast: Cast) -> None:
        row = make_export(cast.project, cast.manager, format="CSV")
        with pytest.raises(ValidationFailed, match="Only an export as JSON"):
            converted(row, person=cast.manager, format_name="TSV")
        assert Export.objects.count() == 1


class TestUpkeep:
    def test_files_go_when_their_time_is_over_and_the_history_stays(self, cast: Cast) -> None:
        old, new = make_export(cast.project, cast.manager), make_export(cast.project, cast.manager)
        Export.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))

        assert delete_expired_files(lambda: None) == 1

        assert not default_storage.exists(old.file)
        assert Export.objects.get(pk=old.pk).state == EXPIRED
        assert default_storage.exists(new.file)

    def test_an_expired_file_is_not_given_away_before_it_is_deleted(self, cast: Cast, api: Any) -> None:
        row = make_export(cast.project, cast.manager)
        Export.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        answer = api(cast.manager).get(f"/api/projects/{cast.project.pk}/exports/{row.pk}/download")
        assert (answer.status_code, answer.json()["detail"]) == (
            404, "There is no file to download: this export is expired.",
        )  # fmt: skip

    def test_files_that_no_export_names_go_after_a_day(self, cast: Cast) -> None:
        known = make_export(cast.project, cast.manager)
        folder = f"export/{cast.project.pk}"
        lost, fresh = (
            default_storage.save(f"{folder}/{name}", ContentFile(b"x")) for name in ("lost", "fresh")
        )
        part = storing.parts_folder() / "killed.part"
        part.write_bytes(b"half")
        two_days_ago = (timezone.now() - timedelta(days=2)).timestamp()
        for path in (default_storage.path(lost), default_storage.path(known.file), part):
            os.utime(path, (two_days_ago, two_days_ago))

        assert delete_orphaned_files(lambda: None) == 1
        assert delete_orphaned_parts() == 1

        assert not default_storage.exists(lost)
        assert default_storage.exists(known.file)
        assert default_storage.exists(fresh)

    def test_one_whose_process_died_is_said_to_be_broken_off(self, cast: Cast) -> None:
        row = Export.objects.create(project=cast.project, format="JSON")
        assert row.state == JobStatus.RUNNING
        row.created_at = timezone.now() - timedelta(hours=1)
        assert row.state == BROKEN_OFF


def test_exports_are_seen_by_those_who_may_export(cast: Cast) -> None:
    row = make_export(cast.project, cast.manager)
    seeing = {name for name, person in cast.people().items() if row in Export.objects.for_user(person)}
    assert seeing == {"owner", "manager", "administrator"}


def test_nothing_is_begun_in_a_project_that_is_being_deleted(cast: Cast) -> None:
    seen = project_for(cast.manager, cast.project.pk, Action.EXPORT)
    request_deletion(project=cast.project, requested_by=cast.owner)
    with pytest.raises(NotFound):
        create_export(project=seen, created_by=cast.manager, spec=ExportSpec())
    assert Export.objects.count() == 0
