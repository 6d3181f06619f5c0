"""An export holds exactly what was submitted, and imports back."""

from __future__ import annotations

import io
import json

import pytest

from apps.completions.models import Completion
from apps.core.errors import ValidationFailed
from apps.exports.formats import CATALOGUE
from apps.exports.options import ExportSpec, read_spec
from apps.exports.services import export_project
from apps.imports.services import import_stream
from apps.predictions.services import save_prediction
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_project, owner_of

pytestmark = pytest.mark.django_db


def exported(project, **options):
    return json.loads(
        b"".join(
            export_project(project=project, exported_by=owner_of(project), spec=read_spec(options)).pieces
        )
    )


def test_an_export_holds_the_answered_tasks_with_their_completions(cast):
    first, second, _ = Task.objects.order_by("pk")
    completion = make_completion(first, cast.annotator, lead_time=1.5)
    make_completion(second, cast.annotator, was_cancelled=True)
    prediction = save_prediction(task_id=first.pk, result=choice(), score=1.0)
    tasks = exported(cast.project)
    assert [task["id"] for task in tasks] == [first.pk, second.pk]
    assert tasks[0]["data"] == {"text": "text 1"}
    assert tasks[0]["predictions"] == [prediction.pk]
    annotation = tasks[0]["annotations"][0]
    assert annotation["id"] == completion.pk
    assert annotation["result"] == choice()
    assert annotation["lead_time"] == 1.5
    assert annotation["completed_by"] == cast.annotator.pk
    assert tasks[1]["annotations"][0]["was_cancelled"] is True


def test_all_tasks_are_exported_when_asked(cast):
    assert len(exported(cast.project, tasks="all")) == 3
    assert exported(cast.project) == []


def test_an_export_imports_back_the_same(cast):
    for task in Task.objects.order_by("pk"):
        make_completion(
            task, cast.annotator, result=[{**choice()[0], "note": "é\\u0041\n😀"}], lead_time=0.25
        )
    original = exported(cast.project)
    copy = make_project(cast.owner)
    import_stream(project=copy, stream=io.BytesIO(json.dumps(original).encode()), created_by=cast.owner)

    def essence(tasks):
        return [
            (
                task["data"],
                [(row["result"], row["lead_time"], row["was_cancelled"]) for row in task["annotations"]],
            )
            for task in tasks
        ]

    assert essence(exported(copy)) == essence(original)


def test_the_api_streams_a_file_with_a_name(cast, api):
    make_completion(Task.objects.order_by("pk")[0], cast.annotator)
    response = api(cast.manager).get(f"/api/projects/{cast.project.pk}/export?exportType=json")
    assert response.streaming
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith(f'attachment; filename="project-{cast.project.pk}-at-')
    assert len(json.loads(b"".join(response.streaming_content))) == 1


def test_an_unknown_format_is_400_and_names_those_there_are(cast, api):
    response = api(cast.manager).get(f"/api/projects/{cast.project.pk}/export?export_type=DOCX")
    assert response.status_code == 400
    known = ", ".join(sorted(CATALOGUE))
    assert response.json()["detail"] == f'There is no export format "DOCX". Choose one of: {known}.'
    with pytest.raises(ValidationFailed):
        export_project(project=cast.project, exported_by=cast.owner, spec=read_spec({"format": "DOCX"}))


def test_an_export_is_one_snapshot_while_people_go_on(transactional_db):
    project = make_project(tasks=1_200)
    owner = owner_of(project)
    pieces = export_project(project=project, exported_by=owner, spec=ExportSpec(tasks="all")).pieces
    first = next(pieces)
    last_task = Task.objects.order_by("-pk")[0]
    with_new_connection(lambda: make_completion(last_task, owner))
    tasks = json.loads(first + b"".join(pieces))
    assert len(tasks) == 1_200
    assert tasks[-1]["annotations"] == []
    assert Completion.objects.count() == 1


def with_new_connection(work):
    """Run `work` in a thread, which has a database connection of its own."""
    from threading import Thread

    from django.db import connection

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
