"""An archived project is kept, stays out of the way, and takes no labels."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.completions.services import update_completion
from apps.core.errors import NotAllowed
from apps.projects.archiving import archive_project, unarchive_project
from apps.projects.models import Project
from apps.tasks.models import Lease, Task
from tests.factories import choice, make_completion


@pytest.fixture
def archived(cast) -> Project:
    """The cast's project, put aside by its owner."""
    return archive_project(project_id=cast.project.pk, archived_by=cast.owner)


def first_task() -> Task:
    task: Task | None = Task.objects.order_by("pk").first()
    assert task is not None
    return task


def browser_of(person) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def test_archiving_and_bringing_back_are_in_the_audit_log(cast):
    archive_project(project_id=cast.project.pk, archived_by=cast.owner)
    unarchive_project(project_id=cast.project.pk, unarchived_by=cast.manager)
    told = Entry.objects.filter(target_kind="project").order_by("pk").values_list("action", "actor_name")
    assert list(told)[-2:] == [
        (AuditAction.PROJECT_ARCHIVED, "owner@example.com"),
        (AuditAction.PROJECT_UNARCHIVED, "manager@example.com"),
    ]


def test_archiving_twice_keeps_the_first_moment(cast, archived):
    again = archive_project(project_id=cast.project.pk, archived_by=cast.manager)
    assert again.archived_at == archived.archived_at
    assert Entry.objects.filter(action=AuditAction.PROJECT_ARCHIVED).count() == 1


def test_nobody_gets_a_next_task_and_is_told_why(cast, archived, api):
    response = api(cast.annotator).get(f"/api/projects/{archived.pk}/next")
    assert response.status_code == 404
    assert "archived" in response.json()["detail"]
    assert not Lease.objects.exists()


@pytest.mark.parametrize("person", ["annotator", "owner"])
def test_nobody_submits_into_an_archived_project(cast, archived, api, person):
    task = first_task()
    response = api(getattr(cast, person)).post(
        f"/api/tasks/{task.pk}/completions", {"result": choice()}, format="json"
    )
    assert response.status_code == 403
    assert "archived" in response.json()["detail"]
    assert not Completion.objects.exists()


def test_what_was_submitted_before_is_not_changed_or_deleted(cast, api):
    completion = make_completion(first_task(), cast.annotator)
    archive_project(project_id=cast.project.pk, archived_by=cast.owner)
    with pytest.raises(NotAllowed):
        update_completion(completion_id=completion.pk, updated_by=cast.annotator, result=[])
    assert api(cast.reviewer).delete(f"/api/completions/{completion.pk}").status_code == 403
    assert Completion.objects.get().result == choice()


def test_a_submit_that_is_repeated_after_archiving_gets_its_stored_completion(cast, api):
    task = first_task()
    body = {"result": choice(), "unique_id": "0d8e2f0a-6a31-4c0b-9d0a-3a1a5f1c2b3d"}
    first = api(cast.annotator).post(f"/api/tasks/{task.pk}/completions", body, format="json")
    archive_project(project_id=cast.project.pk, archived_by=cast.owner)
    again = api(cast.annotator).post(f"/api/tasks/{task.pk}/completions", body, format="json")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


def test_it_can_still_be_read_and_exported_and_comes_back(cast, archived, api):
    manager = api(cast.manager)
    assert manager.get(f"/api/projects/{archived.pk}/export").status_code == 200
    assert len(api(cast.viewer).get(f"/api/tasks?project={archived.pk}").json()["tasks"]) == 3
    assert manager.post(f"/api/projects/{archived.pk}/unarchive").json()["archived_at"] is None
    assert api(cast.annotator).get(f"/api/projects/{archived.pk}/next").status_code == 200


@pytest.mark.parametrize(("asked", "expected"), [("", 1), ("?archived=true", 1), ("?archived=false", 0)])
def test_the_api_lists_projects_with_and_without_the_archived_ones(cast, archived, api, asked, expected):
    listed = api(cast.viewer).get(f"/api/projects{asked}").json()
    assert listed["count"] == expected
    if expected:
        assert listed["results"][0]["archived_at"] is not None


def test_an_unreadable_filter_is_refused(cast, api):
    assert api(cast.viewer).get("/api/projects?archived=maybe").status_code == 400


def test_the_list_of_projects_shows_archived_ones_only_when_asked(cast, archived):
    browser = browser_of(cast.annotator)
    assert [card.project for card in browser.get("/").context["cards"]] == []
    assert [card.project for card in browser.get("/?archived=1").context["cards"]] == [archived]
    unarchive_project(project_id=archived.pk, unarchived_by=cast.owner)
    assert [card.project for card in browser.get("/").context["cards"]] == [archived]
    assert [card.project for card in browser.get("/?archived=1").context["cards"]] == []


def test_a_manager_archives_and_brings_back_on_the_pages(cast):
    browser = browser_of(cast.manager)
    browser.post(f"/projects/{cast.project.pk}/archive", {"back": "manage"})
    cast.project.refresh_from_db()
    assert cast.project.archived_at is not None
    page = browser.get(f"/projects/{cast.project.pk}/").content.decode()
    assert "nobody labels here" in page
    assert "Label tasks" not in page
    browser.post(f"/projects/{cast.project.pk}/unarchive")
    cast.project.refresh_from_db()
    assert cast.project.archived_at is None
