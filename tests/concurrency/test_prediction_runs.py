"""Prediction runs that several people start at the same moment, while others end and the backend goes."""

from __future__ import annotations

from functools import partial

from apps.core.errors import NotFound, ProductError
from apps.jobs.models import Job
from apps.ml.models import MLBackend, PredictionRun
from apps.ml.predicting.choosing import Chosen, Which
from apps.ml.predicting.runs import cancel_run, resume_run, start_run
from apps.ml.services import remove_backend
from tests.factories import make_project, owner_of
from tests.ml.backends import make_backend

EVERY_TASK = Chosen(Which.ALL)


def test_those_who_ask_for_the_same_predictions_get_the_same_run(together):
    backend = make_backend(make_project(tasks=2))
    ask = partial(start_run, backend=backend, chosen=EVERY_TASK, created_by=owner_of(backend.project))

    runs = together([ask] * 8)

    assert {type(run) for run in runs} == {PredictionRun}, runs
    assert len({run.pk for run in runs}) == 1
    assert PredictionRun.objects.count() == Job.objects.active().count() == 1


def test_runs_that_are_started_cancelled_and_taken_up_at_once_never_fail_unforeseen(together):
    backend = make_backend(make_project(tasks=2))
    person = owner_of(backend.project)
    ask = partial(start_run, backend=backend, chosen=EVERY_TASK, created_by=person)
    for _ in range(5):
        run = ask()
        outcomes = together(
            [ask, ask, partial(cancel_run, run=run, cancelled_by=person), partial(resume_run, run=run)] * 2
        )
        unforeseen = [
            one for one in outcomes if isinstance(one, Exception) and not isinstance(one, ProductError)
        ]
        assert unforeseen == []
        assert Job.objects.active().count() <= 1


def test_a_run_of_a_backend_that_is_being_removed_is_refused_or_goes_with_it(together):
    project = make_project(tasks=2)
    for _ in range(5):
        backend = make_backend(project)
        ask = partial(start_run, backend=backend, chosen=EVERY_TASK)
        remove = partial(remove_backend, backend=backend, removed_by=None)

        outcomes = together([ask, remove, ask])

        assert not MLBackend.objects.exists(), outcomes

        started = [one for one in (outcomes[0], outcomes[2]) if not isinstance(one, NotFound)]
        assert all(isinstance(one, PredictionRun) for one in started), outcomes
