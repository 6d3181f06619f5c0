"""Quality reports: who asks for them, what the job compares, and what is left after it ran twice or was cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.models import Completion
from apps.core.errors import ValidationFailed
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.jobs.services import cancel
from apps.ml.models import MLBackend, ModelVersion, QualityReport
from apps.ml.quality.comparing import WORST_TASKS
from apps.ml.quality.queries import newest_reports, newest_versions
from apps.ml.quality.services import KEPT_REPORTS, measure_after_run, request_quality
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_member, make_project, owner_of

CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text"><Choice value="Positive"/><Choice value="Negative"/></Choices>
  <List name="list" value="$items" title="Answers"/><Ranker name="order" toName="list"/>
  <Choices name="of-region" toName="text" perRegion="true"><Choice value="a"/><Choice value="b"/></Choices>
</View>"""


def project_with(
    answers: str, predictions: str, *, version: str = "v1", scores: list[float] | None = None
) -> Project:
    """Return a project with a task for each letter: P is positive, N negative, - nothing."""
    project = make_project(tasks=len(answers))
    add_answers(project, answers)
    add_predictions(project, predictions, version=version, scores=scores)
    return project


def add_answers(project: Project, answers: str) -> None:
    for task, letter in zip(Task.objects.filter(project=project).order_by("pk"), answers, strict=True):
        if letter != "-":
            make_completion(task, owner_of(project), result=choice(LABELS[letter]))


def add_predictions(
    project: Project, predictions: str, *, version: str, scores: list[float] | None = None
) -> None:
    tasks = Task.objects.filter(project=project).order_by("pk")
    for place, (task, letter) in enumerate(zip(tasks, predictions, strict=True)):
        if letter != "-":
            save_prediction(
                task_id=task.pk,
                result=choice(LABELS[letter]),
                score=scores[place] if scores else 0.5,
                model_version=version,
            )


LABELS = {"P": "Positive", "N": "Negative"}


def measured(project: Project, **request: Any) -> Job:
    job = request_quality(project=project, created_by=owner_of(project), **request)
    run(job_id=job.pk, worker="test")
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED, job.error
    return job


def test_a_report_tells_how_well_a_version_agrees_with_people(db: None) -> None:
    project = project_with("PPNN-", "PNNNP")

    job = measured(project)

    report = QualityReport.objects.get(project=project)
    assert job.result == {"reports": {"v1": report.pk}, "tasks": 4}
    assert (report.model_version, report.tasks, report.metrics["agreement"]) == ("v1", 4, 0.75)
    [control] = report.metrics["controls"]
    assert (control["name"], control["accuracy"]) == ("sentiment", 0.75)
    assert report.metrics["headline"] == control["headline"] == {"name": "macro F1", "value": 0.733334}
    assert control["confusion"]["labels"] == ["Negative", "Positive"]
    assert control["confusion"]["counts"] == [[2, 0], [1, 1]]


def test_the_newest_completion_of_a_task_counts_and_skips_do_not(db: None) -> None:
    project = project_with("P", "N")
    task = Task.objects.get(project=project)
    later = timezone.now() + timedelta(minutes=5)
    newer = make_completion(task, make_member(project, Role.ANNOTATOR), result=choice("Negative"))
    skip = make_completion(task, make_member(project, Role.ANNOTATOR), was_cancelled=True)
    Completion.objects.filter(pk=newer.pk).update(created_at=later)
    Completion.objects.filter(pk=skip.pk).update(created_at=later + timedelta(minutes=1))

    measured(project)

    assert QualityReport.objects.get(project=project).metrics["agreement"] == 1.0


def test_completions_that_were_made_of_predictions_count_once_a_person_vouches_for_them(db: None) -> None:
    project = project_with("-", "P")
    task = Task.objects.get(project=project)
    made = make_completion(task, owner_of(project), parent_prediction=Prediction.objects.get().pk)

    assert measured(project).result == {"reports": {}, "tasks": 0}
    Completion.objects.filter(pk=made.pk).update(ground_truth=True)
    assert (measured(project).result or {})["tasks"] == 1


def test_a_prediction_that_somebody_looked_at_and_accepted_counts(db: None) -> None:
    project = project_with("-", "P")
    prediction = Prediction.objects.get()
    make_completion(
        Task.objects.get(project=project), owner_of(project), parent_prediction=prediction.pk, lead_time=4.0
    )

    assert (measured(project).result or {})["tasks"] == 1


