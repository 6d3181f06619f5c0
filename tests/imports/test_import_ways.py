"""The other ways in: a URL, a job, stored files, predictions."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.imports.models import Import, Upload
from apps.imports.uploads import StorageFull
from apps.jobs.models import Job
from apps.predictions.models import Prediction
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from tests.factories import choice, make_project, make_upload


@pytest.fixture
def file_server() -> Iterator[str]:
    """A server on this machine that gives a CSV file; its host and port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"text\nfrom afar\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def own_media_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.parametrize("shape", ["json", "form"])
def test_what_a_url_gives_is_imported_when_the_operator_allows_its_address(
    cast, api, settings, file_server, shape
):
    settings.OUTGOING_ALLOWED_HOSTS = [file_server]
    body = {"url": f"http://{file_server}/tasks.csv"}
    response = api(cast.manager).post(
        f"/api/projects/{cast.project.pk}/import", body, format="json" if shape == "json" else "multipart"
    )
    assert (response.status_code, response.json()["task_count"]) == (201, 1)
    assert Upload.objects.get().name == "tasks.csv"
    assert Task.objects.order_by("-pk")[0].data == {"text": "from afar"}


def test_a_url_of_an_inner_address_is_refused(cast, api, file_server):
    body = {"url": f"http://{file_server}/tasks.csv"}
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import", body)
    assert response.status_code == 400
    assert "own network" in response.json()["detail"]
    assert not Upload.objects.exists()


def test_an_object_with_a_url_is_a_task_where_the_config_shows_one(cast, api):
    project = make_project(
        cast.owner, label_config='<View><Text name="t" value="$url"/><TextArea name="a" toName="t"/></View>'
    )
    response = api(cast.owner).post(f"/api/projects/{project.pk}/import", {"url": "http://127.0.0.1/x"})
    assert response.status_code == 201
    assert Task.objects.get(project=project).data == {"url": "http://127.0.0.1/x"}


def test_async_answers_at_once_with_an_import_whose_job_waits(cast, api):
    client = api(cast.manager)
    response = client.post(f"/api/projects/{cast.project.pk}/import?async=1", [{"text": "a"}])
    assert response.status_code == 202
    document = response.json()
    assert str(Job.objects.get().pk) == document["job"]
    state = client.get(f"/api/projects/{cast.project.pk}/imports/{document['import']}").json()
    assert (state["status"], state["task_count"]) == ("queued", 0)
    assert state["job"]["waiting_reason"].startswith("Queued: no worker is running.")


def test_a_body_over_the_synchronous_limit_becomes_a_job(cast, api, settings):
    settings.IMPORT_SYNC_BYTES = 10
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import", [{"text": "a long one"}])
    assert response.status_code == 202
    assert Upload.objects.get().size > 10
    assert Import.objects.order_by("-pk")[0].job_id == Job.objects.get().pk


def test_without_commit_files_are_stored_and_imported_later(cast, api):
    client = api(cast.manager)
    address = f"/api/projects/{cast.project.pk}"
    stored = client.post(f"{address}/import?commit_to_project=false", [{"text": "later"}]).json()
    assert (stored["task_count"], len(stored["file_upload_ids"])) == (0, 1)
    assert Task.objects.count() == 3

    ids = {"file_upload_ids": stored["file_upload_ids"]}
    response = client.post(f"{address}/imports", {**ids, "return_task_ids": True})
    assert response.json()["task_ids"] == [Task.objects.order_by("-pk")[0].pk]


@pytest.mark.parametrize("query", ["", "?commit_to_project=false", "?async=1"])
def test_a_request_without_a_body_is_refused(cast, api, query):
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import{query}")
    assert response.status_code == 400


def test_a_file_of_another_project_is_not_imported(cast, api):
    foreign = make_upload(make_project(cast.stranger), b'[{"text": "secret"}]')
    response = api(cast.manager).post(
        f"/api/projects/{cast.project.pk}/imports", {"file_upload_ids": [foreign.pk]}
    )
    assert response.status_code == 400
    assert Task.objects.filter(project=cast.project).count() == 3


