"""Runs of actions can be taken back for a week: what they changed comes back, what others changed since stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.completions.services import update_completion
from apps.data_manager.models import ActionRun, UndoStep
from apps.data_manager.undoing_actions import forget_expired_runs
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run as run_job
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.projects.services import update_project
from apps.tasks.models import Assignment, Task
from tests.data_manager.test_actions import act, many, only
from tests.factories import CHOICES_CONFIG, choice, make_completion, make_tasks

__all__ = ["many"]


def take_back(client, run_id: int, code: int = 200) -> dict[str, Any]:
    response = client.post(f"/api/dm/actions/runs/{run_id}/undo/")
    assert response.status_code == code, response.content
    document: dict[str, Any] = response.json()
    return document


def overlaps() -> list[int]:
    return list(Task.objects.order_by("pk").values_list("overlap", flat=True))


def test_each_task_gets_back_the_overlap_it_had(cast, api):
    first, _, third = Task.objects.order_by("pk")
    client = api(cast.manager)
    act(client, cast.project, "set_overlap", only(first), overlap=3)
    run = act(client, cast.project, "set_overlap", overlap=2)["run"]
    act(client, cast.project, "set_overlap", only(third), overlap=5)

    body = take_back(client, run)

    assert (body["processed_items"], overlaps()) == (2, [3, 1, 5])
    assert Entry.objects.filter(action="tasks.changed").latest("pk").after["undone_run"] == run


def test_deleted_completions_come_back_with_the_totals(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    kept = [make_completion(first, cast.annotator), make_completion(second, cast.reviewer, ground_truth=True)]
    client = api(cast.reviewer)
    run = act(client, cast.project, "delete_tasks_annotations")["run"]
    assert not Completion.objects.exists()

    take_back(client, run)

    back = Completion.objects.order_by("pk")
    assert [(row.pk, row.completed_by_id, row.result, row.ground_truth) for row in back] == [
        (row.pk, row.completed_by_id, row.result, row.ground_truth) for row in kept
    ]
    totals = totals_of([cast.project.pk])[cast.project.pk]
    assert (totals.completions, totals.labeled_tasks, totals.ground_truths) == (2, 2, 1)


def test_completions_made_of_predictions_go_unless_somebody_changed_them(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    for task in (first, second):
        save_prediction(task_id=task.pk, result=choice(), model_version="v1")
    client = api(cast.reviewer)
    run = act(client, cast.project, "predictions_to_annotations")["run"]
    changed = Completion.objects.get(task=second)
    update_completion(completion_id=changed.pk, updated_by=cast.reviewer, result=choice("Negative"))

    assert take_back(client, run)["processed_items"] == 1

    assert Completion.objects.get().pk == changed.pk
    assert act(client, cast.project, "predictions_to_annotations")["processed_items"] == 1


def test_a_renamed_data_key_gets_its_name_back_unless_the_config_shows_the_new_one(cast, api):
    Task.objects.filter(project=cast.project).delete()
    make_tasks(cast.project, [{"text": "a", "src": "x"}, {"text": "b", "src": "y"}])
    client = api(cast.manager)
    run = act(client, cast.project, "change_data_key", old_key="src", new_key="source")["run"]
    shown = CHOICES_CONFIG.replace("$text", "$source")
    update_project(project_id=cast.project.pk, changed_by=cast.manager, label_config=shown)

    assert "$source" in take_back(client, run, code=400)["detail"]
    update_project(project_id=cast.project.pk, changed_by=cast.manager, label_config=CHOICES_CONFIG)
    take_back(client, run)

    assert [task.data for task in Task.objects.order_by("pk")] == [
        {"text": "a", "src": "x"}, {"text": "b", "src": "y"},
    ]  # fmt: skip


def test_ground_truth_marks_come_back(cast, api):
    first, *_ = Task.objects.order_by("pk")
    marked = make_completion(first, cast.annotator, ground_truth=True)
    client = api(cast.reviewer)
    run = act(client, cast.project, "unset_ground_truth")["run"]

    take_back(client, run)

    marked.refresh_from_db()
    assert marked.ground_truth is True


def test_a_run_is_taken_back_once(cast, api):
    client = api(cast.manager)
    run = act(client, cast.project, "set_overlap", overlap=2)["run"]
    take_back(client, run)
    act(client, cast.project, "set_overlap", overlap=2)

    assert "undone already" in take_back(client, run, code=409)["detail"]
    assert overlaps() == [2, 2, 2]


def test_deleted_tasks_cannot_be_brought_back(cast, api):
    client = api(cast.manager)
    body = act(client, cast.project, "delete_tasks")

    assert body["undoable"] is False
    assert "cannot be undone" in take_back(client, body["run"], code=409)["detail"]


def test_a_large_run_is_taken_back_by_a_job(cast, api, many):
    client = api(cast.manager)
    body = act(client, cast.project, "set_overlap", code=202, overlap=2)
    assert take_back(client, body["run"], code=409)["detail"].startswith("This is not finished yet")
    run_job(job_id=Job.objects.get(pk=body["job"]).pk, worker="one")
    assert overlaps() == [2, 2, 2]

    undoing = take_back(client, body["run"], code=202)
    run_job(job_id=Job.objects.get(pk=undoing["job"]).pk, worker="one")

    job = Job.objects.get(pk=undoing["job"])
    assert (job.status, job.result) == (JobStatus.COMPLETED, {"run": body["run"], "processed_items": 3})
    assert (overlaps(), UndoStep.objects.count()) == ([1, 1, 1], 0)


def test_only_who_may_run_the_action_takes_it_back(cast, api):
    run = act(api(cast.manager), cast.project, "set_overlap", overlap=2)["run"]

    for person in (cast.stranger, cast.annotator, cast.reviewer, cast.viewer):
        take_back(api(person), run, code=404)

    assert overlaps() == [2, 2, 2]
    take_back(api(cast.owner), run)
    assert overlaps() == [1, 1, 1]


def test_runs_are_listed_with_what_came_of_them(cast, api):
    run = act(api(cast.manager), cast.project, "set_overlap", overlap=2)["run"]
    address = f"/api/dm/actions/runs/?project={cast.project.pk}"

    (row,) = api(cast.owner).get(address).json()

    assert (row["id"], row["action"], row["options"], row["processed_items"], row["user"], row["undoable"]) == (
        run, "set_overlap", {"overlap": 2}, 3, cast.manager.pk, True,
    )  # fmt: skip
    assert api(cast.annotator).get(address).json() == []
    assert api(cast.stranger).get(address).status_code == 404


def test_after_a_week_a_run_is_forgotten(cast, api):
    run = act(api(cast.manager), cast.project, "set_overlap", overlap=2)["run"]
    ActionRun.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    take_back(api(cast.manager), run, code=404)
    assert forget_expired_runs() == 1
    assert not UndoStep.objects.exists()


def test_an_action_whose_loss_cannot_be_undone_says_so_before(cast, api):
    listed = api(cast.manager).get(f"/api/dm/actions?project={cast.project.pk}").json()

    warned = {row["id"] for row in listed if row["dialog"]["text"].endswith("It cannot be undone.")}
    assert warned == {row["id"] for row in listed if row["dialog"]["destructive"] and not row["undoable"]}
    assert "delete_tasks" in warned


def test_an_archived_project_takes_no_completions_back(cast, api):
    first, *_ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator)
    run = act(api(cast.reviewer), cast.project, "delete_tasks_annotations")["run"]
    Project.objects.filter(pk=cast.project.pk).update(archived_at=timezone.now())

    take_back(api(cast.reviewer), run, code=403)

    assert not Completion.objects.exists()
    Project.objects.filter(pk=cast.project.pk).update(archived_at=None)
    take_back(api(cast.reviewer), run)
    assert Completion.objects.count() == 1


def test_assignments_are_taken_back_and_made_again(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    client, people = api(cast.manager), [cast.annotator.pk]
    act(client, cast.project, "assign", only(first), users=people)

    def assigned() -> list[tuple[int, int]]:
        return list(Assignment.objects.order_by("task").values_list("task", "user"))

    run = act(client, cast.project, "assign", only(first, second), users=people)["run"]
    assert len(assigned()) == 2
    take_back(client, run)
    assert assigned() == [(first.pk, cast.annotator.pk)]

    run = act(client, cast.project, "unassign")["run"]
    assert assigned() == []
    take_back(client, run)
    assert assigned() == [(first.pk, cast.annotator.pk)]
