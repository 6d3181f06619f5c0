"""Background work on its pages."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from apps.accounts.models import User
from apps.jobs.models import Job, JobStatus
from tests.cast import Cast

BrowserOf = Callable[[User | None], Client]


def make_job(cast: Cast, **fields: object) -> Job:
    """Return a job of the cast's project that the manager asked for."""
    return Job.objects.create(
        **{"kind": "project-deletion", "project": cast.project, "created_by": cast.manager, **fields}
    )


def test_a_job_is_seen_by_those_who_may_and_by_nobody_else(cast: Cast, browser_of: BrowserOf) -> None:
    job = make_job(cast)

    statuses = {
        name: browser_of(person).get(f"/jobs/{job.pk}").status_code for name, person in cast.people().items()
    }

    may = {"owner", "manager", "administrator"}
    assert statuses == {name: 200 if name in may else 404 for name in cast.people()}


def test_the_card_of_an_active_job_asks_for_itself_again_and_that_of_a_finished_one_does_not(
    cast: Cast, browser_of: BrowserOf
) -> None:
    job = make_job(cast, status=JobStatus.RUNNING, progress=5, total=20)
    browser = browser_of(cast.manager)

    running = browser.get(f"/jobs/{job.pk}").content.decode()
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED, finished_at=job.created_at)
    finished = browser.get(f"/jobs/{job.pk}").content.decode()

    assert 'value="25" max="100"' in running
    assert 'hx-trigger="every 2s"' in running
    assert "hx-trigger" not in finished


def test_a_queued_job_says_why_it_waits_and_can_be_cancelled_and_retried(
    cast: Cast, browser_of: BrowserOf
) -> None:
    job = make_job(cast)
    browser = browser_of(cast.manager)

    assert "no worker is running" in browser.get(f"/jobs/{job.pk}").content.decode()
    browser.post(f"/jobs/{job.pk}/cancel", headers={"HX-Request": "true"})
    assert Job.objects.get(pk=job.pk).status == JobStatus.CANCELLED
    browser.post(f"/jobs/{job.pk}/retry")
    assert Job.objects.get(pk=job.pk).status == JobStatus.QUEUED


def test_the_list_is_filtered_by_status(cast: Cast, browser_of: BrowserOf) -> None:
    queued = make_job(cast)
    make_job(cast, status=JobStatus.FAILED, error="It broke.", finished_at=queued.created_at)
    browser = browser_of(cast.manager)

    listed = browser.get("/jobs?status=failed").context["jobs"]
    of_project = browser.get(f"/projects/{cast.project.pk}/jobs?status=nonsense").context["jobs"]

    assert [job.error for job in listed] == ["It broke."]
    assert len(of_project) == 2
