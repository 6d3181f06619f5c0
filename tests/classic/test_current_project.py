"""The Flask era's API acts on the project that the caller works in."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.projects.archiving import archive_project
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.tasks.models import Task
from tests.factories import CHOICES_CONFIG, choice, make_completion, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast) -> Client:
    """The owner's browser session."""
    client = Client()
    client.force_login(cast.owner)
    return client


def test_a_browser_session_acts_on_the_project_it_opened_last(cast, browser):
    other = make_project(cast.owner, title="The other one")

    browser.get(f"/projects/{cast.project.pk}/")
    assert browser.get("/api/project").json()["id"] == cast.project.pk

    browser.get(f"/projects/{other.pk}/")
    assert browser.get("/api/project").json()["project_name"] == "The other one"


def test_two_sessions_of_one_person_may_act_on_two_projects(cast, browser):
    other = make_project(cast.owner)
    second = Client()
    second.force_login(cast.owner)

    browser.get(f"/projects/{cast.project.pk}/")
    second.get(f"/projects/{other.pk}/")

    assert browser.get("/api/project").json()["id"] == cast.project.pk
    assert second.get("/api/project").json()["id"] == other.pk


def test_a_token_acts_on_the_newest_project_or_the_one_it_names(cast, api):
    newest = make_project(cast.owner)
    client = api(cast.owner)

    assert client.get("/api/project").json()["id"] == newest.pk
    assert client.get(f"/api/project?project={cast.project.pk}").json()["id"] == cast.project.pk


def test_a_token_acts_on_the_project_that_its_person_opened_last_in_a_browser(cast, browser, api):
    make_project(cast.owner)
    browser.get(f"/projects/{cast.project.pk}/")
    assert api(cast.owner).get("/api/project").json()["id"] == cast.project.pk


def test_a_token_switches_for_the_calls_that_follow(cast, api):
    make_project(cast.owner)
    assert api(cast.owner).post(f"/api/project-switch?project={cast.project.pk}").status_code == 200
    assert api(cast.owner).get("/api/project").json()["id"] == cast.project.pk


def test_a_project_that_one_may_not_see_any_more_is_not_the_current_one(cast, api):
    own = make_project(cast.stranger)
    set_member(project_id=cast.project.pk, user=cast.stranger, role=Role.VIEWER)
    client = Client()
    client.force_login(cast.stranger)
    client.get(f"/projects/{cast.project.pk}/")
    remove_member(project_id=cast.project.pk, user_id=cast.stranger.pk)
    assert client.get("/api/project").json()["id"] == own.pk
    assert api(cast.stranger).get("/api/project").json()["id"] == own.pk


def test_an_archived_project_is_the_current_one_only_when_it_was_opened(cast, browser):
    newest = make_project(cast.owner)
    archive_project(project_id=newest.pk, archived_by=cast.owner)
    assert browser.get("/api/project").json()["id"] == cast.project.pk
    browser.get(f"/projects/{newest.pk}/")
    assert browser.get("/api/project").json()["id"] == newest.pk


def test_the_document_is_that_of_the_flask_era_without_its_password(cast, api):
    task = Task.objects.for_user(cast.owner).order_by("pk")[0]
    make_completion(task, cast.owner)

    body = api(cast.owner).get("/api/project").json()

    assert body["project_name"] == "Sentiments"
    assert (body["task_count"], body["completion_count"]) == (3, 1)
    assert body["data_types"] == {"text": "Text"}
    assert body["config_has_control_tags"] is True
    assert body["label_config_line"] == " ".join(CHOICES_CONFIG.split())
    assert "password" not in body["config"]


def test_a_new_project_becomes_the_current_one(cast, browser):
    response = browser.post("/api/project?new=true&desc=Birds")

    assert response.status_code == 201
    assert response.json()["project_name"] == "Birds"
    assert browser.get("/api/project").json()["project_name"] == "Birds"


def test_switching_answers_with_the_project_switched_to(cast, browser):
    make_project(cast.owner)

    response = browser.post(f"/api/project-switch?project={cast.project.pk}")

    assert response.json()["id"] == cast.project.pk
    assert browser.get("/api/project").json()["id"] == cast.project.pk


def test_nobody_switches_to_a_project_of_others(cast, browser):
    foreign = make_project(cast.stranger)

    response = browser.post(f"/api/project-switch?project={foreign.pk}")

    assert response.status_code == 404
    assert browser.get("/api/project").json()["id"] == cast.project.pk


def test_import_next_and_export_act_on_the_current_project(cast, api):
    project = make_project(cast.owner)
    client = api(cast.owner)

    imported = client.post("/api/project/import", [{"text": "a"}, {"text": "b"}], format="json")
    task = client.get("/api/project/next").json()
    client.post(f"/api/tasks/{task['id']}/completions", {"result": choice()}, format="json")
    exported = client.get("/api/project/export?format=JSON")

    assert imported.status_code == 201
    assert imported.json()["task_count"] == 2
    assert task["project"] == project.pk
    assert b"".join(exported.streaming_content).count(b'"from_name"') == 1


def test_a_config_with_problems_is_refused_and_the_old_one_stays(cast, api):
    response = api(cast.owner).post(
        "/api/project/config", {"label_config": "<View><Txt/></View>"}, format="json"
    )

    assert response.status_code == 400
    assert response.json()["validation_errors"]["label_config"]
    assert Project.objects.get(pk=cast.project.pk).label_config == CHOICES_CONFIG


def test_a_config_is_saved(cast, api):
    config = CHOICES_CONFIG.replace('value="Negative"', 'value="Sad"')

    response = api(cast.owner).post("/api/project/config", {"label_config": config}, format="json")

    assert response.status_code == 201
    assert Project.objects.get(pk=cast.project.pk).label_config == config


def test_somebody_without_a_project_is_told_how_to_make_one(cast, api):
    response = api(cast.stranger).get("/api/project")

    assert response.status_code == 404
    assert "POST /api/project?new=true" in response.json()["detail"]