def test_ground_truth_alone_counts_where_it_is_asked_for(db: None) -> None:
    project = project_with("PP", "PN")
    first = Completion.objects.earliest("pk")
    Completion.objects.filter(pk=first.pk).update(ground_truth=True)

    measured(project, ground_truth_only=True)

    report = QualityReport.objects.get(project=project)
    assert (report.ground_truth_only, report.tasks, report.metrics["agreement"]) == (True, 1, 1.0)


def test_the_worst_tasks_come_first_and_of_equals_those_of_which_the_model_was_sure(db: None) -> None:
    project = project_with("PPPP", "PNNN", scores=[0.9, 0.2, 0.95, 0.5])
    tasks = list(Task.objects.filter(project=project).order_by("pk").values_list("pk", flat=True))

    measured(project)

    worst = QualityReport.objects.get(project=project).worst_tasks
    assert [one["task"] for one in worst] == [tasks[2], tasks[3], tasks[1]]
    assert worst[0] == {
        "task": tasks[2], "inner_id": 3, "completion": worst[0]["completion"], "agreement": 0.0, "score": 0.95,
        "controls": {"sentiment": 0.0},
    }  # fmt: skip


def test_only_so_many_worst_tasks_are_kept(db: None) -> None:
    project = project_with("P" * (WORST_TASKS + 5), "N" * (WORST_TASKS + 5))

    measured(project)

    assert len(QualityReport.objects.get(project=project).worst_tasks) == WORST_TASKS


def test_answers_without_a_measure_are_named(db: None) -> None:
    project = project_with("P", "P")
    Project.objects.filter(pk=project.pk).update(label_config=CONFIG)

    measured(project)

    named = QualityReport.objects.get(project=project).metrics["not_compared"]
    assert [(one["name"], one["type"]) for one in named] == [("order", "Ranker"), ("of-region", "Choices")]
    assert named[0]["reason"] == "There is no measure for answers of <Ranker>."


def test_every_version_gets_a_report_unless_one_is_named(db: None) -> None:
    project = project_with("PN", "PN")
    add_predictions(project, "NP", version="v2")

    measured(project)
    measured(project, model_versions=["v2"])

    reports = QualityReport.objects.filter(project=project).order_by("pk")
    assert [(one.model_version, one.metrics["agreement"]) for one in reports] == [
        ("v2", 0.0),
        ("v1", 1.0),
        ("v2", 0.0),
    ]
    assert {one.pk for one in newest_reports(project.pk)} == {reports[1].pk, reports[2].pk}


def test_a_version_of_which_no_task_is_answered_gets_no_report(db: None) -> None:
    project = project_with("-", "P")

    job = measured(project)

    assert job.result == {"reports": {}, "tasks": 0}
    assert not QualityReport.objects.exists()


def test_a_job_that_runs_twice_leaves_one_report(db: None) -> None:
    project = project_with("P", "P")
    job = measured(project)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED, finished_at=None)

    run(job_id=job.pk, worker="test")

    assert QualityReport.objects.filter(project=project).count() == 1


def test_a_cancelled_job_leaves_no_report(db: None) -> None:
    project = project_with("P", "P")
    job = request_quality(project=project, created_by=owner_of(project))
    cancel(job=job)

    run(job_id=job.pk, worker="test")

    assert not QualityReport.objects.exists()


def test_of_many_reports_of_a_version_the_newest_stay(db: None) -> None:
    project = project_with("P", "P")

    for _ in range(KEPT_REPORTS + 2):
        job = measured(project)

    kept = QualityReport.objects.filter(project=project)
    assert kept.count() == KEPT_REPORTS
    assert kept.latest("pk").job_id == job.pk


def test_the_same_request_joins_the_job_that_is_under_way(db: None) -> None:
    project = project_with("P", "P")

    first = request_quality(project=project, created_by=None)
    again = request_quality(project=project, created_by=None)
    other = request_quality(project=project, created_by=None, ground_truth_only=True)

    assert first.pk == again.pk != other.pk


@pytest.mark.parametrize("wanted", [None, ["v1"]], ids=["all", "one"])
def test_a_project_without_predictions_has_nothing_to_measure(db: None, wanted: list[str] | None) -> None:
    project = make_project(tasks=1)

    with pytest.raises(ValidationFailed, match="There are no predictions to measure"):
        request_quality(project=project, created_by=None, model_versions=wanted)

    assert not Job.objects.filter(kind="model-quality").exists()


