"""The API of jobs, and who may use it."""

from __future__ import annotations

import uuid

import pytest

from apps.audit.models import Entry
from apps.jobs.models import ROLES_THAT_VIEW_JOBS, Job, JobStatus
from apps.jobs.runner import run
from apps.jobs.services import enqueue
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, roles_that_may
from tests.cast import Cast

pytestmark = pytest.mark.django_db

WHO_SEES = ["owner", "manager", "administrator"]
WHO_DOES_NOT = ["reviewer", "annotator", "viewer", "stranger"]


@pytest.fixture
def job(cast: Cast) -> Job:
    return enqueue(kind="test.add", project=cast.project, created_by=cast.owner, payload={"numbers": [1, 2]})


def test_the_roles_that_see_jobs_are_those_of_the_policy():
    assert set(ROLES_THAT_VIEW_JOBS) == roles_that_may(Action.VIEW_JOBS)


@pytest.mark.parametrize("who", WHO_SEES)
def test_managers_see_all_jobs_of_their_project(cast, api, job, who):
    client = api(getattr(cast, who))

    listed = client.get("/api/jobs/")
    one = client.get(f"/api/jobs/{job.pk}/")

    assert [item["id"] for item in listed.json()["results"]] == [str(job.pk)]
    assert (one.status_code, one.json()["id"]) == (200, str(job.pk))


@pytest.mark.parametrize("who", WHO_DOES_NOT)
def test_for_everybody_else_the_job_does_not_exist(cast, api, job, who):
    client = api(getattr(cast, who))

    assert client.get("/api/jobs/").json()["count"] == 0
    assert client.get(f"/api/jobs/{job.pk}/").status_code == 404
    assert client.post(f"/api/jobs/{job.pk}/cancel/").status_code == 404
    assert client.post(f"/api/jobs/{job.pk}/retry/").status_code == 404
    job.refresh_from_db()
    assert (job.status, job.cancel_requested) == (JobStatus.QUEUED, False)


def test_nobody_reads_jobs_without_signing_in(api, job):
    client = api(None)

    assert client.get("/api/jobs/").status_code == 401
    assert client.post(f"/api/jobs/{job.pk}/cancel/").status_code == 401


def test_a_member_sees_the_jobs_they_asked_for_until_they_leave(cast, api):
    own = enqueue(kind="test.add", project=cast.project, created_by=cast.annotator)
    client = api(cast.annotator)
    assert client.get(f"/api/jobs/{own.pk}/").status_code == 200

    Membership.objects.filter(user=cast.annotator).delete()

    assert client.get(f"/api/jobs/{own.pk}/").status_code == 404


def test_a_job_of_no_project_is_its_creators(cast, api):
    own = enqueue(kind="test.add", created_by=cast.stranger)

    assert api(cast.stranger).get(f"/api/jobs/{own.pk}/").status_code == 200
    assert api(cast.owner).get(f"/api/jobs/{own.pk}/").status_code == 404


def test_a_job_on_the_wire(cast, api, job):
    body = api(cast.owner).get(f"/api/jobs/{job.pk}").json()

    times = {name: body.pop(name) for name in ("created_at", "started_at", "heartbeat_at", "finished_at")}
    assert body == {
        "id": str(job.pk),
        "kind": "test.add",
        "title": "Add numbers",
        "project": cast.project.pk,
        "created_by": cast.owner.pk,
        "status": "queued",
        "is_active": True,
        "cancel_requested": False,
        "progress": 0,
        "total": None,
        "percent": None,
        "message": "",
        "waiting_reason": (
            "Queued: no worker is running. Start one with `celery -A label_studio_server.celery worker`;"
            " `label-studio start` runs one by itself."
        ),
        "error": "",
        "result": None,
        "attempts": 0,
    }
    assert times["created_at"] is not None
    assert (times["started_at"], times["heartbeat_at"], times["finished_at"]) == (None, None, None)


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_route_answers_with_and_without_the_last_slash(cast, api, job, slash):
    client = api(cast.owner)

    assert client.get(f"/api/jobs{slash}").status_code == 200
    assert client.get(f"/api/jobs/{job.pk}{slash}").status_code == 200
    assert client.post(f"/api/jobs/{job.pk}/cancel{slash}").status_code == 200
    assert client.post(f"/api/jobs/{job.pk}/retry{slash}").status_code == 200


