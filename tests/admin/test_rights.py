"""Nobody gets more rights through the panel than the policy gives them."""

from __future__ import annotations

import pytest

from apps.accounts.models import GlobalRole, User
from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from tests.admin.conftest import last_task, token_of
from tests.admin.test_scoping import list_address, row_address
from tests.factories import make_user


def person_form(person: User, **changes: object) -> dict[str, object]:
    fields = {"first_name": person.first_name, "last_name": person.last_name, "role": person.role}
    form: dict[str, object] = {**fields, "is_active": "on", **changes}
    return {name: value for name, value in form.items() if value is not None}


def test_a_manager_cannot_raise_anybodys_role(worlds, panel):
    for person in (worlds.cast.manager, worlds.cast.viewer):
        form = person_form(person, role=GlobalRole.ADMINISTRATOR)
        assert panel(worlds.cast.manager).post(row_address(person), form).status_code == 403
        person.refresh_from_db()
        assert person.role == GlobalRole.MEMBER


def test_an_administrator_changes_a_role_and_the_audit_log_has_it(worlds, panel):
    person = worlds.cast.viewer
    panel(worlds.cast.administrator).post(row_address(person), person_form(person, role=GlobalRole.MANAGER))
    person.refresh_from_db()
    assert person.role == GlobalRole.MANAGER
    entry = Entry.objects.filter(action=AuditAction.USER_CHANGED).latest("pk")
    assert (entry.actor, entry.before, entry.after) == (
        worlds.cast.administrator, {"role": "member"}, {"role": "manager"},
    )  # fmt: skip


def test_an_administrator_deactivates_by_the_form(worlds, panel):
    person = worlds.cast.viewer
    panel(worlds.cast.administrator).post(row_address(person), person_form(person, is_active=None))
    person.refresh_from_db()
    assert not person.is_active
    assert Entry.objects.filter(action=AuditAction.USER_DEACTIVATED).exists()


@pytest.mark.parametrize("change", [{"role": GlobalRole.MEMBER}, {"is_active": None}])
def test_the_last_administrator_stays(worlds, panel, change):
    person = worlds.cast.administrator
    response = panel(person).post(row_address(person), person_form(person, **change), follow=True)
    person.refresh_from_db()
    assert (person.role, person.is_active) == (GlobalRole.ADMINISTRATOR, True)
    assert b"The instance needs an administrator" in response.content


def test_passwords_and_digests_are_neither_shown_nor_guessable(worlds, panel):
    browser = panel(worlds.cast.administrator)
    token = token_of(worlds.cast.owner)
    assert token.digest not in browser.get(row_address(token)).content.decode()
    assert worlds.cast.owner.password not in browser.get(row_address(worlds.cast.owner)).content.decode()
    for address, column in ((list_address(User), "password"), (list_address(type(token)), "digest")):
        assert browser.get(f"{address}?{column}__startswith=a").status_code == 400


@pytest.mark.parametrize("role", [Role.OWNER, "emperor"])
def test_a_manager_gives_no_role_above_their_own(worlds, panel, role):
    member = Membership.objects.get(user=worlds.cast.viewer)
    panel(worlds.cast.manager).post(row_address(member), {"role": role})
    member.refresh_from_db()
    assert member.role == Role.VIEWER


def test_a_manager_does_not_change_an_owner(worlds, panel):
    member = Membership.objects.get(user=worlds.cast.owner, project=worlds.cast.project)
    assert panel(worlds.cast.manager).post(row_address(member), {"role": Role.VIEWER}).status_code == 403
    member.refresh_from_db()
    assert member.role == Role.OWNER


def test_a_manager_gives_a_role_below_and_the_audit_log_has_it(worlds, panel):
    member = Membership.objects.get(user=worlds.cast.viewer)
    assert panel(worlds.cast.manager).post(row_address(member), {"role": Role.ANNOTATOR}).status_code == 302
    member.refresh_from_db()
    assert member.role == Role.ANNOTATOR
    assert Entry.objects.filter(action=AuditAction.MEMBER_CHANGED, actor=worlds.cast.manager).exists()


def test_the_last_owner_stays(worlds, panel):
    member = Membership.objects.get(user=worlds.cast.owner, project=worlds.cast.project)
    response = panel(worlds.cast.owner).post(row_address(member), {"role": Role.VIEWER}, follow=True)
    member.refresh_from_db()
    assert member.role == Role.OWNER
    assert b"A project needs an owner" in response.content


def test_tasks_are_read_only_and_nothing_is_added_or_deleted_directly(worlds, panel):
    task = last_task(worlds.cast.project)
    browser = panel(worlds.cast.administrator)
    assert browser.post(row_address(task), {"data": "{}"}).status_code == 403
    assert browser.get(f"{list_address(type(task))}add/").status_code == 403
    assert browser.post(row_address(task).replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_only_the_changed_settings_of_a_project_are_written(worlds, panel):
    browser = panel(worlds.cast.manager)
    address = row_address(worlds.cast.project)
    form = dict(browser.get(address).context["adminform"].form.initial)
    Project.objects.filter(pk=worlds.cast.project.pk).update(show_predictions=False)
    form = {name: value for name, value in form.items() if value is not None and value is not False}
    assert browser.post(address, {**form, "title": "Feelings"}).status_code == 302
    worlds.cast.project.refresh_from_db()
    assert worlds.cast.project.title == "Feelings"
    entry = Entry.objects.filter(action=AuditAction.PROJECT_CHANGED).latest("pk")
    assert entry.after["title"] == "Feelings"


def test_the_history_of_a_row_is_in_the_audit_log(worlds, panel):
    address = row_address(worlds.cast.project).replace("change", "history")
    response = panel(worlds.cast.manager).get(address, follow=True)
    rows = list(response.context["cl"].result_list)
    assert {row.target_id for row in rows} == {str(worlds.cast.project.pk)}
    assert AuditAction.PROJECT_CREATED in {row.action for row in rows}


def test_being_staff_gives_no_permission_that_a_part_of_the_panel_does_not_ask_the_policy_for(worlds):
    manager = make_user()
    Membership.objects.create(project=worlds.cast.project, user=manager, role=Role.MANAGER)
    assert manager.is_staff
    assert not manager.has_perm("tasks.delete_task")
    assert not manager.has_module_perms("tasks")