def test_a_version_that_does_not_exist_is_named(db: None) -> None:
    project = project_with("P", "P")

    with pytest.raises(ValidationFailed, match='has the model version "v7"'):
        request_quality(project=project, created_by=None, model_versions=["v1", "v7"])


def test_a_version_is_measured_after_its_run_where_somebody_has_answered(db: None) -> None:
    answered, untouched = project_with("P", "P"), project_with("-", "P")

    job = measure_after_run(project_id=answered.pk, version="v1")

    assert job is not None
    assert job.payload["model_versions"] == ["v1"]
    assert measure_after_run(project_id=answered.pk, version="gone") is None
    assert measure_after_run(project_id=untouched.pk, version="v1") is None
    assert Job.objects.filter(kind="model-quality").count() == 1


def test_versions_come_newest_first_and_those_of_no_backend_last(db: None) -> None:
    project = project_with("P", "P", version="imported-9")
    add_predictions(project, "P", version="imported-10")
    backend = MLBackend.objects.create(project=project, title="m", url="http://127.0.0.1:9/")
    for name in ("z-older", "a-newer"):
        add_predictions(project, "P", version=name)
        ModelVersion.objects.create(project=project, backend=backend, name=name)

    measured(project)

    in_order = ["a-newer", "z-older", "imported-10", "imported-9"]
    assert newest_versions(project.pk) == in_order
    assert [report.model_version for report in newest_reports(project.pk)] == in_order


@pytest.mark.parametrize(
    "result",
    [
        [],
        [{"from_name": "sentiment"}],
        [{"from_name": ["sentiment"], "to_name": "text", "value": {}}],
        [{"from_name": "sentiment", "to_name": "text", "value": None}],
        [{"type": "relation", "from_id": "a", "to_id": "b"}],
    ],
    ids=["empty", "bare", "list", "null", "relation"],
)
def test_results_that_answer_nothing_are_compared_as_nothing(db: None, result: list[Any]) -> None:
    project = project_with("P", "-")
    save_prediction(task_id=Task.objects.get(project=project).pk, result=result, model_version="v1")

    measured(project)

    assert QualityReport.objects.get(project=project).metrics["agreement"] == 0.0


def test_reports_are_asked_for_and_read_over_rest(cast, api) -> None:
    task = Task.objects.filter(project=cast.project).earliest("pk")
    make_completion(task, cast.annotator, result=choice("Positive"))
    save_prediction(task_id=task.pk, result=choice("Negative"), model_version="v1", score=0.75)
    client = api(cast.manager)
    address = f"/api/projects/{cast.project.pk}/model-quality/"

    asked = client.post(address, {"model_version": "v1"})
    run(job_id=asked.json()["id"], worker="test")
    [listed] = client.get(address).json()
    read = client.get(f"{address}{listed['id']}/").json()

    assert asked.status_code == 202
    assert (listed["model_version"], listed["tasks"], listed["agreement"]) == ("v1", 1, 0.0)
    assert "worst_tasks" not in listed
    assert [one["task"] for one in read["worst_tasks"]] == [task.pk]
    assert client.get(f"{address}?ground_truth_only=true").json() == []


def test_what_is_asked_wrongly_over_rest_is_named(cast, api) -> None:
    client = api(cast.manager)
    address = f"/api/projects/{cast.project.pk}/model-quality/"

    assert client.post(address, {"model_version": "v9"}).status_code == 400
    assert client.post(address, {"ground_truth_only": "perhaps"}).status_code == 400
    assert client.get(f"{address}?ground_truth_only=perhaps").json()["status_code"] == 400
    assert client.get(f"{address}999999/").status_code == 404
    assert not Job.objects.exists()


def test_a_report_of_another_project_does_not_exist(cast, api) -> None:
    other = project_with("P", "P")
    measured(other)
    report = QualityReport.objects.get()
    stranger: User = cast.manager

    address = f"/api/projects/{cast.project.pk}/model-quality/{report.pk}/"

    assert api(stranger).get(address).status_code == 404
    assert api(cast.administrator).get(address).status_code == 404


def test_lists_of_reports_take_the_same_queries_however_many_there_are(
    cast, api, django_assert_num_queries
) -> None:
    for version in ("v1", "v2", "v3"):
        QualityReport.objects.create(project=cast.project, model_version=version, metrics={"controls": []})
    client = api(cast.manager)
    address = f"/api/projects/{cast.project.pk}/model-quality/"
    client.get(address)

    with django_assert_num_queries(5):
        assert len(client.get(address).json()) == 3
