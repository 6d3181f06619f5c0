"""Tasks over REST: pages of them, one of them, and the label stream."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.completions.drafts import save_draft
from apps.predictions.services import save_prediction
from apps.tasks.models import Task
from tests.factories import choice, make_comment, make_completion, make_tasks


def test_pages_cover_every_task_once_in_order(cast, api):
    make_tasks(cast.project, [{"text": str(number)} for number in range(4, 12)])
    client = api(cast.viewer)
    seen: list[int] = []
    page = 1
    while (
        response := client.get(f"/api/tasks/?project={cast.project.pk}&page={page}&page_size=4")
    ).status_code == 200:
        seen += [task["inner_id"] for task in response.json()["tasks"]]
        page += 1
    assert seen == list(range(1, 12))


@pytest.mark.parametrize(
    "ordering", ["-id", "prediction_score", "-prediction_score", "completions_count", "created_at"]
)
def test_every_ordering_pages_over_every_task_once(cast, api, ordering):
    make_tasks(cast.project, [{"text": str(number)} for number in range(4, 12)])
    for task in Task.objects.order_by("pk")[2:7]:
        save_prediction(task_id=task.pk, result=[], score=1 / task.inner_id)
    client = api(cast.viewer)
    address = f"/api/tasks/?project={cast.project.pk}&page_size=3&ordering={ordering}&page="
    pages = [client.get(f"{address}{page}").json()["tasks"] for page in (1, 2, 3, 4)]
    assert sorted(task["inner_id"] for page in pages for task in page) == list(range(1, 12))


def test_a_page_of_tasks_costs_the_same_queries_for_one_and_for_many(cast, api):
    for task in make_tasks(cast.project, [{"text": str(number)} for number in range(20)]):
        make_completion(task, cast.annotator)
    client = api(cast.reviewer)

    def queries(page_size: int) -> int:
        address = f"/api/tasks/?project={cast.project.pk}&ordering=-id&page_size={page_size}"
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(address).json()["tasks"]) == page_size
        return len(captured)

    queries(1)
    # Predictions, of which the counters say that there are none, are not read.
    read = len(("token", "project", "totals and ids", "tasks", "completions"))
    assert queries(1) == queries(20) == read

    for task in Task.objects.order_by("-pk")[:2]:
        make_comment(task, cast.annotator)
        save_draft(task_id=task.pk, user=cast.reviewer, result=choice())
    assert queries(1) == queries(20) == read + len(("drafts", "comments"))


def test_unknown_orderings_and_filters_are_refused(cast, api):
    client = api(cast.viewer)
    base = f"/api/tasks/?project={cast.project.pk}"
    assert client.get(f"{base}&ordering=project__created_by__password").status_code == 400
    assert client.get(f'{base}&query={{"filters":{{"items":[{{"filter":"x"}}]}}}}').status_code == 400
    assert client.get(f"{base}&page_size=-1").status_code == 400


def test_a_task_comes_with_its_answers_and_people_expanded(cast, api):
    task = Task.objects.order_by("pk")[0]
    completion = make_completion(task, cast.annotator, lead_time=2.5)
    save_prediction(task_id=task.pk, result=choice("Negative"), score=0.25, model_version="v1")
    body = api(cast.reviewer).get(f"/api/tasks/{task.pk}").json()
    assert body["data"] == {"text": "text 1"}
    assert body["is_labeled"] is True
    assert body["annotations"][0]["id"] == completion.pk
    assert body["annotations"][0]["completed_by"]["email"] == "annotator@example.com"
    assert body["annotations"][0]["result"] == choice()
    assert body["predictions"][0]["score"] == 0.25
    assert body["avg_lead_time"] == 2.5


def test_annotators_see_only_their_own_completions(cast, api):
    task = Task.objects.order_by("pk")[0]
    make_completion(task, cast.reviewer)
    mine = make_completion(task, cast.annotator)
    body = api(cast.annotator).get(f"/api/tasks/{task.pk}").json()
    assert [row["id"] for row in body["annotations"]] == [mine.pk]
    listed = api(cast.annotator).get(f"/api/tasks/?project={cast.project.pk}").json()["tasks"]
    assert [row["id"] for task in listed for row in task["annotations"]] == [mine.pk]


def test_a_task_that_the_config_cannot_show_is_refused(cast, api):
    response = api(cast.owner).post("/api/tasks", {"project": cast.project.pk, "data": {"txt": "a"}})
    assert response.status_code == 400
    assert response.json()["validation_errors"]["data"] == [
        'the key "text" is missing, which <Text name="text"> shows'
    ]
    assert Task.objects.count() == 3


def test_the_label_stream_hands_out_each_task_and_then_says_why_there_is_none(cast, api):
    client = api(cast.annotator)
    for number in (1, 2, 3):
        task = client.get(f"/api/projects/{cast.project.pk}/next").json()
        assert task["inner_id"] == number
        client.post(f"/api/tasks/{task['id']}/annotations", {"result": choice()})
    response = client.get(f"/api/projects/{cast.project.pk}/next")
    assert response.status_code == 404
    assert response.json()["detail"] == "All 3 tasks are labeled."


def test_the_stream_shows_predictions_only_if_the_project_does(cast, api):
    task = Task.objects.order_by("pk")[0]
    save_prediction(task_id=task.pk, result=choice(), score=0.5, model_version="v1")
    client = api(cast.annotator)
    assert len(client.get(f"/api/projects/{cast.project.pk}/next").json()["predictions"]) == 1
    api(cast.owner).patch(f"/api/projects/{cast.project.pk}", {"show_collab_predictions": False})
    assert client.get(f"/api/projects/{cast.project.pk}/next").json()["predictions"] == []


def test_deleting_tasks_takes_their_answers_and_the_counters_along(cast, api):
    task = Task.objects.order_by("pk")[0]
    completion = make_completion(task, cast.annotator)
    assert api(cast.manager).delete(f"/api/tasks/{task.pk}").status_code == 204
    assert api(cast.manager).get(f"/api/annotations/{completion.pk}").status_code == 404
    body = api(cast.manager).get(f"/api/projects/{cast.project.pk}").json()
    assert (body["task_number"], body["finished_task_number"], body["total_annotations_number"]) == (2, 0, 0)
