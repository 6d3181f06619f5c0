"""The versions of a project's models: counted, compared, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.audit.models import Entry
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run as run_job
from apps.ml.models import ModelVersion
from apps.ml.predicting import versions
from apps.ml.predicting.comparing import Comparison, ControlAgreement, compare_versions
from apps.ml.predicting.versions import counts_of_versions, delete_version, list_versions
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.statistics.models import ScoreCount
from apps.tasks.models import Task
from tests.factories import choice, make_project, make_tasks, owner_of
from tests.ml.backends import make_backend


def project_with(*versions: str, tasks: int = 2) -> Project:
    """Return a project whose every task each version has predicted."""
    project = make_project()
    predictions = [{"result": choice(), "model_version": name, "score": 0.5} for name in versions]
    make_tasks(
        project, [{"data": {"text": str(number)}, "predictions": predictions} for number in range(tasks)]
    )
    return project


def test_each_version_is_counted(db: None) -> None:
    project = project_with("v1", "v2")
    save_prediction(task_id=Task.objects.earliest("pk").pk, result=choice(), model_version="v3")
    project_with("v1")

    assert counts_of_versions(project.pk) == {"v1": 2, "v2": 2, "v3": 1}


def test_versions_are_listed_with_where_they_come_from_and_which_is_shown(
    db: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    project = project_with("imported", "v1")
    project.model_version = "v1"
    backend = make_backend(project)
    for name in ("v1", "v2"):
        ModelVersion.objects.create(project=project, backend=backend, name=name)

    with django_assert_num_queries(2):
        listed = list_versions(project)

    assert [(row.name, row.predictions, row.backend_id, row.is_shown) for row in listed] == [
        ("v2", 0, backend.pk, False),
        ("v1", 2, backend.pk, True),
        ("imported", 2, None, False),
    ]


def test_a_version_is_deleted_with_its_scores_and_counts(db: None) -> None:
    project = project_with("v1", "v2")
    ModelVersion.objects.create(project=project, name="v1")
    Prediction.objects.filter(model_version="v2").update(score=0.9)

    assert delete_version(project=project, name="v1", deleted_by=owner_of(project)) == (2, None)

    assert set(Prediction.objects.values_list("model_version", flat=True)) == {"v2"}
    assert counts_of_versions(project.pk) == {"v2": 2}
    assert totals_of([project.pk])[project.pk].predictions == 2
    assert set(Task.objects.values_list("predictions_count", "prediction_score")) == {(1, 0.9)}
    assert ModelVersion.objects.count() == 0
    assert Entry.objects.get(action="predictions.deleted").after == {"model_version": "v1", "count": 2}


def test_versions_of_other_projects_of_the_same_name_stay(db: None) -> None:
    project, other = project_with("v1"), project_with("v1")

    delete_version(project=project, name="v1", deleted_by=owner_of(project))

    assert counts_of_versions(other.pk) == {"v1": 2}


@pytest.mark.django_db(transaction=True)
def test_a_large_version_is_deleted_by_a_job_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "AT_ONCE", 3)
    monkeypatch.setattr(versions, "BATCH", 2)
    project = project_with("v1", tasks=5)

    deleted, job = delete_version(project=project, name="v1", deleted_by=owner_of(project))

    assert (deleted, Prediction.objects.count()) == (0, 5)
    assert job is not None
    run_job(job_id=job.pk, worker="here")
    done = Job.objects.get(pk=job.pk)
    assert (done.status, done.result) == (JobStatus.COMPLETED, {"version": "v1", "deleted_predictions": 5})
    assert Prediction.objects.count() == 0
    assert totals_of([project.pk])[project.pk].predictions == 0
    assert sum(ScoreCount.objects.values_list("predictions", flat=True)) == 0


def text_region(label: str, id: str) -> dict[str, Any]:
    return {"id": id, "from_name": "spans", "to_name": "text", "type": "labels",
            "value": {"start": 0, "end": 4, "labels": [label]}}  # fmt: skip


def test_two_versions_are_compared_control_by_control(db: None) -> None:
    project = make_project(tasks=3)
    first, second, third = (task.pk for task in Task.objects.order_by("pk"))
    save_prediction(task_id=first, result=choice(), score=0.2, model_version="a")
    save_prediction(task_id=first, result=choice(), score=0.6, model_version="b")
    save_prediction(task_id=second, result=[*choice(), text_region("X", "1")], score=0.4, model_version="a")
    save_prediction(
        task_id=second, result=[text_region("X", "9"), *choice("Negative")], score=0.8, model_version="b"
    )
    save_prediction(task_id=third, result=choice(), model_version="a")

    found = compare_versions(project.pk, "a", "b")

    assert (found.tasks, found.is_sample) == (2, False)
    assert list(found.scores) == [pytest.approx(0.3), pytest.approx(0.7)]
    assert found.controls == (
        ControlAgreement("sentiment", tasks=2, agree=1),
        ControlAgreement("spans", tasks=1, agree=1),
    )


def test_a_control_that_only_one_version_answers_is_no_agreement(db: None) -> None:
    project = make_project(tasks=1)
    task_id = Task.objects.get().pk
    save_prediction(task_id=task_id, result=choice(), model_version="a")
    save_prediction(task_id=task_id, result=[], model_version="b")

    (control,) = compare_versions(project.pk, "a", "b").controls

    assert control == ControlAgreement("sentiment", tasks=1, agree=0)


def test_versions_without_a_common_task_have_nothing_to_compare(db: None) -> None:
    project = project_with("a")

    assert compare_versions(project.pk, "a", "b") == Comparison(0, False, (None, None), ())
