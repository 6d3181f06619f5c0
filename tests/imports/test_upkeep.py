"""Files that nobody needs any more are deleted once a day, and no others."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.imports.models import Upload
from apps.imports.upkeep import (
    delete_abandoned_uploads,
    delete_files_of_deleted_projects,
    delete_orphaned_parts,
)
from apps.imports.uploads import append_part, begin_upload
from apps.projects.models import Project
from tests.factories import make_project, make_upload, owner_of

pytestmark = pytest.mark.django_db


def test_files_of_a_deleted_project_go_and_those_of_others_stay():
    gone, present = make_project(), make_project()
    theirs, ours = make_upload(gone, b'[{"text": "a"}]'), make_upload(present, b'[{"text": "b"}]')
    Project.objects.filter(pk=gone.pk).delete()

    deleted = delete_files_of_deleted_projects(lambda: None)

    assert deleted >= 1
    assert not default_storage.exists(theirs.file)
    assert not default_storage.exists(f"upload/{gone.pk}")
    assert default_storage.exists(ours.file)


def test_an_upload_that_was_never_finished_is_given_up_after_a_week():
    project = make_project()
    old = begin_upload(project=project, name="old.json", size=9, created_by=owner_of(project))
    new = begin_upload(project=project, name="new.json", size=9, created_by=owner_of(project))
    finished = make_upload(project, b'[{"text": "a"}]')
    Upload.objects.filter(pk__in=[old.pk, finished.pk]).update(created_at=timezone.now() - timedelta(days=8))

    assert delete_abandoned_uploads() == 1

    assert set(Upload.objects.filter(project=project)) == {new, finished}


def test_a_part_that_no_upload_knows_goes_after_a_week_and_those_of_an_upload_under_way_stay():
    project = make_project()
    upload = begin_upload(project=project, name="tasks.json", size=9, created_by=owner_of(project))
    (known,) = append_part(upload_id=upload.pk, offset=0, stream=io.BytesIO(b"first")).parts
    lost, fresh = (
        default_storage.save(f"upload/{project.pk}/{name}.part", ContentFile(b"x"))
        for name in ("lost", "fresh")
    )
    eight_days_ago = (timezone.now() - timedelta(days=8)).timestamp()
    for name in (known, lost):
        os.utime(default_storage.path(name), (eight_days_ago, eight_days_ago))

    assert delete_orphaned_parts(lambda: None) == 1

    assert not default_storage.exists(lost)
    assert default_storage.exists(known)
    assert default_storage.exists(fresh)
