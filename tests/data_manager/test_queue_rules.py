"""When a project's rules change, a job brings its tasks in step."""

from __future__ import annotations

import pytest

from apps.data_manager import queue_rules
from apps.data_manager.queue_rules import apply_queue_rules
from apps.jobs.models import Job
from apps.predictions.services import save_prediction
from apps.projects.models import Project, Sampling, SkipRule
from apps.projects.queries import totals_of
from apps.projects.services import update_project
from apps.tasks.assigning import assign_tasks
from apps.tasks.models import Assignment, Task
from apps.tasks.next_task import reserve_next
from tests.factories import make_completion, make_tasks


def labeled() -> list[bool]:
    return list(Task.objects.order_by("pk").values_list("is_labeled", flat=True))


def change(cast, **settings) -> None:
    old_overlap = cast.project.overlap
    project = update_project(project_id=cast.project.pk, **settings)
    list(apply_queue_rules(project, old_overlap=old_overlap))


def test_a_higher_overlap_puts_labeled_tasks_back_into_the_queue(cast):
    first, second, _ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator)
    make_completion(second, cast.annotator)
    make_completion(second, cast.reviewer)
    change(cast, overlap=2)
    assert labeled() == [False, True, False]
    assert totals_of([cast.project.pk])[cast.project.pk].labeled_tasks == 1
    assert Task.objects.get(pk=first.pk).completed_at is None


def test_tasks_with_an_overlap_of_their_own_keep_it(cast):
    (own,) = make_tasks(cast.project, [{"data": {"text": "x"}, "overlap": 3}])
    change(cast, overlap=2)
    assert list(Task.objects.order_by("pk").values_list("overlap", flat=True)) == [2, 2, 2, 3]
    assert own.overlap == 3


def test_counting_skips_as_done_and_back(cast):
    make_completion(Task.objects.order_by("pk")[0], cast.annotator, was_cancelled=True)
    change(cast, skip_rule=SkipRule.IGNORE_SKIPPED)
    assert labeled() == [True, False, False]
    change(cast, skip_rule=SkipRule.REQUEUE_FOR_OTHERS)
    assert labeled() == [False, False, False]


def test_another_model_version_brings_its_scores(cast):
    task = Task.objects.order_by("pk")[0]
    save_prediction(task_id=task.pk, result=[], score=0.2, model_version="v1")
    save_prediction(task_id=task.pk, result=[], score=0.8, model_version="v2")
    change(cast, model_version="v1")
    assert Task.objects.get(pk=task.pk).prediction_score == pytest.approx(0.2)


def test_the_scores_of_the_projects_model_version_order_the_queue(cast):
    for task, (old, new) in zip(
        Task.objects.order_by("pk"), [(0.1, 0.9), (0.5, 0.5), (0.9, 0.1)], strict=True
    ):
        save_prediction(task_id=task.pk, result=[], score=old, model_version="v1")
        save_prediction(task_id=task.pk, result=[], score=new, model_version="v2")
    first, _, last = Task.objects.order_by("pk")
    change(cast, model_version="v1", sampling=Sampling.PREDICTION_SCORE_MIN)
    assert reserve_next(project=Project.objects.get(), user=cast.annotator) == first.pk
    change(cast, model_version="v2")
    assert reserve_next(project=Project.objects.get(), user=cast.reviewer) == last.pk


def test_which_assignments_wait_follows_the_rules(cast):
    first, second, _ = Task.objects.order_by("pk")
    assign_tasks(
        project=cast.project,
        task_ids=[first.pk, second.pk],
        user_ids=[cast.annotator.pk],
        assigned_by=cast.manager,
    )
    make_completion(first, cast.reviewer)
    make_completion(second, cast.annotator, was_cancelled=True)
    assert not Assignment.objects.filter(is_open=True).exists()
    change(cast, overlap=2, skip_rule=SkipRule.REQUEUE_FOR_ME)
    assert Assignment.objects.filter(is_open=True).count() == 2


def test_many_tasks_are_done_in_batches(cast, monkeypatch):
    monkeypatch.setattr(queue_rules, "BATCH", 2)
    project = update_project(project_id=cast.project.pk, overlap=2)
    assert list(apply_queue_rules(project, old_overlap=1)) == [(2, 2), (3, 3)]


def test_only_a_changed_rule_asks_for_the_job(cast):
    update_project(project_id=cast.project.pk, title="Another title", overlap=1)
    assert not Job.objects.exists()
    update_project(project_id=cast.project.pk, overlap=2)
    assert Job.objects.get().payload == {"project": cast.project.pk, "old_overlap": 1}
