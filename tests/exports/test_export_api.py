"""Kept exports over REST, as the Label Studio API has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Entry
from apps.exports.formats import CATALOGUE
from apps.exports.models import Export
from apps.jobs.runner import run
from apps.predictions.services import save_prediction
from tests.cast import Cast
from tests.factories import choice, make_completion, make_export

pytestmark = pytest.mark.django_db


def address(cast: Cast, tail: str = "") -> str:
    return f"/api/projects/{cast.project.pk}/exports{tail}"


def test_a_snapshot_without_a_word_has_all_tasks_and_is_described(cast: Cast, api: Any) -> None:
    answer = api(cast.manager).post(address(cast, "/"), {"title": "Before the rename"}, format="json")
    row = Export.objects.get()
    assert answer.status_code == 201
    document = answer.json()
    expected = {
        "id": row.pk, "title": "Before the rename", "status": "completed", "state": "completed", "md5": row.md5,
        "counters": {"task_number": 3}, "converted_formats": [], "export_type": "JSON", "size": row.size,
        "filename": row.filename, "problem_count": 0, "next_cursor": row.next_cursor, "error": "", "job": None,
        "options": {"format": "JSON", "tasks": "all"}, "task_filter_options": None,
        "annotation_filter_options": None, "serialization_options": None,
    }  # fmt: skip
    assert {name: document[name] for name in expected} == expected
    assert document["created_by"]["email"] == "manager@example.com"


def test_the_options_of_the_label_studio_api_say_what_goes_in(cast: Cast, api: Any) -> None:
    first, second, third = cast.project.tasks.order_by("pk")
    make_completion(first, cast.annotator)
    truth = make_completion(second, cast.annotator, ground_truth=True)
    make_completion(third, cast.annotator, was_cancelled=True)
    prediction = save_prediction(task_id=second.pk, result=choice(), score=1.0)
    body = {
        "task_filter_options": {"annotated": "only", "view": None},
        "annotation_filter_options": {"usual": False, "ground_truth": True, "skipped": None},
        "serialization_options": {
            "drafts": {"only_id": True}, "predictions": {"only_id": False},
            "annotations__completed_by": {"only_id": False}, "interpolate_key_frames": False,
        },
    }  # fmt: skip
    created = api(cast.manager).post(address(cast), body, format="json").json()
    file = api(cast.manager).get(address(cast, f"/{created['id']}/download"))
    tasks = json.loads(b"".join(file.streaming_content))
    assert [task["id"] for task in tasks] == [first.pk, second.pk]
    assert tasks[0]["annotations"] == []
    assert tasks[1]["annotations"][0]["id"] == truth.pk
    assert tasks[1]["annotations"][0]["completed_by"]["email"] == "annotator@example.com"
    assert tasks[1]["predictions"][0]["id"] == prediction.pk
    assert created["task_filter_options"] == body["task_filter_options"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"task_filter_options": {"colour": "red"}}, "task_filter_options"),
        ({"annotation_filter_options": []}, "annotation_filter_options"),
        ({"serialization_options": {"include_annotation_history": "much"}}, "include_annotation_history"),
        ({"colour": "red"}, "colour"),
        ({"title": 7}, "title"),
        ({"export_type": "DOC"}, "export_type"),
    ],
    ids=["filter", "no object", "history", "unknown", "title", "format"],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_kept(
    cast: Cast, api: Any, body: dict[str, Any], field: str
) -> None:
    answer = api(cast.manager).post(address(cast), body, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["validation_errors"]) == [field]
    assert Export.objects.count() == 0


def test_a_large_one_is_followed_until_it_is_complete(cast: Cast, api: Any, settings: Any) -> None:
    settings.EXPORT_SYNC_TASKS = 2
    client = api(cast.manager)
    created = client.post(address(cast), {}, format="json").json()
    assert (created["status"], created["finished_at"]) == ("created", None)
    early = client.get(address(cast, f"/{created['id']}/download"))
    assert (early.status_code, early.json()["detail"]) == (
        404, "There is no file to download: this export is queued.",
    )  # fmt: skip

    run(job_id=Export.objects.get().job_id, worker="test")  # type: ignore[arg-type]

    assert client.get(address(cast, f"/{created['id']}")).json()["status"] == "completed"


def test_a_download_can_go_on_in_the_middle_and_is_in_the_audit_log(cast: Cast, api: Any) -> None:
    row = make_export(cast.project, cast.owner)
    whole = api(cast.manager).get(address(cast, f"/{row.pk}/download?exportType=JSON"))
    rest = api(cast.manager).get(address(cast, f"/{row.pk}/download"), HTTP_RANGE="bytes=5-")
    content = b"".join(whole.streaming_content)
    assert (rest.status_code, b"".join(rest.streaming_content)) == (206, content[5:])
    assert whole["Content-Disposition"] == f'attachment; filename="{row.filename}"'
    assert (whole["Content-Type"], whole["Next-Cursor"]) == ("application/json", row.next_cursor)
    assert Entry.objects.filter(actor=cast.manager, after__downloaded=row.pk).count() == 2


def test_a_conversion_is_listed_and_downloaded_in_its_format(cast: Cast, api: Any) -> None:
    make_completion(cast.project.tasks.order_by("pk")[0], cast.annotator)
    row, client = make_export(cast.project, cast.manager), api(cast.manager)
    on_the_fly = client.get(address(cast, f"/{row.pk}/download?exportType=CSV"))
    made = client.post(address(cast, f"/{row.pk}/convert"), {"export_type": "CSV"}, format="json").json()
    assert made["export_type"] == "CSV"
    (listed,) = client.get(address(cast, f"/{row.pk}")).json()["converted_formats"]
    assert listed == {
        "id": made["converted_format"],
        "status": "completed",
        "export_type": "CSV",
        "traceback": None,
    }
    stored = client.get(address(cast, f"/{row.pk}/download?exportType=CSV"))
    assert stored["filename"].endswith(".csv")
    assert b"".join(stored.streaming_content) == b"".join(on_the_fly.streaming_content)
    assert [one["id"] for one in client.get(address(cast)).json()] == [row.pk]


def test_deleting_takes_the_files_of_conversions_along(cast: Cast, api: Any) -> None:
    row, client = make_export(cast.project, cast.manager), api(cast.manager)
    client.post(address(cast, f"/{row.pk}/convert"), {"export_type": "CSV"}, format="json")
    files = list(Export.objects.values_list("file", flat=True))
    assert client.delete(address(cast, f"/{row.pk}")).status_code == 204
    assert [name for name in files if default_storage.exists(name)] == []
    assert (len(files), Export.objects.count()) == (2, 0)
    assert client.get(address(cast, f"/{row.pk}")).status_code == 404


def test_the_list_costs_as_many_queries_for_many_as_for_one(cast: Cast, api: Any) -> None:
    client = api(cast.manager)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(address(cast))
        return len(found)

    make_export(cast.project, cast.manager)
    first = queries()
    for _ in range(3):
        row = make_export(cast.project, cast.manager)
        client.post(address(cast, f"/{row.pk}/convert"), {"export_type": "CSV"}, format="json")
    assert queries() <= first + 1  # jobs of the conversions


def test_formats_say_whether_they_fit_and_why_not(cast: Cast, api: Any) -> None:
    rows = {
        row["name"]: row
        for row in api(cast.manager).get(f"/api/projects/{cast.project.pk}/export/formats").json()
    }
    assert list(rows) == list(CATALOGUE)
    assert (rows["CSV"]["fits"], rows["CSV"]["reason"]) == (True, "")
    assert (rows["COCO"]["fits"], rows["COCO"]["holds_media"]) == (False, True)
    assert "on Image" in rows["COCO"]["reason"]


def test_the_names_of_formats_with_images_mean_the_format_with_media(cast: Cast, api: Any) -> None:
    answer = api(cast.manager).get(f"/api/projects/{cast.project.pk}/export?exportType=YOLO_WITH_IMAGES")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The project cannot be exported as YOLO: it needs")


def test_an_unknown_parameter_of_an_address_is_refused(cast: Cast, api: Any) -> None:
    answer = api(cast.manager).get(f"/api/projects/{cast.project.pk}/export?colour=red")
    assert (answer.status_code, list(answer.json()["validation_errors"])) == (400, ["colour"])


def test_a_stream_says_where_the_next_one_begins(cast: Cast, api: Any) -> None:
    first = api(cast.manager).get(f"/api/projects/{cast.project.pk}/export?download_all_tasks=true")
    again = api(cast.manager).get(
        f"/api/projects/{cast.project.pk}/export?tasks=all&since={first['Next-Cursor']}"
    )
    assert len(json.loads(b"".join(first.streaming_content))) == 3
    assert again.status_code == 200
