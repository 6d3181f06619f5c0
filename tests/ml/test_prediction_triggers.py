"""What sets prediction runs in motion without a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.jobs.models import Job, JobStatus
from apps.ml.models import PredictionRun, RunTrigger
from apps.ml.predicting.choosing import Chosen, Which, read_chosen
from apps.ml.predicting.runs import start_run
from apps.ml.predicting.triggers import start_scheduled_runs
from apps.ml.versions import note_version
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_project, make_tasks, owner_of
from tests.ml.backends import make_backend
from tests.ml.fake_backend import FakeBackend
from tests.ml.predicting import asked_ids, carried_out, ids_of, predicted, predicted_ids, quiet

pytestmark = pytest.mark.django_db(transaction=True)


def run_of(trigger: RunTrigger) -> PredictionRun:
    run: PredictionRun = PredictionRun.objects.select_related("job", "backend").get(trigger=trigger)
    return run


def test_imported_tasks_are_predicted_where_the_backend_wants_it(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    quiet(project, fake, predict_on_import=True)
    make_backend(project, predict_on_new_version=False)

    new = make_tasks(project, [{"text": "new"}, {"text": "newer"}])

    run = run_of(RunTrigger.IMPORT)
    assert carried_out(run).status == JobStatus.COMPLETED
    assert sorted(asked_ids(fake)) == [task.pk for task in new]
    assert run.backend.url == fake.url


def test_a_new_version_predicts_what_is_still_to_label_and_is_shown_when_that_is_done(
    fake: FakeBackend,
) -> None:
    project = make_project(tasks=3, model_version="v1")
    ids = ids_of(project)
    backend = quiet(project, fake, predict_on_new_version=True, auto_update=True)
    save_prediction(task_id=ids[1], result=choice(), score=0.5, model_version="v1")
    make_completion(Task.objects.get(pk=ids[0]), owner_of(project))
    fake.model_version = "v2"

    note_version(backend=backend, name="v2")

    run = run_of(RunTrigger.NEW_VERSION)
    assert Project.objects.get(pk=project.pk).model_version == "v1"
    assert carried_out(run).status == JobStatus.COMPLETED
    assert predicted_ids(project, "v2") == ids[1:]
    assert Project.objects.get(pk=project.pk).model_version == "v2"
    assert Job.objects.filter(project=project, kind="queue-rules").exists()


def test_the_run_of_an_older_version_makes_room_for_that_of_a_newer_one(fake: FakeBackend) -> None:
    project = make_project(tasks=1)
    backend = quiet(project, fake, predict_on_new_version=True)

    note_version(backend=backend, name="v2")
    note_version(backend=backend, name="v3")

    runs = PredictionRun.objects.filter(trigger=RunTrigger.NEW_VERSION).select_related("job").order_by("pk")
    assert [(read_chosen(run.chosen).version, run.job and run.job.status) for run in runs] == [
        ("v2", JobStatus.CANCELLED),
        ("v3", JobStatus.QUEUED),
    ]


def test_a_version_that_predicts_nothing_by_itself_is_shown_at_once(fake: FakeBackend) -> None:
    project = make_project(tasks=1)
    backend = quiet(project, fake, auto_update=True)

    note_version(backend=backend, name="v2")

    assert Project.objects.get(pk=project.pk).model_version == "v2"
    assert PredictionRun.objects.count() == 0


def test_a_version_that_shows_up_in_the_middle_of_a_run_is_followed_by_one_for_the_rest(
    fake: FakeBackend,
) -> None:
    project = make_project(tasks=4)
    backend = quiet(project, fake, predict_on_new_version=True, batch_size=2)
    fake.model_version = "v2"

    predicted(backend, Chosen(Which.UNLABELED))
    asked = len(asked_ids(fake))
    carried_out(run_of(RunTrigger.NEW_VERSION))

    assert predicted_ids(project, "v2") == ids_of(project)
    assert len(asked_ids(fake)) == asked == 4


def test_the_schedule_starts_a_run_when_the_last_one_is_long_enough_ago(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    save_prediction(task_id=ids_of(project)[0], result=choice(), model_version="v1")
    quiet(project, fake, predict_every_hours=2)
    make_backend(project)

    assert start_scheduled_runs() == 1
    run = run_of(RunTrigger.SCHEDULE)
    carried_out(run)
    assert asked_ids(fake) == ids_of(project)[1:]
    assert start_scheduled_runs() == 0

    PredictionRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(hours=2, minutes=1))
    assert start_scheduled_runs() == 1


def test_without_a_prediction_run_nothing_is_shown_in_its_place(fake: FakeBackend) -> None:
    project = make_project(tasks=1, model_version="v1")
    backend = quiet(project, fake, auto_update=True)

    carried_out(start_run(backend=backend, chosen=Chosen(Which.ALL)))

    assert Project.objects.get(pk=project.pk).model_version == "v1"
