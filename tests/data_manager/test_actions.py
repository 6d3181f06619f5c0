"""Actions on many tasks: what they touch, what they leave alone, and when they become a job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.data_manager import actions
from apps.data_manager.actions import action
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.models import Membership
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from apps.tasks.services import create_task
from tests.factories import choice, make_completion, make_project, make_tasks, make_view

ALL = {"all": True, "excluded": []}


def act(client, project, action: str, selected: Any = ALL, code: int = 200, **body: Any) -> dict[str, Any]:
    response = client.post(
        f"/api/dm/actions/?id={action}&project={project.pk}", {"selectedItems": selected, **body}
    )
    assert response.status_code == code, response.content
    document: dict[str, Any] = response.json()
    return document


def only(*tasks: Task) -> dict[str, Any]:
    return {"all": False, "included": [task.pk for task in tasks]}


def inner_ids() -> list[int]:
    return list(Task.objects.order_by("pk").values_list("inner_id", flat=True))


def totals(cast) -> Any:
    return totals_of([cast.project.pk])[cast.project.pk]


@pytest.fixture
def many(monkeypatch) -> None:
    """Every number of tasks is large, and batches are small."""
    monkeypatch.setattr(action, "BULK", 2)
    monkeypatch.setattr(action, "SINGLY", 2)
    small = {name: replace(known, at_once=0) for name, known in actions._BY_ID.items()}
    monkeypatch.setattr(actions, "_BY_ID", small)


def test_selected_tasks_are_deleted_and_the_answer_counts_them(cast, api):
    first, second, third = Task.objects.order_by("pk")
    make_completion(second, cast.annotator)

    body = act(api(cast.manager), cast.project, "delete_tasks", only(first, second))

    assert (body["processed_items"], body["detail"], body["job"]) == (2, "2 tasks deleted", None)
    assert inner_ids() == [third.inner_id]
    assert (totals(cast).tasks, totals(cast).completions) == (1, 0)
    entry = Entry.objects.get(action="tasks.deleted")
    assert (entry.actor_id, entry.after) == (cast.manager.pk, {"action": "delete_tasks", "count": 2})


def test_one_thing_is_told_as_one():
    assert actions.find_action("delete_tasks").done_with(1) == "1 task deleted"


def test_filters_and_exclusions_limit_what_is_touched(cast, api):
    first, _, third = Task.objects.order_by("pk")
    filters = {"items": [{"filter": "filter:tasks:inner_id", "operator": "greater", "value": 1}]}

    body = act(
        api(cast.manager),
        cast.project,
        "delete_tasks",
        {"all": True, "excluded": [third.pk]},
        filters=filters,
    )

    assert body["processed_items"] == 1
    assert inner_ids() == [first.inner_id, third.inner_id]


def test_the_filters_of_a_tab_hold_too(cast, api):
    filters = {"items": [{"filter": "tasks:inner_id", "operator": "equal", "value": 2}]}
    view = make_view(cast.project, cast.manager, filters=filters)

    address = f"/api/dm/actions/?id=delete_tasks&project={cast.project.pk}&view={view.pk}"
    response = api(cast.manager).post(address, {"selectedItems": ALL})

    assert response.json()["processed_items"] == 1
    assert inner_ids() == [1, 3]


def test_tasks_of_other_projects_are_not_touched(cast, api):
    other = make_project(cast.stranger, tasks=1)
    foreign = Task.objects.get(project=other)
    foreign_view = make_view(other, cast.stranger)

    body = act(api(cast.manager), cast.project, "delete_tasks", only(foreign))
    act(api(cast.manager), other, "delete_tasks", code=404)
    address = f"/api/dm/actions/?id=delete_tasks&project={cast.project.pk}&view={foreign_view.pk}"
    assert api(cast.manager).post(address, {"selectedItems": ALL}).status_code == 404

    assert body["processed_items"] == 0
    assert Task.objects.count() == 4


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"selectedItems": None},
        {"selectedItems": []},
        {"selectedItems": {"all": "yes"}},
        {"selectedItems": {"all": False, "excluded": [1]}},
        {"selectedItems": {"all": False, "included": ["1"]}},
        {"selectedItems": ALL, "filters": {"items": [{"filter": "tasks:id", "operator": "equal"}]}},
        {
            "selectedItems": ALL,
            "filters": {"items": [{"filter": "completed_by__password", "operator": "empty"}]},
        },
    ],
)
def test_a_selection_that_makes_no_sense_is_refused_and_deletes_nothing(cast, api, body):
    address = f"/api/dm/actions/?id=delete_tasks&project={cast.project.pk}"
    assert api(cast.manager).post(address, body).status_code == 400
    assert Task.objects.count() == 3


def test_each_role_is_offered_what_it_may_do(cast, api):
    def offered(person) -> set[str]:
        rows = api(person).get(f"/api/dm/actions/?project={cast.project.pk}").json()
        return {row["id"] for row in rows}

    assert offered(cast.viewer) == offered(cast.annotator) == set()
    assert offered(cast.reviewer) == {
        "predictions_to_annotations", "delete_tasks_annotations", "set_ground_truth", "unset_ground_truth",
    }  # fmt: skip
    assert offered(cast.manager) == {known.id for known in actions.ACTIONS}
    act(api(cast.reviewer), cast.project, "delete_tasks", code=403)
    act(api(cast.manager), cast.project, "explode", code=404)
    assert Task.objects.count() == 3


def test_deleting_completions_puts_tasks_back_into_the_queue(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator)
    make_completion(first, cast.reviewer, was_cancelled=True)
    kept = make_completion(second, cast.annotator)

    body = act(api(cast.reviewer), cast.project, "delete_tasks_annotations", only(first))

    assert body["processed_items"] == 2
    assert list(Completion.objects.all()) == [kept]
    first.refresh_from_db()
    assert (first.completions_count, first.skips_count, first.is_labeled) == (0, 0, False)
    assert (totals(cast).completions, totals(cast).skips, totals(cast).labeled_tasks) == (1, 0, 1)


def test_deleting_predictions_clears_counters_and_scores(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    for task in (first, second):
        save_prediction(task_id=task.pk, result=choice(), score=0.5, model_version="v1")
    save_prediction(task_id=first.pk, result=choice(), score=0.7, model_version="v2")

    body = act(api(cast.manager), cast.project, "delete_tasks_predictions", only(first))

    assert body["processed_items"] == 2
    assert Prediction.objects.get().task_id == second.pk
    first.refresh_from_db()
    assert (first.predictions_count, first.prediction_score) == (0, None)
    assert totals(cast).predictions == 1


def test_predictions_become_completions_once(cast, api):
    first, *_ = Task.objects.order_by("pk")
    save_prediction(task_id=first.pk, result=choice(), score=0.1, model_version="v1")
    latest = save_prediction(task_id=first.pk, result=choice("Negative"), score=0.5, model_version="v2")
    client = api(cast.reviewer)

    assert act(client, cast.project, "predictions_to_annotations")["processed_items"] == 1
    assert act(client, cast.project, "predictions_to_annotations")["processed_items"] == 0

    completion = Completion.objects.get()
    assert (completion.result, completion.parent_prediction, completion.completed_by) == (
        choice("Negative"), latest.pk, cast.reviewer,
    )  # fmt: skip


def test_duplicates_go_but_no_answered_task_does(cast, api):
    a, b, c = make_tasks(
        cast.project, [{"text": "same", "n": 1}, {"n": 1, "text": "same"}, {"text": "same", "n": 1}]
    )
    make_completion(b, cast.annotator)
    first, answered = make_tasks(cast.project, [{"text": "text 1"}, {"text": "text 1"}])
    make_completion(first, cast.annotator)
    make_completion(answered, cast.annotator)

    body = act(api(cast.manager), cast.project, "remove_duplicates")

    assert body["processed_items"] == 3
    assert set(Task.objects.values_list("pk", flat=True)) >= {b.pk, first.pk, answered.pk}
    assert inner_ids() == [2, 3, b.inner_id, first.inner_id, answered.inner_id]
    assert not Task.objects.filter(pk__in=[a.pk, c.pk]).exists()


def test_setting_the_overlap_moves_tasks_in_and_out_of_the_queue(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator)
    client = api(cast.manager)

    body = act(client, cast.project, "set_overlap", only(first, second), overlap=2)

    assert body["processed_items"] == 2
    assert list(Task.objects.order_by("pk").values_list("overlap", "is_labeled")) == [
        (2, False), (2, False), (1, False),
    ]  # fmt: skip
    assert totals(cast).labeled_tasks == 0
    act(client, cast.project, "set_overlap", only(first), overlap=1)
    assert totals(cast).labeled_tasks == 1
    for wrong in (0, 101, "2", True, None):
        act(client, cast.project, "set_overlap", code=400, overlap=wrong)


def test_many_tasks_become_a_job_that_leaves_later_ones_alone(cast, api, many):
    body = act(api(cast.manager), cast.project, "delete_tasks", code=202)
    assert (body["processed_items"], body["selected_items"], Task.objects.count()) == (0, 3, 3)
    later = create_task(project=cast.project, data={"text": "later"})

    run(job_id=Job.objects.get(pk=body["job"]).pk, worker="one")

    job = Job.objects.get(pk=body["job"])
    assert (job.status, job.result) == (
        JobStatus.COMPLETED,
        {"action": "delete_tasks", "run": body["run"], "processed_items": 3, "selected_items": 3, "left_out": 0,
         "reasons": []},
    )  # fmt: skip
    assert list(Task.objects.all()) == [later]


def test_a_job_asks_again_whether_its_person_may(cast, api, many):
    body = act(api(cast.manager), cast.project, "delete_tasks", code=202)
    Membership.objects.filter(user=cast.manager).update(role=Role.VIEWER)

    run(job_id=Job.objects.get(pk=body["job"]).pk, worker="one")

    job = Job.objects.get(pk=body["job"])
    assert (job.status, Task.objects.count()) == (JobStatus.FAILED, 3)
    assert "may not change or delete tasks" in job.error
