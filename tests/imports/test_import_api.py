"""Imports over REST."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.tasks.models import Task


def test_a_json_body_is_imported(cast, api):
    address = f"/api/projects/{cast.project.pk}/import?return_task_ids=true"
    response = api(cast.manager).post(address, [{"text": "a"}, {"text": "b"}])
    assert response.status_code == 201
    assert response.json()["task_count"] == 2
    assert (
        response.json()["task_ids"]
        == list(Task.objects.order_by("-pk").values_list("pk", flat=True)[:2])[::-1]
    )


def test_an_uploaded_file_is_imported(cast, api):
    file = SimpleUploadedFile("tasks.json", json.dumps([{"text": "a"}]).encode())
    response = api(cast.manager).post(
        f"/api/projects/{cast.project.pk}/import", {"file": file}, format="multipart"
    )
    assert response.status_code == 201
    assert response.json()["task_count"] == 1


def test_several_files_are_imported_as_one(cast, api):
    files = [SimpleUploadedFile(f"{name}.json", b'[{"text": "a"}]') for name in "ab"]
    response = api(cast.manager).post(
        f"/api/projects/{cast.project.pk}/import", {"file": files}, format="multipart"
    )
    assert response.status_code == 201
    assert response.json()["task_count"] == 2
    assert len(response.json()["file_upload_ids"]) == 2


def test_bad_rows_are_400_with_every_row_under_tasks(cast, api):
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import", [{"text": "a"}, {"txt": 1}])
    assert response.status_code == 400
    assert response.json()["validation_errors"] == {
        "tasks": ['Row 2: the key "text" is missing, which <Text name="text"> shows']
    }
    assert Task.objects.count() == 3


def test_an_upload_over_the_limit_is_413_before_it_is_read(cast, api, settings):
    settings.MAX_UPLOAD_BYTES = 100
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import", [{"text": "a" * 200}])
    assert response.status_code == 413
    assert "this server takes 100 at once" in response.json()["detail"]
    assert Task.objects.count() == 3
