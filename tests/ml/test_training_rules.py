"""Models are trained by themselves: after so many completions, or every so many hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.completions.events import CompletionChanged
from apps.completions.models import Completion
from apps.completions.services import delete_completion
from apps.core.events import publish
from apps.jobs.models import Job
from apps.jobs.runner import run
from apps.jobs.services import cancel
from apps.ml.jobs.training import LOOK_AFTER, LOOK_AFTER_ALL
from apps.ml.models import MLBackend, RunTrigger, Training, TrainingStatus
from apps.ml.training import noting
from apps.ml.training.due import projects_with_rules, start_due_trainings
from apps.ml.training.noting import REACT, react_soon
from apps.ml.training.starting import start_training
from apps.ml.training.watching import forget_watched
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_completion, make_project, make_tasks
from tests.ml.backends import connected, make_backend
from tests.ml.fake_backend import FakeBackend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Each test begins and ends without what a process keeps in memory."""
    forget_watched()
    noting.forget_asked()
    yield
    forget_watched()
    noting.forget_asked()


def label(cast: Cast, count: int) -> None:
    """Label `count` further tasks."""
    for task in Task.objects.filter(project=cast.project, completions_count=0).order_by("pk")[:count]:
        make_completion(task, cast.annotator)


def end(training: Training) -> None:
    """Write that a training is over."""
    Training.objects.filter(pk=training.pk).update(status=TrainingStatus.COMPLETED)


def test_a_model_is_trained_after_its_number_of_completions_and_not_before(cast: Cast):
    backend = make_backend(cast.project, train_after_completions=2)
    label(cast, 1)
    assert start_due_trainings(cast.project.pk) == []

    label(cast, 1)

    (training,) = start_due_trainings(cast.project.pk)
    assert (training.backend, training.trigger) == (backend, RunTrigger.COMPLETIONS)
    assert training.completions == 2


def test_a_model_shows_how_many_completions_came_since_its_training(cast: Cast):
    backend = make_backend(cast.project, train_after_completions=10)
    label(cast, 3)
    start_due_trainings(cast.project.pk)
    backend.refresh_from_db()
    assert backend.completions_since_training == 3


def test_completions_that_come_while_a_model_trains_count_for_its_next_training(cast: Cast):
    make_backend(cast.project, train_after_completions=1)
    label(cast, 1)
    (first,) = start_due_trainings(cast.project.pk)
    label(cast, 1)
    assert start_due_trainings(cast.project.pk) == []

    end(first)

    (second,) = start_due_trainings(cast.project.pk)
    assert second.completions == 2


def test_a_training_that_somebody_asked_for_begins_the_count_anew(cast: Cast):
    backend = make_backend(cast.project, train_after_completions=2)
    label(cast, 1)
    end(start_training(backend=backend, created_by=cast.manager))
    label(cast, 1)
    assert start_due_trainings(cast.project.pk) == []


def test_completions_that_were_deleted_do_not_have_to_be_made_twice(cast: Cast):
    backend = make_backend(cast.project, train_after_completions=1)
    label(cast, 2)
    end(start_training(backend=backend, created_by=cast.manager))
    completion = Completion.objects.filter(project=cast.project).latest("pk")
    delete_completion(completion_id=completion.pk, deleted_by=cast.manager)
    assert start_due_trainings(cast.project.pk) == []

    label(cast, 1)

    assert len(start_due_trainings(cast.project.pk)) == 1


def test_a_schedule_trains_when_its_hours_are_over_and_there_is_something_new(cast: Cast):
    backend = make_backend(cast.project, train_every_hours=2)
    label(cast, 1)
    assert start_due_trainings(cast.project.pk) == []

    MLBackend.objects.filter(pk=backend.pk).update(created_at=timezone.now() - timedelta(hours=3))
    (training,) = start_due_trainings(cast.project.pk)

    assert training.trigger == RunTrigger.SCHEDULE
    end(training)
    Training.objects.update(created_at=timezone.now() - timedelta(hours=3))
    assert start_due_trainings(cast.project.pk) == []


def test_a_backend_that_is_left_in_peace_is_not_trained(cast: Cast):
    make_backend(
        cast.project,
        train_after_completions=1,
        failures_in_row=9,
        retry_at=timezone.now() + timedelta(minutes=1),
    )
    label(cast, 1)
    assert start_due_trainings(cast.project.pk) == []


def test_projects_without_rules_are_not_looked_at(cast: Cast):
    make_backend(cast.project)
    with_rule = make_backend(make_project(), train_every_hours=1)
    assert projects_with_rules() == [with_rule.project_id]


