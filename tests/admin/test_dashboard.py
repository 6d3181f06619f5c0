"""The panel's first page."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.jobs.models import Job, JobStatus
from tests.admin.conftest import fill
from tests.factories import make_project


def dashboard(panel, person):
    response = panel(person).get("/admin/")
    assert response.status_code == 200
    return response.context["dashboard"]


def test_a_manager_sees_the_progress_of_managed_projects(worlds, panel):
    shown = dashboard(panel, worlds.cast.manager)
    assert [row.project for row in shown.projects] == [worlds.cast.project]
    assert (shown.totals.labeled_tasks, shown.totals.tasks, shown.totals.completions) == (1, 4, 1)


def test_an_administrator_sees_all_projects_and_the_workers(worlds, panel):
    shown = dashboard(panel, worlds.cast.administrator)
    assert {row.project for row in shown.projects} == {worlds.cast.project, worlds.foreign}
    assert len(shown.work.workers) == 2
    assert shown.work.worker_is_running
    assert shown.work.queued == 2


def test_a_manager_sees_the_jobs_of_managed_projects_but_no_names_of_workers(worlds, panel):
    Job.objects.filter(project=worlds.cast.project).update(
        status=JobStatus.FAILED, finished_at="2026-01-01T00:00:00Z"
    )
    work = dashboard(panel, worlds.cast.manager).work
    assert (work.queued, work.running, work.failed_today, work.workers) == (0, 0, 0, None)
    assert work.worker_is_running


def test_people_at_work_are_those_of_managed_projects(worlds, panel):
    for person in (worlds.cast.annotator, worlds.cast.stranger):
        panel(person).get("/account")
    assert set(dashboard(panel, worlds.cast.manager).people) == {worlds.cast.annotator, worlds.cast.manager}


def test_the_latest_acts_are_those_in_managed_projects(worlds, panel):
    entries = dashboard(panel, worlds.cast.manager).entries
    assert entries
    assert {entry.project_id for entry in entries} == {worlds.cast.project.pk}


def test_many_projects_take_as_many_queries_as_one(worlds, panel):
    browser = panel(worlds.cast.owner)
    with CaptureQueriesContext(connection) as one:
        browser.get("/admin/")
    for _ in range(4):
        fill(make_project(worlds.cast.owner), worlds.cast.owner)
    with CaptureQueriesContext(connection) as many:
        assert browser.get("/admin/").context["dashboard"].projects_count == 5
    assert len(many) == len(one) <= 15
