"""A form's texts pass no parser of JSON bodies: what they hold is judged all the same, and stores nothing bad."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from apps.completions.models import Completion, Draft
from apps.data_manager.models import View
from apps.predictions.models import Prediction
from apps.tasks.models import Task

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
BAD_JSON = ('[{"a": "\\u0000"}]', '[{"a": "\\ud800"}]', '[{"a": NaN}]', "[" * 5_000, "[{")


@pytest.mark.parametrize("bad", BAD_JSON)
@pytest.mark.parametrize(
    ("address", "field", "model"),
    [
        ("/api/tasks/{task}/annotations/", "result", Completion),
        ("/api/tasks/{task}/drafts/", "result", Draft),
        ("/api/predictions/?task={task}", "result", Prediction),
        ("/api/dm/views/?project={project}", "data", View),
    ],
)
def test_json_that_cannot_be_stored_is_refused_in_a_form(cast, api, address, field, model, bad):
    task = Task.objects.order_by("pk")[0]
    body = urlencode({field: bad, "task": task.pk})
    path = address.format(task=task.pk, project=cast.project.pk)
    response = api(cast.owner).post(path, body, content_type=FORM)
    assert response.status_code == 400, response.content
    assert not model.objects.exists()


def test_a_nul_in_a_field_of_meta_is_refused_in_a_form(cast, api):
    task = Task.objects.order_by("pk")[0]
    response = api(cast.owner).patch(
        f"/api/tasks/{task.pk}/", urlencode({"meta.a": "\x00"}), content_type=FORM
    )
    assert response.status_code == 400, response.content
    task.refresh_from_db()
    assert task.meta == {}


def test_a_result_in_a_form_is_stored(cast, api):
    task = Task.objects.order_by("pk")[0]
    body = urlencode({"result": '[{"id": "a", "value": {"text": "é"}}]'})
    response = api(cast.annotator).post(f"/api/tasks/{task.pk}/drafts/", body, content_type=FORM)
    assert response.status_code == 201, response.content
    assert Draft.objects.get().result == [{"id": "a", "value": {"text": "é"}}]
