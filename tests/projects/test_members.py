"""A project always has an owner, whoever changes its members."""

from __future__ import annotations

import pytest

from apps.core.errors import Conflict
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Membership
from apps.projects.policy import Action, Role, allows
from apps.projects.queries import members_of


def test_a_person_becomes_a_member_and_changes_role(cast):
    set_member(project_id=cast.project.pk, user=cast.stranger, role=Role.ANNOTATOR)
    set_member(project_id=cast.project.pk, user=cast.stranger, role=Role.REVIEWER)
    membership = Membership.objects.get(project=cast.project, user=cast.stranger)
    assert membership.role == Role.REVIEWER


def test_the_last_owner_cannot_be_demoted_or_removed(cast):
    with pytest.raises(Conflict):
        set_member(project_id=cast.project.pk, user=cast.owner, role=Role.VIEWER)
    with pytest.raises(Conflict):
        remove_member(project_id=cast.project.pk, user_id=cast.owner.pk)
    assert Membership.objects.get(user=cast.owner).role == Role.OWNER


def test_one_of_two_owners_can_leave(cast):
    set_member(project_id=cast.project.pk, user=cast.manager, role=Role.OWNER)
    remove_member(project_id=cast.project.pk, user_id=cast.owner.pk)
    assert members_of(cast.project)[0].user == cast.manager


def test_every_action_names_the_roles_that_may_do_it():
    assert {role for role in Role if allows(role, Action.LABEL)} == set(Role) - {Role.VIEWER}
    assert {role for role in Role if allows(role, Action.DELETE_PROJECT)} == {Role.OWNER}
    assert not any(allows(None, action) for action in Action)
