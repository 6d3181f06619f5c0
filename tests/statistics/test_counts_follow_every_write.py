"""Whoever changes tasks, completions or predictions, by whatever way: the counts are those of the rows."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from apps.accounts.services import erase_user
from apps.completions.handing_over import hand_over_completions
from apps.completions.models import Completion
from apps.completions.relabeling import relabel, relabeling_to
from apps.completions.restoring import duplicate_completion, restore_version, take_back_skip
from apps.completions.services import delete_completion, update_completion
from apps.data_manager.queue_rules import apply_queue_rules
from apps.imports.models import Import
from apps.imports.services import import_rows
from apps.imports.undo import undo
from apps.jobs.runner import run
from apps.predictions.models import Prediction
from apps.predictions.services import (
    delete_prediction,
    delete_predictions_of,
    save_prediction,
    update_prediction,
)
from apps.projects.deletion import request_deletion
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.projects.renames import Renames
from apps.projects.services import update_project
from apps.statistics.models import AnswerCount, LabelCount, ScoreCount, TaskCount
from apps.tasks.models import Task
from apps.tasks.services import create_task, delete_batch, delete_tasks, set_overlap
from tests.concurrency.test_completions import Worker
from tests.factories import (
    CHOICES_CONFIG,
    choice,
    make_completion,
    make_member,
    make_project,
    make_tasks,
    owner_of,
)
from tests.statistics.recounting import assert_counts_are_right, count_what_changed

ROWS_WITH_ANSWERS = [
    {
        "data": {"text": f"text {number}"},
        "annotations": [{"result": choice(), "lead_time": 2}, {"result": [], "was_cancelled": True}],
        "predictions": [{"result": choice(), "score": number / 4, "model_version": "v1"}],
    }
    for number in range(5)
]


@pytest.fixture
def project(db: None) -> Project:
    """Four tasks with two answers each, a skip among them, and predictions; all is counted."""
    project = make_project(tasks=4, overlap=2)
    annotator = make_member(project, Role.ANNOTATOR, "annotator@example.com")
    for number, task in enumerate(Task.objects.order_by("pk")):
        make_completion(task, owner_of(project), lead_time=7.0 * number)
        make_completion(task, annotator, result=choice("Negative"), was_cancelled=number == 0)
        save_prediction(task_id=task.pk, result=choice(), score=number / 3, model_version="v1")
    count_what_changed()
    return project


def first_completion() -> Completion:
    return Completion.objects.earliest("pk")


def task_ids() -> list[int]:
    return list(Task.objects.order_by("pk").values_list("pk", flat=True))


def _submit(project: Project) -> None:
    make_completion(make_tasks(project, [{"text": "another"}])[0], owner_of(project), lead_time=1.0)


def _update(project: Project) -> None:
    update_completion(
        completion_id=first_completion().pk, updated_by=owner_of(project), result=choice("Negative"),
        lead_time=90.0,
    )  # fmt: skip


def _skip(project: Project) -> None:
    update_completion(completion_id=first_completion().pk, updated_by=owner_of(project), was_cancelled=True)


def _take_back(project: Project) -> None:
    skip = Completion.objects.get(was_cancelled=True)
    take_back_skip(completion_id=skip.pk, taken_back_by=owner_of(project))


def _delete(project: Project) -> None:
    delete_completion(completion_id=first_completion().pk, deleted_by=owner_of(project))


def _delete_and_restore(project: Project) -> None:
    completion_id = first_completion().pk
    delete_completion(completion_id=completion_id, deleted_by=owner_of(project))
    count_what_changed()
    restore_version(completion_id=completion_id, number=1, restored_by=owner_of(project))


def _duplicate(project: Project) -> None:
    duplicate_completion(completion_id=first_completion().pk, duplicated_by=owner_of(project))


def _hand_over(project: Project) -> None:
    newcomer = make_member(project, Role.ANNOTATOR)
    mine = Completion.objects.filter(completed_by=owner_of(project)).values_list("pk", flat=True)
    hand_over_completions(completion_ids=list(mine), to=newcomer, handed_over_by=owner_of(project))


def _erase(project: Project) -> None:
    annotator = project.memberships.get(role=Role.ANNOTATOR).user
    erase_user(user_id=annotator.pk, erased_by=owner_of(project))


def _delete_account(project: Project) -> None:
    project.memberships.get(role=Role.ANNOTATOR).user.delete()


def _rename_labels(project: Project) -> None:
    config = CHOICES_CONFIG.replace("Positive", "Good")
    update_project(
        project_id=project.pk, changed_by=owner_of(project), label_config=config,
        renames=Renames(labels={"sentiment": {"Positive": "Good"}}),
    )  # fmt: skip
    project.refresh_from_db()
    assert [*relabel(relabeling_to(project.pk, project.config_version, None))]


def _import(project: Project) -> None:
    import_rows(project=project, rows=ROWS_WITH_ANSWERS, created_by=owner_of(project))


def _undo_import(project: Project) -> None:
    report = import_rows(project=project, rows=ROWS_WITH_ANSWERS, created_by=owner_of(project))
    count_what_changed()
    row = Import.objects.get(pk=report.import_id)
    assert undo(row=row, undone_by=owner_of(project), advance=lambda _done, _total: None) == 5


def _add_task(project: Project) -> None:
    create_task(project=project, data={"text": "one more"})


def _delete_some_tasks(project: Project) -> None:
    delete_tasks(project_id=project.pk, deleted_by=owner_of(project), task_ids=task_ids()[:2])


def _delete_a_batch(project: Project) -> None:
    delete_batch(project_id=project.pk)


def _raise_overlap(project: Project) -> None:
    set_overlap(project_id=project.pk, task_ids=task_ids(), overlap=3)


def _lower_overlap(project: Project) -> None:
    set_overlap(project_id=project.pk, task_ids=task_ids(), overlap=1)


def _apply_queue_rules(project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(overlap=1)
    project.refresh_from_db()
    assert [*apply_queue_rules(project, old_overlap=2)]


def _predict_again(project: Project) -> None:
    save_prediction(task_id=task_ids()[0], result=choice(), score=0.99, model_version="v1")
    save_prediction(task_id=task_ids()[0], result=choice(), score=None, model_version="v2")


def _change_prediction(project: Project) -> None:
    update_prediction(prediction=Prediction.objects.order_by("pk")[0], score=-3.0)


def _delete_prediction(project: Project) -> None:
    delete_prediction(prediction=Prediction.objects.order_by("pk")[0])


def _delete_predictions(project: Project) -> None:
    assert delete_predictions_of(project_id=project.pk, task_ids=task_ids()[:3]) == 3


WRITES: list[Callable[[Project], None]] = [
    _submit, _update, _skip, _take_back, _delete, _delete_and_restore, _duplicate, _hand_over, _erase,
    _delete_account, _rename_labels, _import, _undo_import, _add_task, _delete_some_tasks, _delete_a_batch,
    _raise_overlap, _lower_overlap, _apply_queue_rules, _predict_again, _change_prediction, _delete_prediction,
    _delete_predictions,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__.strip("_").replace("_", "-"))
def test_the_counts_follow(project: Project, write: Callable[[Project], None]) -> None:
    before = _state()

    write(project)

    assert_counts_are_right()
    assert _state() != before or write in (_erase, _delete_and_restore)


def _state() -> list[list[tuple[object, ...]]]:
    count_what_changed()
    return [
        sorted(model.objects.values_list(*columns), key=repr)
        for model, columns in (
            (AnswerCount, ["person_id", "completions", "skips", "lead_seconds"]),
            (LabelCount, ["label", "uses"]),
            (TaskCount, ["added", "labeled"]),
            (ScoreCount, ["model_version", "span", "predictions"]),
        )
    ]


def test_the_counts_are_right_after_300_random_operations(project: Project) -> None:
    worker = Worker(project, owner_of(project), seed=7)
    numbers = random.Random(8)
    for _ in range(15):
        worker.work(20)
        numbers.choice([_import, _delete_some_tasks, _raise_overlap, _lower_overlap, _predict_again])(project)
        if numbers.random() < 0.5:
            count_what_changed()

    assert_counts_are_right()


def test_of_a_deleted_project_nothing_stays_counted(project: Project) -> None:
    kept = make_project(tasks=2)
    make_completion(kept.tasks.order_by("pk")[0], owner_of(kept))

    run(job_id=request_deletion(project=project, requested_by=None).pk, worker="test")

    assert_counts_are_right()
    assert set(AnswerCount.objects.values_list("project_id", flat=True)) == {kept.pk}


def test_imported_labels_of_every_kind_are_counted_and_long_ones_cut(db: None) -> None:
    project = make_project(tasks=1)
    task = project.tasks.get()
    value = {
        "taxonomy": [["Animal", "Dog"], ["Plant"]], "rating": 4, "choices": ["x" * 300], "text": ["free text"],
    }  # fmt: skip
    item = {"id": "1", "from_name": "q", "to_name": "text", "type": "anything", "value": value}
    nameless = {"id": "2", "type": "relation", "from_id": "1", "to_id": "1"}
    Completion.objects.create(task=task, project=project, result=[item, nameless])

    count_what_changed()

    found = LabelCount.objects.order_by("label").values_list("control", "label", "uses")
    assert list(found) == [
        ("q", "4", 1), ("q", "Animal › Dog", 1), ("q", "Plant", 1), ("q", "x" * 200, 1),
    ]  # fmt: skip
