"""Owners who go at the same moment: one of them finds that nobody else is left."""

from __future__ import annotations

from functools import partial

import pytest

from apps.accounts.models import GlobalRole
from apps.accounts.services import deactivate_user, erase_user
from apps.core.errors import Conflict
from apps.projects.invitations import accept_invitation, create_invitation
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from tests.factories import make_member, make_project, make_user, owner_of


def active_owners(project: Project) -> int:
    return Membership.objects.filter(project=project, role=Role.OWNER, user__is_active=True).count()


def leaving(project, person):
    return partial(remove_member, project_id=project.pk, user_id=person.pk)


def stepping_down(project, person):
    return partial(set_member, project_id=project.pk, user=person, role=Role.VIEWER)


@pytest.mark.parametrize(
    "ways", [(leaving, leaving), (stepping_down, stepping_down), (leaving, stepping_down)]
)
def test_of_two_owners_who_leave_or_step_down_one_stays(together, ways):
    project = make_project()
    people = [owner_of(project), make_member(project, Role.OWNER)]
    outcomes = together([way(project, person) for way, person in zip(ways, people, strict=True)])
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert active_owners(project) == 1


def test_two_owners_who_are_locked_out_leave_the_project_to_an_administrator(together):
    administrator = make_user(role=GlobalRole.ADMINISTRATOR)
    project = make_project()
    first, second = owner_of(project), make_member(project, Role.OWNER)
    outcomes = together(
        [
            partial(deactivate_user, user_id=first.pk, deactivated_by=administrator),
            partial(erase_user, user_id=second.pk, erased_by=administrator),
        ]
    )
    assert not any(isinstance(outcome, Exception) for outcome in outcomes)
    assert active_owners(project) == 1
    assert Membership.objects.get(project=project, user=administrator).role == Role.OWNER


def test_of_an_owner_who_is_locked_out_and_one_who_leaves_somebody_remains(together):
    administrator = make_user(role=GlobalRole.ADMINISTRATOR)
    project = make_project()
    first, second = owner_of(project), make_member(project, Role.OWNER)
    together(
        [
            partial(deactivate_user, user_id=first.pk, deactivated_by=administrator),
            leaving(project, second),
        ]
    )
    assert active_owners(project) == 1


def test_an_invitation_is_accepted_before_its_maker_is_demoted_or_not_at_all(together):
    project = make_project()
    manager, guest = make_member(project, Role.MANAGER), make_user()
    _, key = create_invitation(created_by=manager, project=project)
    accepted, demoted = together(
        [partial(accept_invitation, key=key, user=guest), stepping_down(project, manager)]
    )
    joined = Membership.objects.filter(project=project, user=guest).exists()
    assert joined is not isinstance(accepted, Exception)
    assert demoted.role == Role.VIEWER
