"""The page of models: who sees what, what it asks and says, and what comes of its buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.models import Completion
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.ml.models import (
    BackendFailure,
    MLBackend,
    ModelVersion,
    PredictionRun,
    QualityReport,
    TaskFailure,
    Training,
    TrainingStatus,
)
from apps.ml.quality.services import request_quality
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import choice, make_completion

BrowserOf = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}


def make_backend(project: Project, **fields: Any) -> MLBackend:
    """Return a backend that nobody asks: nothing listens at its address."""
    return MLBackend.objects.create(
        **{"project": project, "title": "Moods", "url": "http://127.0.0.1:9/", "state": "CO", **fields}
    )


def predict_all(
    project: Project, label: str = "Positive", *, version: str = "v1", score: float = 0.8
) -> None:
    for task in Task.objects.filter(project=project):
        save_prediction(task_id=task.pk, result=choice(label), score=score, model_version=version)


def measure(cast: Cast) -> None:
    job = request_quality(project=cast.project, created_by=cast.manager)
    run(job_id=job.pk, worker="test")


def address(cast: Cast, rest: str = "") -> str:
    return f"/projects/{cast.project.pk}/models{rest}"


def text_of(browser: Client, page: str) -> str:
    response = browser.get(page)
    assert response.status_code == 200
    return response.content.decode()


def test_a_project_without_models_teaches_how_to_begin(cast: Cast, browser_of: BrowserOf) -> None:
    page = text_of(browser_of(cast.manager), address(cast))

    assert "label-studio-ml init my_model" in page
    assert "label-studio-ml start my_model" in page
    assert "docs/ml.md" in page
    assert address(cast, "/connect") in page


def test_the_tab_is_there_for_those_who_may_see_models(cast: Cast, browser_of: BrowserOf) -> None:
    shown = {
        name: f'href="{address(cast)}"'
        in browser_of(person).get(f"/projects/{cast.project.pk}/").content.decode()
        for name, person in cast.people().items()
        if name != "stranger"
    }

    assert shown == {**dict.fromkeys(shown, True), "annotator": False}


def test_who_may_only_look_gets_no_buttons(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)
    predict_all(cast.project)

    page = text_of(browser_of(cast.viewer), address(cast))

    assert "Moods" in page
    for action in ("predict", "train", "check", "edit", "remove"):
        assert address(cast, f"/{backend.pk}/{action}") not in page
    assert address(cast, "/versions/delete") not in page
    assert address(cast, "/label-by-score") not in page


def test_a_card_tells_how_a_backend_is(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(
        cast.project, state="ER", model_version="v7", latency_ms=12.4, error_message="It answers with HTML.",
        checked_at=timezone.now(),
    )  # fmt: skip
    task = Task.objects.filter(project=cast.project).earliest("pk")
    BackendFailure.objects.create(
        backend=backend, call="predict", task_id=task.pk, message="results is missing.", remedy="Return results.",
        request_excerpt='{"tasks": [1]}', response_excerpt="<html>",
    )  # fmt: skip
    ModelVersion.objects.create(project=cast.project, backend=backend, name="v7")
    predict_all(cast.project, version="v7")

    page = text_of(browser_of(cast.manager), address(cast))

    for words in (
        "It answers with HTML.", "v7", "12 ms", "results is missing.", "Return results.",
        "{&quot;tasks&quot;: [1]}", "&lt;html&gt;", "3 predictions",
    ):  # fmt: skip
        assert words in page


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "By itself it predicts unlabeled tasks anew with each new version; shows people its newest version."),
        (
            {"train_after_completions": 1, "train_every_hours": 24, "predict_on_new_version": False,
             "auto_update": False},
            "By itself it trains after every 1 new completion; trains every 24 hours.",
        ),
    ],
    ids=["as-connected", "by-schedule"],
)  # fmt: skip
def test_a_card_tells_what_a_backend_does_by_itself(
    cast: Cast, browser_of: BrowserOf, settings: dict[str, Any], told: str
) -> None:
    make_backend(cast.project, **settings)

    assert told in text_of(browser_of(cast.manager), address(cast))


def test_a_card_tells_of_trainings_with_their_logs(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)
    Training.objects.create(
        project=cast.project, backend=backend, status=TrainingStatus.FAILED, completions=40, log="epoch 1",
        error="Too few labels.",
    )  # fmt: skip

    page = text_of(browser_of(cast.manager), address(cast))

    assert "40 completions" in page
    assert "epoch 1" in page
    assert "The last training failed" in page
    assert "Too few labels." in page


def test_the_page_asks_again_only_while_something_goes_on(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)
    training = Training.objects.create(project=cast.project, backend=backend, status=TrainingStatus.RUNNING)
    browser = browser_of(cast.manager)

    going_on = browser.get(address(cast, f"/{backend.pk}/activity"), headers=HTMX)
    Training.objects.filter(pk=training.pk).update(status=TrainingStatus.COMPLETED)
    over = browser.get(address(cast, f"/{backend.pk}/activity"), headers=HTMX)

    assert 'hx-trigger="every 2s"' in going_on.content.decode()
    assert "HX-Trigger" not in going_on.headers
    assert "hx-trigger" not in over.content.decode()
    assert "models-settled" in over.headers["HX-Trigger"]


def test_a_run_shows_its_progress_and_why_tasks_failed(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)
    job = Job.objects.create(
        kind="predict", project=cast.project, status=JobStatus.COMPLETED, finished_at=timezone.now()
    )
    prediction_run = PredictionRun.objects.create(
        project=cast.project, backend=backend, job=job, total=3, predicted=2, failed=1, model_version="v1"
    )
    task = Task.objects.filter(project=cast.project).earliest("pk")
    TaskFailure.objects.create(run=prediction_run, task_id=task.pk, message="The score is not a number.")

    page = text_of(browser_of(cast.manager), address(cast))

    assert "2 of 3 tasks predicted, 1 failed by v1" in page
    assert "The score is not a number." in page
    assert address(cast, f"/runs/{prediction_run.pk}/retry") in page


def test_a_backend_that_does_not_answer_is_named_and_may_be_stored_all_the_same(
    cast: Cast, browser_of: BrowserOf
) -> None:
    browser = browser_of(cast.manager)
    form = filled(url="http://127.0.0.1:9", title="Down")

    refused = browser.post(address(cast, "/connect"), form)
    assert refused.status_code == 422
    assert "Store it although it does not answer" in refused.content.decode()
    assert not MLBackend.objects.exists()

    browser.post(address(cast, "/connect"), {**form, "way": "anyway"})
    assert MLBackend.objects.get().title == "Down"


def filled(**fields: Any) -> dict[str, Any]:
    """Return the form as the page sends it when nobody touches its amounts."""
    return {
        "url": "http://127.0.0.1:9", "auth_method": "NONE", "predict_every_hours": 0, "train_after_completions": 0,
        "train_every_hours": 0, "batch_size": 100, "concurrency": 2, "health_seconds": 3, "setup_seconds": 10,
        "predict_seconds": 100, "open_seconds": 2, "train_seconds": 30, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""),
        ("url", "ftp://x"),
        ("batch_size", "0"),
        ("predict_seconds", "nan"),
        ("extra_params", "{"),
        ("auth_method", "MAGIC"),
    ],
    ids=lambda value: str(value) or "empty",
)
def test_a_wrong_setting_stands_beside_its_field(
    cast: Cast, browser_of: BrowserOf, field: str, value: str
) -> None:
    response = browser_of(cast.manager).post(address(cast, "/connect"), filled(**{field: value}))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not MLBackend.objects.exists()


def test_what_does_not_concern_the_connection_is_changed_without_asking_the_backend(
    cast: Cast, browser_of: BrowserOf
) -> None:
    backend = make_backend(cast.project, url="http://127.0.0.1:9", auth_method="BASIC_AUTH", auth_name="me",
                           auth_secret="kept")  # fmt: skip

    response = browser_of(cast.manager).post(
        address(cast, f"/{backend.pk}/edit"),
        filled(
            url=backend.url, title="New", auth_method="BASIC_AUTH", auth_name="me", train_after_completions=20
        ),
    )

    assert response.status_code == 302, response.context["form"].errors
    backend.refresh_from_db()
    assert (backend.title, backend.train_after_completions, backend.auth_secret) == ("New", 20, "kept")


def test_removing_says_what_is_lost_and_keeps_predictions(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)
    ModelVersion.objects.create(project=cast.project, backend=backend, name="v1")
    predict_all(cast.project)
    Training.objects.create(project=cast.project, backend=backend, status=TrainingStatus.COMPLETED)
    browser = browser_of(cast.manager)

    asked = text_of(browser, address(cast, f"/{backend.pk}/remove"))
    browser.post(address(cast, f"/{backend.pk}/remove"))

    assert "1 training goes" in asked
    assert "3 predictions stay" in asked
    assert not MLBackend.objects.exists()
    assert Prediction.objects.count() == 3


def test_predicting_asks_which_tasks_and_starts_a_run(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)
    make_completion(Task.objects.filter(project=cast.project).earliest("pk"), cast.annotator)
    browser = browser_of(cast.manager)

    asked = browser.get(address(cast, f"/{backend.pk}/predict"), headers=HTMX)
    browser.post(address(cast, f"/{backend.pk}/predict"), {"tasks": "unlabeled"})

    assert [count for _, _, count in asked.context["choices"]] == [3, 2, 3]
    assert PredictionRun.objects.get().chosen["which"] == "unlabeled"


def test_predicting_nothing_that_exists_starts_nothing(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)

    browser_of(cast.manager).post(address(cast, f"/{backend.pk}/predict"), {"tasks": "failed"})

    assert not PredictionRun.objects.exists()


def test_training_starts_when_there_is_something_to_learn_from(cast: Cast, browser_of: BrowserOf) -> None:
    backend = make_backend(cast.project)
    browser = browser_of(cast.manager)

    without = browser.post(address(cast, f"/{backend.pk}/train"), follow=True).content.decode()
    make_completion(Task.objects.filter(project=cast.project).earliest("pk"), cast.annotator)
    browser.post(address(cast, f"/{backend.pk}/train"))

    assert "There is nothing to learn from" in without
    assert Training.objects.get().completions == 1


def test_a_version_is_chosen_compared_and_deleted(cast: Cast, browser_of: BrowserOf) -> None:
    predict_all(cast.project)
    predict_all(cast.project, "Negative", version="v2")
    browser = browser_of(cast.manager)

    browser.post(address(cast, "/versions/show"), {"version": "v2"})
    compared = browser.get(address(cast, "/versions/compare?one=v1&other=v2"), headers=HTMX)
    asked = text_of(browser, address(cast, "/versions/delete?version=v1"))
    browser.post(address(cast, "/versions/delete"), {"version": "v1"})

    assert Project.objects.get(pk=cast.project.pk).model_version == "v2"
    assert compared.context["rows"] == [("sentiment", "3", "0 %")]
    assert "3 predictions go." in asked
    assert set(Prediction.objects.values_list("model_version", flat=True)) == {"v2"}


def test_a_version_that_nobody_knows_is_not_shown(cast: Cast, browser_of: BrowserOf) -> None:
    predict_all(cast.project)

    response = browser_of(cast.manager).post(address(cast, "/versions/show"), {"version": "v9"})

    assert response.status_code == 404
    assert Project.objects.get(pk=cast.project.pk).model_version == ""


def test_quality_is_measured_by_a_button_and_shown_in_full(cast: Cast, browser_of: BrowserOf) -> None:
    predict_all(cast.project)
    tasks = list(Task.objects.filter(project=cast.project).order_by("pk"))
    make_completion(tasks[0], cast.annotator, result=choice("Positive"))
    make_completion(tasks[1], cast.annotator, result=choice("Negative"))
    browser = browser_of(cast.manager)

    browser.post(address(cast, "/quality"))
    job = Job.objects.get(kind="model-quality")
    meanwhile = browser.get(address(cast, "/quality"), headers=HTMX)
    run(job_id=job.pk, worker="test")
    after = browser.get(address(cast, "/quality"), headers=HTMX)
    quality = browser.get(address(cast)).context["quality"]

    assert 'hx-trigger="every 2s"' in meanwhile.content.decode()
    assert "models-settled" in after.headers["HX-Trigger"]
    assert quality.agreement == "50 %"
    assert [task.task_id for task in quality.worst] == [tasks[1].pk]
    [control] = quality.controls
    assert control.facts[0] == ("Accuracy", "50 %")
    assert control.rows[0][0] == "Negative"


def test_each_measured_version_can_be_looked_at_and_the_trend_begins_with_the_oldest(
    cast: Cast, browser_of: BrowserOf
) -> None:
    task = Task.objects.filter(project=cast.project).earliest("pk")
    make_completion(task, cast.annotator, result=choice("Positive"))
    backend = make_backend(cast.project)
    for name, label in (("old", "Negative"), ("a-young-one", "Positive")):
        predict_all(cast.project, label, version=name)
        ModelVersion.objects.create(project=cast.project, backend=backend, name=name)
    measure(cast)
    browser = browser_of(cast.manager)

    quality = browser.get(address(cast, "?version=old")).context["quality"]

    assert quality.report.model_version == "old"
    assert quality.trend.categories == ["old", "a-young-one"]
    assert quality.trend.series == [("sentiment", [0, 100])]


def test_reports_of_every_kind_are_shown(cast: Cast, browser_of: BrowserOf) -> None:
    counts = {"precision": 0.5, "recall": None, "f1": 0.5, "matched": 1, "predicted": 2, "support": 2}
    predict_all(cast.project)
    QualityReport.objects.create(
        project=cast.project,
        model_version="v1",
        tasks=2,
        metrics={
            "agreement": 0.5,
            "headline": {"name": "mean of all questions", "value": 0.5},
            "not_compared": [{"name": "why", "type": "TextArea", "reason": "There is no measure."}],
            "controls": [
                {"name": "spans", "kind": "spans", "headline": {"name": "span F1", "value": 0.5}, "exact": counts,
                 "overlapping": counts, "labels": [{"label": "A", "overlapping_f1": 1.0, **counts}]},
                {"name": "boxes", "kind": "shapes", "headline": {"name": "mAP@.5", "value": None}, "map_50": None,
                 "map_50_95": None, "at_50": counts,
                 "labels": [{"label": "Car", "ap_50": None, "ap_50_95": None, **counts}]},
                {"name": "stars", "kind": "numbers", "headline": {"name": "agreement", "value": 0.5}, "answers": 2,
                 "mean_absolute_error": 0.5, "mean_error": -0.5, "root_mean_squared_error": 0.7, "equal": 0.5},
                {"name": "sky", "kind": "masks", "headline": {"name": "mIoU", "value": 0.5}, "mean_iou": 0.5,
                 "mean_dice": 0.7, "labels": [{"label": "Sky", "iou": 0.5, "tasks": 2, **counts}]},
                {"name": "eyes", "kind": "points", "headline": {"name": "F1@.05", "value": 0.5}, "at_05": counts,
                 "at_02": counts, "mean_distance": 0.0123, "labels": [{"label": "Eye", "f1_at_02": None, **counts}]},
                {"name": "said", "kind": "texts", "headline": {"name": "similarity", "value": 0.5}, "answers": 2,
                 "equal": 0.25, "similarity": 0.5, "character_error_rate": 0.5, "word_error_rate": 1.25},
            ],
        },
    )  # fmt: skip

    page = text_of(browser_of(cast.reviewer), address(cast))

    for words in (
        "F1, overlapping",
        "mAP@[.5:.95]",
        "Root mean square error",
        "There is no measure.",
        "-0.5",
        "Mean Dice",
        "PCK@.05 (recall)",
        "1.2 %",
        "Word error rate",
        "125 %",
    ):
        assert words in page


def test_labeling_by_score_says_how_many_and_can_be_undone(cast: Cast, browser_of: BrowserOf) -> None:
    for task, score in zip(
        Task.objects.filter(project=cast.project).order_by("pk"), (0.95, 0.9, 0.2), strict=True
    ):
        save_prediction(task_id=task.pk, result=choice(), score=score, model_version="v1")
    browser = browser_of(cast.manager)

    asked = browser.get(address(cast, "/label-by-score?min_score=0.9&model_version="), headers=HTMX)
    browser.post(address(cast, "/label-by-score"), {"min_score": "0.9", "model_version": ""})
    page = browser.get(address(cast))

    assert (asked.context["counts"].sure, asked.context["counts"].unsure) == (2, 1)
    assert Completion.objects.count() == 2
    [shown] = page.context["auto_labelings"]
    assert shown.may_undo
    browser.post(f"/projects/{cast.project.pk}/tasks/runs/{shown.run.pk}/undo")
    assert Completion.objects.count() == 0


def test_labeling_by_score_leaves_answered_tasks_alone(cast: Cast, browser_of: BrowserOf) -> None:
    predict_all(cast.project)
    make_completion(Task.objects.filter(project=cast.project).earliest("pk"), cast.annotator)

    browser_of(cast.manager).post(address(cast, "/label-by-score"), {"min_score": "", "model_version": ""})

    assert Completion.objects.count() == 3


@pytest.mark.parametrize("wrong", ["nan", "high"])
def test_a_score_that_is_none_labels_nothing(cast: Cast, browser_of: BrowserOf, wrong: str) -> None:
    predict_all(cast.project)

    response = browser_of(cast.manager).post(address(cast, "/label-by-score"), {"min_score": wrong})

    assert response.status_code == 422
    assert not Completion.objects.exists()


def test_what_comes_next_follows_the_scores(cast: Cast, browser_of: BrowserOf) -> None:
    Project.objects.filter(pk=cast.project.pk).update(sampling="prediction-score-min")
    tasks = list(Task.objects.filter(project=cast.project).order_by("pk"))
    for task, score in zip(tasks, (0.9, 0.1, 0.5), strict=True):
        save_prediction(task_id=task.pk, result=choice(), score=score, model_version="v1")

    upcoming = browser_of(cast.manager).get(address(cast)).context["upcoming"]

    assert [task.pk for task in upcoming] == [tasks[1].pk, tasks[2].pk, tasks[0].pk]


def test_the_page_takes_the_same_queries_however_many_backends_there_are(
    cast: Cast, browser_of: BrowserOf, django_assert_max_num_queries: Any
) -> None:
    predict_all(cast.project)
    for number in range(4):
        backend = make_backend(cast.project, url=f"http://127.0.0.1:{number + 1}/")
        Training.objects.create(project=cast.project, backend=backend, status=TrainingStatus.COMPLETED)
        BackendFailure.objects.create(backend=backend, call="health", message="Down.")
        job = Job.objects.create(
            kind="predict", project=cast.project, status=JobStatus.COMPLETED, finished_at=timezone.now()
        )
        run = PredictionRun.objects.create(project=cast.project, backend=backend, job=job, failed=1)
        TaskFailure.objects.create(run=run, task_id=number, message="No score.")
    browser = browser_of(cast.manager)
    browser.get(address(cast))

    with django_assert_max_num_queries(26):
        browser.get(address(cast))
