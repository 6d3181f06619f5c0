"""The ML backends that the operator gives each new project."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run as run_job
from apps.ml.models import MLBackend
from apps.ml.new_projects import CONNECT
from apps.projects.services import create_project
from label_studio_server.settings.ml_backends import read_named
from tests.cast import Cast
from tests.ml.fake_backend import FakeBackend


def carried_out(project_id: int) -> Job:
    """Do the job that connects a project's models in this process, and return how it ended."""
    job = Job.objects.get(kind=CONNECT, project=project_id)
    run_job(job_id=job.pk, worker="here")
    job.refresh_from_db()
    return job


@pytest.mark.django_db(transaction=True)
def test_each_new_project_is_connected_by_a_job(cast: Cast, settings: Any, fake: FakeBackend) -> None:
    settings.ML_BACKENDS_FOR_NEW_PROJECTS = {fake.url: "Mood"}

    project = create_project(created_by=cast.owner, title="Mine")
    assert not MLBackend.objects.exists()
    job = carried_out(project.pk)

    backend = MLBackend.objects.get()
    assert (job.status, backend.project_id, backend.title) == (JobStatus.COMPLETED, project.pk, "Mood")
    assert (backend.get_state_display(), backend.created_by) == ("Connected", None)


@pytest.mark.django_db(transaction=True)
def test_a_backend_that_is_down_is_stored_and_one_that_cannot_be_leaves_the_others(
    cast: Cast, settings: Any, fake: FakeBackend
) -> None:
    fake.stop()
    settings.ML_BACKENDS_FOR_NEW_PROJECTS = {"http://user:secret@a": "", fake.url: "Mood"}

    job = carried_out(create_project(created_by=cast.owner, title="Mine").pk)

    assert job.status == JobStatus.FAILED
    assert "http://user:secret@a: " in job.error
    assert MLBackend.objects.get().get_state_display() == "Disconnected"


def test_without_such_backends_a_new_project_costs_no_job(cast: Cast) -> None:
    project = create_project(created_by=cast.owner, title="Mine")

    assert not Job.objects.filter(project=project).exists()


def test_backends_of_new_projects_are_named_as_on_the_command_line() -> None:
    assert read_named(["http://a:1/", " mood=https://b/c=d "]) == {"http://a:1": "", "https://b/c=d": "mood"}
    with pytest.raises(ImproperlyConfigured, match="ML_BACKENDS_FOR_NEW_PROJECTS takes URLs"):
        read_named(["localhost:9090"])
