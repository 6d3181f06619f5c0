"""Bulk actions say what they will do, ask once, and ask the policy."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from apps.accounts.models import ApiToken, User
from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.core.admin_panel import confirming
from apps.exports.models import EXPIRED, Export
from apps.jobs.models import Job, JobStatus
from apps.projects.models import Invitation, Membership, Project
from apps.projects.queries import totals_of
from apps.tasks.models import Assignment, Lease, Task
from tests.admin.test_scoping import list_address
from tests.factories import make_completion, make_export, make_project


def run(browser: Client, action: str, rows: Any, *, confirmed: bool = True, **values: Any) -> Any:
    listed = list(rows)
    form = {"action": action, "_selected_action": [row.pk for row in listed], **values}
    if confirmed:
        form["confirmed"] = "yes"
    return browser.post(list_address(type(listed[0])), form, follow=confirmed)


def test_an_action_first_says_the_count_and_what_is_lost(worlds, panel):
    tasks = Task.objects.filter(project=worlds.cast.project)
    page = run(panel(worlds.cast.manager), "delete_tasks", tasks, confirmed=False)
    assert b"Delete 4 tasks, with all completions and predictions?" in page.content
    assert tasks.count() == 4


def test_a_manager_deletes_tasks(worlds, panel):
    tasks = Task.objects.filter(project=worlds.cast.project).order_by("pk")
    response = run(panel(worlds.cast.manager), "delete_tasks", tasks[:3])
    assert b"Deleted 3 tasks." in response.content
    assert tasks.count() == 1
    assert totals_of([worlds.cast.project.pk])[worlds.cast.project.pk].tasks == 1
    assert Entry.objects.filter(action=AuditAction.TASKS_DELETED, actor=worlds.cast.manager).exists()


def test_tasks_of_another_project_are_not_reached(worlds, panel):
    tasks = Task.objects.filter(project=worlds.foreign)
    run(panel(worlds.cast.manager), "delete_tasks", tasks)
    assert tasks.count() == 2


def test_more_rows_than_an_action_takes_are_refused(worlds, panel, monkeypatch):
    monkeypatch.setattr(confirming, "MAX_ROWS", 2)
    tasks = Task.objects.filter(project=worlds.cast.project)
    response = run(panel(worlds.cast.manager), "delete_tasks", tasks, select_across="1")
    assert b"Select at most 2 rows at once" in response.content
    assert tasks.count() == 4


@pytest.mark.parametrize("selected", ["abc", "\x00", "9" * 30])
def test_what_is_no_id_is_refused(worlds, panel, selected):
    form = {"action": "delete_tasks", "_selected_action": selected, "confirmed": "yes"}
    response = panel(worlds.cast.manager).post(list_address(Task), form)
    assert response.status_code in (302, 400)


def test_the_overlap_of_several_projects_is_changed_by_jobs(worlds, panel):
    second = make_project(worlds.cast.owner)
    projects = Project.objects.filter(pk__in=[worlds.cast.project.pk, second.pk])
    run(panel(worlds.cast.owner), "change_overlap", projects, overlap=3)
    assert set(projects.values_list("overlap", flat=True)) == {3}
    assert Job.objects.filter(kind="queue-rules").count() == 2
    assert Entry.objects.filter(action=AuditAction.PROJECT_CHANGED, actor=worlds.cast.owner).count() == 2


def test_an_overlap_out_of_range_is_asked_again(worlds, panel):
    page = run(panel(worlds.cast.owner), "change_overlap", [worlds.cast.project], overlap=0)
    assert b"greater than or equal to 1" in page.content
    worlds.cast.project.refresh_from_db()
    assert worlds.cast.project.overlap == 1


def test_projects_are_archived_and_brought_back(worlds, panel):
    browser = panel(worlds.cast.manager)
    page = run(browser, "archive", [worlds.cast.project], confirmed=False)
    assert b"nobody labels there until they are brought back" in page.content
    assert not Project.objects.archived().exists()
    run(browser, "archive", [worlds.cast.project])
    assert list(Project.objects.archived()) == [worlds.cast.project]
    run(browser, "unarchive", [worlds.cast.project])
    assert not Project.objects.archived().exists()


def test_an_owner_reassigns_a_project_and_stays_as_a_manager(worlds, panel):
    run(panel(worlds.cast.owner), "hand_over", [worlds.cast.project], email="Stranger@example.com")
    roles = dict(Membership.objects.filter(project=worlds.cast.project).values_list("user__email", "role"))
    assert roles["stranger@example.com"] == "owner"
    assert roles["owner@example.com"] == "manager"
    told = Entry.objects.get(action=AuditAction.PROJECT_HANDED_OVER)
    assert (told.actor, told.before, told.after) == (
        worlds.cast.owner, {"owners": ["owner@example.com"]}, {"owners": ["stranger@example.com"]},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("person", "email", "answer"),
    [
        ("manager", "viewer@example.com", b"you may not give or take the role owner"),
        ("owner", "nobody@example.com", b"Nobody here signs in as nobody@example.com"),
    ],
)
def test_a_project_is_not_reassigned_without_the_right_or_to_nobody(worlds, panel, person, email, answer):
    before = list(Membership.objects.order_by("pk").values_list("user", "role"))
    response = run(panel(getattr(worlds.cast, person)), "hand_over", [worlds.cast.project], email=email)
    assert answer in response.content
    assert list(Membership.objects.order_by("pk").values_list("user", "role")) == before


def test_an_owner_deletes_a_project_as_a_job(worlds, panel):
    run(panel(worlds.cast.owner), "delete_projects", [worlds.cast.project])
    worlds.cast.project.refresh_from_db()
    assert worlds.cast.project.deleted_at is not None
    job = Job.objects.filter(kind="project-deletion", project=None).get()
    assert job.payload["project"] == worlds.cast.project.pk


def test_a_manager_does_not_delete_a_project(worlds, panel):
    response = run(panel(worlds.cast.manager), "delete_projects", [worlds.cast.project])
    worlds.cast.project.refresh_from_db()
    assert worlds.cast.project.deleted_at is None
    assert b"You may not delete this project" in response.content


def test_jobs_are_cancelled_and_retried(worlds, panel):
    browser = panel(worlds.cast.manager)
    job = Job.objects.get(project=worlds.cast.project)
    run(browser, "cancel_jobs", [job])
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    run(browser, "retry_jobs", [job])
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED


def test_an_action_that_fails_for_one_row_changes_none(worlds, panel):
    queued = Job.objects.get(project=worlds.cast.project)
    done = Job.objects.create(
        kind="export", project=worlds.cast.project, status=JobStatus.FAILED, finished_at=queued.created_at
    )
    response = run(panel(worlds.cast.manager), "cancel_jobs", [queued, done])
    queued.refresh_from_db()
    assert queued.status == JobStatus.QUEUED
    assert b"Nothing was changed." in response.content


def test_a_manager_removes_a_viewer_but_no_owner(worlds, panel):
    browser = panel(worlds.cast.manager)
    members = Membership.objects.filter(project=worlds.cast.project)
    run(browser, "remove", members.filter(user=worlds.cast.viewer))
    response = run(browser, "remove", members.filter(user=worlds.cast.owner))
    assert {member.user for member in members} == {
        worlds.cast.owner, worlds.cast.manager, worlds.cast.reviewer, worlds.cast.annotator,
    }  # fmt: skip
    assert b"you may not give or take the role owner" in response.content


def test_assignments_are_taken_back(worlds, panel):
    run(panel(worlds.cast.manager), "take_back", Assignment.objects.filter(project=worlds.cast.project))
    assert set(Assignment.objects.values_list("project_id", flat=True)) == {worlds.foreign.pk}


def test_leases_are_given_back_and_invitations_revoked(worlds, panel):
    browser = panel(worlds.cast.manager)
    run(browser, "give_back", Lease.objects.filter(project=worlds.cast.project))
    run(browser, "revoke", Invitation.objects.filter(project=worlds.cast.project))
    assert not Lease.objects.filter(project=worlds.cast.project).exists()
    assert Invitation.objects.get(project=worlds.cast.project).revoked_at is not None
    assert Invitation.objects.get(project=worlds.foreign).revoked_at is None


def test_one_revokes_ones_own_tokens_only(worlds, panel):
    run(panel(worlds.cast.owner), "revoke", ApiToken.objects.all())
    assert list(ApiToken.objects.values_list("user__email", flat=True)) == ["stranger@example.com"]


def test_administrators_deactivate_and_reactivate_people(worlds, panel):
    browser = panel(worlds.cast.administrator)
    people = User.objects.filter(pk__in=[worlds.cast.viewer.pk, worlds.cast.annotator.pk])
    run(browser, "deactivate", people)
    assert set(people.values_list("is_active", flat=True)) == {False}
    run(browser, "reactivate", people)
    assert set(people.values_list("is_active", flat=True)) == {True}


def test_managers_deactivate_nobody(worlds, panel):
    run(panel(worlds.cast.manager), "deactivate", [worlds.cast.viewer])
    worlds.cast.viewer.refresh_from_db()
    assert worlds.cast.viewer.is_active


def test_a_manager_reassigns_completions_of_managed_projects_only(worlds, panel):
    own = make_completion(
        Task.objects.filter(project=worlds.cast.project).order_by("pk")[1], worlds.cast.annotator
    )
    foreign = Completion.objects.filter(project=worlds.foreign).get()
    browser = panel(worlds.cast.manager)
    response = run(browser, "hand_over", [own], email="reviewer@example.com")
    run(browser, "hand_over", [foreign], email="reviewer@example.com")
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert b"Reassigned 1 completion to reviewer@example.com." in response.content
    assert (own.completed_by, foreign.completed_by) == (worlds.cast.reviewer, worlds.cast.stranger)


def test_exports_expire_and_are_deleted_with_their_files(worlds, panel):
    project, manager = worlds.cast.project, worlds.cast.manager
    Export.objects.all().delete()
    expired, deleted = make_export(project, manager), make_export(project, manager)
    run(panel(manager), "expire_exports", [expired])
    run(panel(manager), "delete_exports", [deleted])
    assert [(row.pk, row.file, row.state) for row in Export.objects.all()] == [(expired.pk, "", EXPIRED)]
    assert not any(default_storage.exists(row.file) for row in (expired, deleted))


def test_exports_of_another_project_are_not_reached(worlds, panel):
    foreign = Export.objects.filter(project=worlds.foreign)
    run(panel(worlds.cast.manager), "delete_exports", foreign)
    assert foreign.count() == 1