def test_keys_of_the_data_become_predictions(cast, api):
    row = {"text": "a", "model_a": choice(), "model_b": choice("Negative")}
    response = api(cast.manager).post(
        f"/api/projects/{cast.project.pk}/import?preannotated_from_fields=model_a,model_b", [row]
    )
    assert response.json()["prediction_count"] == 2
    assert sorted(Prediction.objects.values_list("model_version", flat=True)) == ["model_a", "model_b"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ("on_error=ignore", "on_error"),
        ("format=WORD", "format"),
        ("csv_as=poem", "csv_as"),
        ("answers_as=x", "answers_as"),
    ],
)
def test_an_unknown_option_value_is_named(cast, api, options, field):
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import?{options}", [{"text": "a"}])
    assert response.status_code == 400
    assert list(response.json()["validation_errors"]) == [field]
    assert Task.objects.count() == 3


def test_a_csv_body_is_imported_by_its_content_type(cast, api):
    response = api(cast.manager).generic(
        "POST", f"/api/projects/{cast.project.pk}/import", b"text,n\na,1\nb,2\n", content_type="text/csv"
    )
    assert (response.status_code, response.json()["task_count"]) == (201, 2)


def test_a_picture_becomes_a_task_that_shows_the_stored_file(cast, api):
    config = '<View><Image name="i" value="$image"/><Choices name="c" toName="i"><Choice value="x"/></Choices></View>'
    project = make_project(cast.owner, label_config=config)
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
    response = api(cast.owner).post(
        f"/api/projects/{project.pk}/import", {"file": SimpleUploadedFile("a.png", png)}, format="multipart"
    )
    assert response.status_code == 201
    upload = Upload.objects.get()
    assert Task.objects.get(project=project).data == {"image": upload.url}
    assert b"".join(api(cast.owner).get(upload.url).streaming_content) == png


def test_predictions_for_tasks_that_are_there_replace_those_of_the_same_version(cast, api):
    task, other, _ = Task.objects.order_by("pk")
    client, address = api(cast.manager), f"/api/projects/{cast.project.pk}/import/predictions"
    items = [
        {"task": task.pk, "result": choice(), "score": 0.5, "model_version": "v1"},
        {"task": other.pk, "result": choice(), "score": 0.25},
    ]
    assert client.post(address, items).json() == {"created": 2}
    assert client.post(address, [{**items[0], "score": 1}]).json() == {"created": 1}

    task.refresh_from_db()
    assert (task.predictions_count, task.prediction_score) == (1, 1.0)
    assert totals_of([cast.project.pk])[cast.project.pk].predictions == 2


def test_predictions_for_a_foreign_task_are_refused_as_a_whole(cast, api):
    own = Task.objects.order_by("pk")[0]
    foreign = make_project(cast.stranger, tasks=1).tasks.get()
    items = [{"task": own.pk, "result": choice()}, {"task": foreign.pk, "result": choice()}, {"result": []}]
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import/predictions", items)
    assert response.status_code == 400
    assert response.json()["validation_errors"]["predictions"] == [
        "[2] must be an object with the id of a task under task",
        f"[1].task: this project has no task {foreign.pk}",
    ]
    assert not Prediction.objects.exists()


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(cast, api, monkeypatch):
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import", [{"text": "a"}])
    assert response.status_code == StorageFull.status_code
    assert "disk is full" in response.json()["detail"]
    assert json.loads(response.content)["status_code"] == 507
    assert Task.objects.count() == 3


@pytest.mark.parametrize("query", ["filename=a%00.json", "preannotated_from_fields=a%00"])
def test_a_nul_in_the_query_is_no_server_error(cast, api, query):
    before = Task.objects.count()
    response = api(cast.manager).post(f"/api/projects/{cast.project.pk}/import?{query}", [{"text": "a"}])
    expected = (201, 1) if query.startswith("filename") else (400, 0)
    assert (response.status_code, Task.objects.count() - before) == expected


def test_a_file_in_the_field_url_is_a_file_like_any_other(cast, api):
    file = SimpleUploadedFile("tasks.csv", b"text\na\n")
    response = api(cast.manager).post(
        f"/api/projects/{cast.project.pk}/import", {"url": file}, format="multipart"
    )
    assert (response.status_code, response.json()["task_count"]) == (201, 1)


def test_the_answer_and_the_import_name_the_formats_that_were_found(cast, api):
    files = [SimpleUploadedFile("a.csv", b"text\na\n"), SimpleUploadedFile("b.json", b'[{"text": "b"}]')]
    client, address = api(cast.manager), f"/api/projects/{cast.project.pk}"

    answer = client.post(f"{address}/import", {"file": files}, format="multipart").json()

    assert answer["found_formats"] == ["CSV", "JSON"]
    assert client.get(f"{address}/imports/{answer['import']}").json()["found_formats"] == ["CSV", "JSON"]