def test_completions_of_a_project_without_models_cost_no_query(cast: Cast, django_assert_num_queries):
    event = CompletionChanged(1, 1, cast.project.pk, "created")
    publish(event)  # this process knows from now on, for a moment
    with django_assert_num_queries(0):
        publish(event)
        react_soon(event)


def test_completions_of_a_project_with_a_rule_cost_one_query(cast: Cast, django_assert_num_queries):
    make_backend(cast.project, train_after_completions=40)
    event = CompletionChanged(1, 1, cast.project.pk, "created")
    publish(event)
    with django_assert_num_queries(1):
        publish(event)
        react_soon(event)
    assert not Job.objects.filter(kind=REACT).exists()


def test_the_completion_that_makes_a_training_due_has_a_worker_look(
    cast: Cast, django_capture_on_commit_callbacks
):
    make_backend(cast.project, train_after_completions=2)
    with django_capture_on_commit_callbacks(execute=True):
        label(cast, 1)
    assert not Job.objects.filter(kind=REACT).exists()

    with django_capture_on_commit_callbacks(execute=True):
        label(cast, 1)

    assert Job.objects.get(kind=REACT).payload == {"project": cast.project.pk}


@pytest.mark.django_db(transaction=True)
def test_the_whole_of_it_runs_in_jobs(fake: FakeBackend):
    project = make_project(tasks=2)
    assert project.created_by is not None
    backend = connected(project, fake, train_after_completions=2)
    for task in Task.objects.filter(project=project):
        make_completion(task, project.created_by)

    _run_all()

    training = Training.objects.get(backend=backend)
    assert (training.status, training.version_after) == (TrainingStatus.COMPLETED, "v2")
    assert training.job is not None
    assert training.job.result == {"status": "completed", "model_version": "v2"}


@pytest.mark.django_db(transaction=True)
def test_a_training_whose_job_is_gone_is_looked_after_by_another(fake: FakeBackend):
    project = make_project(tasks=1)
    assert project.created_by is not None
    make_completion(Task.objects.get(project=project), project.created_by)
    training = start_training(backend=connected(project, fake), created_by=None)
    Job.objects.all().delete()

    run(job_id=Job.objects.create(kind=LOOK_AFTER_ALL).pk, worker="one")
    run(job_id=Job.objects.get(kind=LOOK_AFTER).pk, worker="one")

    training.refresh_from_db()
    assert (training.status, training.version_after) == (TrainingStatus.COMPLETED, "v2")


@pytest.mark.django_db(transaction=True)
def test_a_training_whose_job_was_cancelled_before_it_began_is_not_sent(fake: FakeBackend):
    project = make_project(tasks=1)
    assert project.created_by is not None
    make_completion(Task.objects.get(project=project), project.created_by)
    training = start_training(backend=connected(project, fake), created_by=None)
    assert training.job is not None
    cancel(job=training.job)

    run(job_id=Job.objects.create(kind=LOOK_AFTER_ALL).pk, worker="one")

    training.refresh_from_db()
    assert (training.status, training.error) == (
        TrainingStatus.FAILED,
        "It was cancelled before it was asked for.",
    )
    assert fake.requests_to("/webhook") == []


@pytest.mark.django_db(transaction=True)
def test_the_job_of_every_minute_forgets_its_own_rows(fake: FakeBackend):
    old = Job.objects.create(
        kind=LOOK_AFTER_ALL, status="completed", finished_at=timezone.now() - timedelta(hours=2)
    )
    kept = Job.objects.create(
        kind="count-statistics", status="completed", finished_at=timezone.now() - timedelta(hours=2)
    )

    run(job_id=Job.objects.create(kind=LOOK_AFTER_ALL).pk, worker="one")

    assert set(Job.objects.filter(pk__in=[old.pk, kept.pk])) == {kept}


def _run_all() -> None:
    """Run queued jobs until there are none."""
    while job := Job.objects.filter(status="queued").order_by("pk").first():
        run(job_id=job.pk, worker="one")


def test_looking_for_what_is_due_costs_the_same_for_many_tasks(cast: Cast):
    make_backend(cast.project, train_after_completions=100)
    label(cast, 1)
    with CaptureQueriesContext(connection) as few:
        start_due_trainings(cast.project.pk)
    make_tasks(cast.project, [{"text": str(number)} for number in range(20)])
    label(cast, 20)
    with CaptureQueriesContext(connection) as many:
        start_due_trainings(cast.project.pk)
    assert len(many) == len(few)
