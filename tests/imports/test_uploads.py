"""Files arrive in parts that can be sent again, are named safely, and are served to members only."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core.errors import NotFound, TooLarge
from apps.imports.models import Upload
from apps.imports.uploads import OffsetMismatch, append_part, begin_upload, complete_upload, store_upload
from apps.tasks.models import Task
from tests.factories import make_upload

CONTENT = b'[{"text": "a"}, {"text": "b"}]'


def announced(client: Any, project_id: int, size: int = len(CONTENT)) -> str:
    response = client.post(f"/api/projects/{project_id}/uploads", {"name": "tasks.json", "size": size})
    assert response.status_code == 201
    assert response.headers["Upload-Offset"] == "0"
    return str(response.headers["Location"])


def sent(client: Any, address: str, offset: int, part: bytes) -> Any:
    return client.generic(
        "PATCH", address, part, content_type="application/offset+octet-stream", HTTP_UPLOAD_OFFSET=str(offset)
    )


def test_parts_make_the_file_and_it_can_be_imported(cast, api):
    client = api(cast.manager)
    address = announced(client, cast.project.pk)

    assert sent(client, address, 0, CONTENT[:10]).json()["offset"] == 10
    assert client.head(address).headers["Upload-Offset"] == "10"
    last = sent(client, address, 10, CONTENT[10:]).json()

    assert last["is_complete"]
    assert default_storage.open(last["file"]).read() == CONTENT
    response = client.post(f"/api/projects/{cast.project.pk}/imports", {"file_upload_ids": [last["id"]]})
    assert (response.status_code, response.json()["task_count"]) == (201, 2)
    assert Task.objects.order_by("-pk")[0].file_upload == last["file"]


def test_a_part_that_was_lost_or_came_twice_is_told_where_to_go_on(cast, api):
    client = api(cast.manager)
    address = announced(client, cast.project.pk)
    sent(client, address, 0, CONTENT[:10])

    again = sent(client, address, 0, CONTENT[:10])
    beyond = sent(client, address, 20, CONTENT[20:])

    for answer in (again, beyond):
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "10")
    assert sent(client, address, 10, CONTENT[10:]).json()["is_complete"]


def test_an_empty_part_is_refused_and_not_kept(cast, api):
    client = api(cast.manager)
    address = announced(client, cast.project.pk)

    answer = sent(client, address, 0, b"")

    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "The part is empty. Send the bytes that come next.",
    )
    assert Upload.objects.get().parts == []
    assert default_storage.listdir(f"upload/{cast.project.pk}")[1] == []


def test_a_file_in_ever_smaller_parts_ends_at_a_limit(cast, api, monkeypatch):
    monkeypatch.setattr("apps.imports.uploads.MAX_PARTS", 2)
    client = api(cast.manager)
    address = announced(client, cast.project.pk)
    sent(client, address, 0, CONTENT[:1])
    sent(client, address, 1, CONTENT[1:2])

    answer = sent(client, address, 2, CONTENT[2:3])

    assert (answer.status_code, Upload.objects.get().received) == (400, 2)


def test_a_form_of_which_one_part_cannot_be_stored_keeps_none(cast, api, django_capture_on_commit_callbacks):
    form = {"file": SimpleUploadedFile("tasks.json", CONTENT), "url": "http://127.0.0.1/tasks.json"}

    with django_capture_on_commit_callbacks(execute=True):
        response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import", form, format="multipart")

    assert response.status_code == 400
    assert not Upload.objects.exists()
    assert default_storage.listdir(f"upload/{cast.project.pk}")[1] == []


def test_content_range_names_the_offset_as_well(cast, api):
    client = api(cast.manager)
    address = announced(client, cast.project.pk)
    response = client.generic(
        "PATCH", address, CONTENT, content_type="application/octet-stream",
        HTTP_CONTENT_RANGE=f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}",
    )  # fmt: skip
    assert response.json()["is_complete"]


def test_a_part_without_an_offset_is_refused(cast, api):
    client = api(cast.manager)
    address = announced(client, cast.project.pk)
    response = client.generic("PATCH", address, CONTENT, content_type="application/octet-stream")
    assert response.status_code == 400
    assert Upload.objects.get().received == 0


def test_more_bytes_than_announced_are_refused_and_not_kept(cast, api):
    client = api(cast.manager)
    address = announced(client, cast.project.pk, size=10)
    assert sent(client, address, 0, CONTENT).status_code == 413
    assert Upload.objects.get().received == 0
    assert default_storage.listdir(f"upload/{cast.project.pk}")[1] == []


def test_an_upload_over_the_limit_is_refused_when_it_is_announced(cast, api, settings):
    settings.MAX_UPLOAD_BYTES = 100
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/uploads", {"name": "x", "size": 101})
    assert response.status_code == 413
    assert response.json()["detail"] == "The upload is larger than 100 bytes (MAX_UPLOAD_BYTES)."
    assert not Upload.objects.exists()


def test_of_two_that_send_the_same_part_one_wins(cast):
    upload = begin_upload(project=cast.project, name="x", size=20, created_by=cast.owner)

    class Racing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if not self.tell():
                append_part(upload_id=upload.pk, offset=0, stream=io.BytesIO(b"0123456789"))
            return super().read(size)

    with pytest.raises(OffsetMismatch):
        append_part(upload_id=upload.pk, offset=0, stream=Racing(b"9876543210"))

    upload.refresh_from_db()
    assert upload.received == 10
    assert [default_storage.open(part).read() for part in upload.parts] == [b"0123456789"]


def test_deleting_an_upload_deletes_its_file(cast, api, django_capture_on_commit_callbacks):
    upload = make_upload(cast.project, CONTENT)
    with django_capture_on_commit_callbacks(execute=True):
        assert api(cast.manager).delete(f"/api/import/file-upload/{upload.pk}").status_code == 204
    assert not default_storage.exists(upload.file)


def test_the_files_of_a_project_are_listed(cast, api):
    upload = make_upload(cast.project, CONTENT)
    (listed,) = api(cast.manager).get(f"/api/projects/{cast.project.pk}/file-uploads?all=true").json()
    assert (listed["id"], listed["file"], listed["size"]) == (upload.pk, upload.file, len(CONTENT))


def test_an_upload_that_is_too_large_leaves_no_file(cast):
    with pytest.raises(TooLarge):
        store_upload(
            project=cast.project, name="x", stream=io.BytesIO(b"x" * 11), created_by=cast.owner, max_bytes=10
        )
    assert not Upload.objects.exists()


@pytest.fixture(autouse=True)
def own_media_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_of_two_requests_that_make_the_file_at_once_the_later_takes_the_file_of_the_first(cast):
    upload = begin_upload(project=cast.project, name="a.json", size=len(CONTENT), created_by=cast.manager)
    append_part(upload_id=upload.pk, offset=0, stream=io.BytesIO(CONTENT[:10]))
    late = Upload.objects.get()
    late.parts, late.received = [*late.parts, "upload/last.part"], late.size
    made = append_part(upload_id=upload.pk, offset=10, stream=io.BytesIO(CONTENT[10:]))
    default_storage.delete(late.parts[0])  # as the first request does when it has committed

    assert complete_upload(late).file == made.file


def test_a_part_of_an_upload_that_was_deleted_meanwhile_is_refused(cast):
    with pytest.raises(NotFound):
        append_part(upload_id=1_000_000, offset=0, stream=io.BytesIO(CONTENT))
