"""Who sees which rows: each part of the panel × each person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from apps.accounts.models import MANAGING_ROLES, ApiToken, User
from apps.audit.models import Entry
from apps.comments.models import Comment
from apps.completions.models import Completion
from apps.exports.models import Export
from apps.jobs.models import Job, Worker
from apps.ml.models import MLBackend, PredictionRun, Training
from apps.predictions.models import Prediction
from apps.projects.membership import set_member
from apps.projects.models import Invitation, Membership, Project
from apps.projects.policy import Action, Role, roles_that_may
from apps.tasks.models import Assignment, Lease, Task
from tests.admin.conftest import SECRET, last_task, rows_of, token_of

# From a row to its project. A part of the panel that stands in neither table fails the test.
PROJECT_OF: dict[type[Model], Callable[[Any], int]] = {
    Project: lambda row: row.pk,
    Task: lambda row: row.project_id,
    Assignment: lambda row: row.project_id,
    Lease: lambda row: row.project_id,
    Completion: lambda row: row.project_id,
    Comment: lambda row: row.project_id,
    Prediction: lambda row: row.project_id,
    MLBackend: lambda row: row.project_id,
    PredictionRun: lambda row: row.project_id,
    Training: lambda row: row.project_id,
    Export: lambda row: row.project_id,
    Job: lambda row: row.project_id,
    Membership: lambda row: row.project_id,
    Invitation: lambda row: row.project_id,
    Entry: lambda row: row.project_id,
}
OF_NO_PROJECT: tuple[type[Model], ...] = (User, ApiToken, Worker)
MANAGING = ("owner", "manager")
OTHERS = ("reviewer", "annotator", "viewer")


def list_address(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def row_address(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_every_part_of_the_panel_is_in_a_table():
    tables = PROJECT_OF.keys() | set(OF_NO_PROJECT)
    assert admin.site._registry.keys() == tables


def test_the_panel_opens_to_the_roles_that_the_policy_lets_change_projects():
    assert set(MANAGING_ROLES) == roles_that_may(Action.CHANGE_PROJECT)
    assert set(MANAGING_ROLES) == roles_that_may(Action.VIEW_JOBS)


@pytest.mark.parametrize("name", ["owner", "manager", "stranger", "administrator"])
def test_lists_have_the_rows_of_managed_projects_and_no_others(worlds, panel, name):
    here, there = {worlds.cast.project.pk}, {worlds.foreign.pk}
    expected = {"stranger": there, "administrator": here | there}.get(name, here)
    browser = panel(getattr(worlds.cast, name))
    for model, project_of in PROJECT_OF.items():
        seen = {project_of(row) for row in rows_of(browser.get(list_address(model)))}
        assert seen - {None} == expected, model
        assert None not in seen or name == "administrator", model


def test_managing_one_project_shows_nothing_of_another_in_which_one_only_labels(worlds, panel):
    set_member(project_id=worlds.foreign.pk, user=worlds.cast.manager, role=Role.ANNOTATOR)
    browser = panel(worlds.cast.manager)
    for model, project_of in PROJECT_OF.items():
        rows = rows_of(browser.get(list_address(model)))
        assert {project_of(row) for row in rows} == {worlds.cast.project.pk}, model


def test_rows_of_another_project_do_not_exist(worlds, panel):
    browser = panel(worlds.cast.manager)
    for model, project_of in PROJECT_OF.items():
        rows = {project_of(row): row for row in model._default_manager.all()}
        foreign, own = row_address(rows[worlds.foreign.pk]), row_address(rows[worlds.cast.project.pk])
        for view in ("change", "history", "delete"):
            assert browser.get(foreign.replace("/change/", f"/{view}/")).status_code == 404, (model, view)
        assert browser.get(own).status_code == 200, model


@pytest.mark.parametrize("name", OTHERS)
def test_members_who_manage_nothing_are_told_so(worlds, panel, name):
    browser = panel(getattr(worlds.cast, name))
    for model in (*PROJECT_OF, *OF_NO_PROJECT):
        assert browser.get(list_address(model)).status_code == 403, model


def test_managers_see_the_people_of_their_projects(worlds, panel):
    people = {row.email for row in rows_of(panel(worlds.cast.manager).get(list_address(User)))}
    assert people == {f"{name}@example.com" for name in (*MANAGING, *OTHERS)}


def test_managers_see_their_own_tokens_and_administrators_see_all(worlds, panel):
    assert rows_of(panel(worlds.cast.manager).get(list_address(ApiToken))) == []
    assert rows_of(panel(worlds.cast.owner).get(list_address(ApiToken))) == [token_of(worlds.cast.owner)]
    assert len(rows_of(panel(worlds.cast.administrator).get(list_address(ApiToken)))) == 2


def test_workers_are_the_administrators_alone(worlds, panel):
    assert panel(worlds.cast.owner).get(list_address(Worker)).status_code == 403
    assert len(rows_of(panel(worlds.cast.administrator).get(list_address(Worker)))) == 2


def test_the_secrets_of_ml_backends_are_shown_to_nobody(worlds, panel):
    page = panel(worlds.cast.administrator).get(row_address(MLBackend.objects.earliest("pk")))
    assert page.status_code == 200
    assert SECRET not in page.content.decode()


def test_filters_offer_only_managed_projects(worlds, panel):
    page = panel(worlds.cast.manager).get(list_address(Task))
    assert b"Sentiments" in page.content
    assert b"Foreign affairs" not in page.content


def test_a_filter_for_another_project_finds_nothing(worlds, panel):
    address = f"{list_address(Task)}?project={worlds.foreign.pk}"
    assert rows_of(panel(worlds.cast.manager).get(address)) == []
    assert len(rows_of(panel(worlds.cast.stranger).get(address))) == 2


def test_searching_by_id_does_not_leave_the_managed_projects(worlds, panel):
    foreign = last_task(worlds.foreign)
    address = f"{list_address(Task)}?q={foreign.pk}"
    assert rows_of(panel(worlds.cast.manager).get(address)) == []
    assert rows_of(panel(worlds.cast.stranger).get(address)) == [foreign]


def test_autocomplete_finds_only_what_the_panel_shows(worlds, panel):
    asked = {"app_label": "tasks", "model_name": "task", "field_name": "project", "term": ""}
    found = panel(worlds.cast.manager).get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [entry["id"] for entry in found] == [str(worlds.cast.project.pk)]


def test_a_project_that_is_being_deleted_is_gone(worlds, panel):
    Project.objects.filter(pk=worlds.foreign.pk).update(deleted_at="2026-01-01T00:00:00Z")
    assert panel(worlds.cast.stranger).get("/admin/").status_code == 403
    rows = rows_of(panel(worlds.cast.administrator).get(list_address(Task)))
    assert {row.project_id for row in rows} == {worlds.cast.project.pk}