def test_cancelling_and_retrying(cast, api, job):
    client = api(cast.manager)

    cancelled = client.post(f"/api/jobs/{job.pk}/cancel/")
    again = client.post(f"/api/jobs/{job.pk}/cancel/")
    retried = client.post(f"/api/jobs/{job.pk}/retry/")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert (again.status_code, again.json()["status"]) == (200, "cancelled")
    assert (retried.status_code, retried.json()["status"]) == (200, "queued")


def test_what_is_finished_is_not_cancelled_and_what_is_active_is_not_retried(cast, api, job):
    client = api(cast.owner)

    too_soon = client.post(f"/api/jobs/{job.pk}/retry/")
    run(job_id=job.pk, worker="one")
    too_late = client.post(f"/api/jobs/{job.pk}/cancel/")

    assert too_soon.status_code == 400
    assert too_soon.json()["detail"] == ("Only a failed or cancelled job can be retried; this one is queued.")
    assert too_late.status_code == 400
    assert too_late.json()["detail"] == "This job cannot be cancelled: it is completed already."
    job.refresh_from_db()
    assert (job.status, job.result) == (JobStatus.COMPLETED, {"sum": 3})


def test_retrying_beside_the_same_work_is_refused(cast, api):
    client = api(cast.owner)
    first = enqueue(kind="test.add", project=cast.project, dedupe_key="sum")
    client.post(f"/api/jobs/{first.pk}/cancel/")
    enqueue(kind="test.add", project=cast.project, dedupe_key="sum")

    refused = client.post(f"/api/jobs/{first.pk}/retry/")

    assert refused.status_code == 400
    assert refused.json()["detail"] == "Another job does the same work. Wait until it is finished."
    first.refresh_from_db()
    assert first.status == JobStatus.CANCELLED


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("project={project}", {"queued", "done"}),
        ("project=999999", set()),
        ("status=completed", {"done"}),
        ("status=queued&kind=test.add", {"queued", "elsewhere"}),
        ("kind=test.count", set()),
    ],
)
def test_filters(cast, api, query, expected):
    elsewhere = Project.objects.create(title="Other")
    jobs = {
        "queued": enqueue(kind="test.add", project=cast.project),
        "done": enqueue(kind="test.add", project=cast.project, payload={"numbers": []}),
        "elsewhere": enqueue(kind="test.add", project=elsewhere),
    }
    run(job_id=jobs["done"].pk, worker="one")

    found = api(cast.administrator).get(f"/api/jobs/?{query.format(project=cast.project.pk)}").json()

    names = {str(job.pk): name for name, job in jobs.items()}
    assert {names[item["id"]] for item in found["results"]} == expected
    assert found["count"] == len(expected)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("project=abc", "project"),
        ("project=99999999999999999999", "project"),
        ("status=asleep", "status"),
        ("kind=%00", "kind"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(cast, api, query, field):
    response = api(cast.owner).get(f"/api/jobs/?{query}")

    assert response.status_code == 400
    assert list(response.json()["validation_errors"]) == [field]


@pytest.mark.parametrize("bad", [uuid.uuid4(), "1", "-" * 36, "z"])
def test_an_id_that_is_none_is_404(cast, api, bad):
    assert api(cast.owner).get(f"/api/jobs/{bad}/").status_code == 404


def test_a_page_past_the_end_is_404(cast, api, job):
    client = api(cast.owner)

    assert client.get("/api/jobs/?page=1").status_code == 200
    assert client.get("/api/jobs/?page=2").status_code == 404


@pytest.mark.parametrize("how_many", [1, 20])
def test_a_page_costs_five_queries_however_many_jobs_it_shows(cast, api, how_many, django_assert_num_queries):
    for _ in range(how_many):
        enqueue(kind="test.add", project=cast.project, created_by=cast.owner)
    client = api(cast.owner)
    client.get("/api/jobs/")  # notes that the token was used

    # the token, the count, the page, a worker's heart-beat, a running job's heart-beat
    with django_assert_num_queries(5):
        listed = client.get("/api/jobs/")

    assert len(listed.json()["results"]) == how_many


def test_who_cancelled_and_retried_a_job_is_in_the_audit_log_once(cast, api, job):
    client = api(cast.manager)
    for action in ("cancel", "cancel", "retry"):
        assert client.post(f"/api/jobs/{job.pk}/{action}/").status_code == 200
    told = Entry.objects.filter(target_id=str(job.pk)).order_by("pk")
    assert list(told.values_list("action", "actor_name", "target_name", "project_id")) == [
        ("job.cancelled", "manager@example.com", "Add numbers", cast.project.pk),
        ("job.retried", "manager@example.com", "Add numbers", cast.project.pk),
    ]
