"""Whoever must be locked out is locked out, and every project keeps an owner who can sign in."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.accounts.services import deactivate_user, erase_user
from apps.core.errors import Conflict
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from tests.factories import make_member, make_project

ENDINGS = {
    "deactivated": lambda person, by: deactivate_user(user_id=person.pk, deactivated_by=by),
    "erased": lambda person, by: erase_user(user_id=person.pk, erased_by=by),
}


def active_owners(project: Project) -> list[User]:
    owners = Membership.objects.filter(project=project, role=Role.OWNER, user__is_active=True)
    return [member.user for member in owners.select_related("user").order_by("pk")]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_longest_standing_manager_owns_the_project_then(cast, ending):
    make_member(cast.project, Role.MANAGER)
    ENDINGS[ending](cast.owner, cast.administrator)
    assert active_owners(cast.project) == [cast.manager]


@pytest.mark.parametrize("ending", ENDINGS)
def test_without_a_manager_the_administrator_who_decides_owns_it(cast, ending):
    remove_member(project_id=cast.project.pk, user_id=cast.manager.pk)
    ENDINGS[ending](cast.owner, cast.administrator)
    assert active_owners(cast.project) == [cast.administrator]


def test_an_administrator_who_goes_by_themself_leaves_it_to_another_one(cast):
    project = make_project(cast.administrator)
    other = make_member(cast.project, Role.VIEWER)
    User.objects.filter(pk=other.pk).update(role="administrator")
    deactivate_user(user_id=cast.administrator.pk, deactivated_by=cast.administrator)
    assert active_owners(project) == [other]


def test_a_project_with_another_owner_stays_as_it_is(cast):
    second = make_member(cast.project, Role.OWNER)
    before = Membership.objects.filter(project=cast.project).count()
    deactivate_user(user_id=cast.owner.pk, deactivated_by=cast.administrator)
    assert active_owners(cast.project) == [second]
    assert Membership.objects.filter(project=cast.project).count() == before


def test_an_owner_who_was_locked_out_does_not_let_the_last_one_leave(cast):
    second = make_member(cast.project, Role.OWNER)
    deactivate_user(user_id=cast.owner.pk, deactivated_by=cast.administrator)
    with pytest.raises(Conflict):
        remove_member(project_id=cast.project.pk, user_id=second.pk)
    with pytest.raises(Conflict):
        set_member(project_id=cast.project.pk, user=second, role=Role.VIEWER)
    assert active_owners(cast.project) == [second]


def test_a_project_that_is_being_deleted_needs_no_owner(cast):
    Project.objects.filter(pk=cast.project.pk).update(deleted_at="2026-01-01T00:00:00Z")
    deactivate_user(user_id=cast.owner.pk, deactivated_by=cast.administrator)
    assert active_owners(cast.project) == []


def test_it_is_told_beforehand_how_many_projects_get_another_owner(cast, client):
    make_member(make_project(cast.owner), Role.OWNER)
    locked_out = make_member(cast.project, Role.OWNER)
    deactivate_user(user_id=locked_out.pk, deactivated_by=cast.administrator)
    client.force_login(cast.administrator)
    page = client.get(f"/people/{cast.owner.pk}/deactivate").content.decode()
    assert "1 project that only they own gets another owner" in page
    assert "only they own" not in client.get(f"/people/{cast.viewer.pk}/erase").content.decode()
