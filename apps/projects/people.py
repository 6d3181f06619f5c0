"""What members decide over each other and whom they invite: the API and the pages both ask here.

Each decision is made behind the lock on the project's members, with the role the decider has at that moment.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.projects.invitations import create_invitation
from apps.projects.locks import lock_members
from apps.projects.membership import person_by_email, remove_member, set_member
from apps.projects.models import Invitation, Membership
from apps.projects.policy import Action, require_giving
from apps.projects.queries import project_for
from apps.projects.querysets import InvitationQuerySet


@transaction.atomic
def add_member(*, project_id: int, email: str, role: str, added_by: User) -> Membership:
    """Make somebody who has an account a member, or give a present member this role.

    Raises:
        NotFound: the caller is no member.
        NotAllowed: their role does not allow it, or stands below the given or the present one.
        ValidationFailed: nobody signs in with this address.
        Conflict: it would take the role from the last owner.
    """
    members, own_role = _lock_and_rank(project_id, added_by)
    person = person_by_email(email)
    present = members.get(person.pk)
    if present is not None:
        require_giving(own_role, present.role)
    require_giving(own_role, role)
    return set_member(project_id=project_id, user=person, role=role, changed_by=added_by)


@transaction.atomic
def change_role(*, project_id: int, user_id: int, role: str, changed_by: User) -> Membership:
    """Give a present member another role.

    Raises:
        NotFound: the caller or the person is no member.
        NotAllowed: the caller's role does not allow it, or stands below the given or the present one.
        Conflict: it would take the role from the last owner.
    """
    members, own_role = _lock_and_rank(project_id, changed_by)
    member = _present(members, user_id)
    require_giving(own_role, member.role)
    require_giving(own_role, role)
    return set_member(project_id=project_id, user=member.user, role=role, changed_by=changed_by)


@transaction.atomic
def take_out(*, project_id: int, user_id: int, taken_out_by: User) -> None:
    """Remove a member; everybody may leave by themself.

    Raises:
        NotFound: the caller or the person is no member.
        NotAllowed: the caller's role does not allow it, or stands below the person's.
        Conflict: they are the last owner.
    """
    if user_id != taken_out_by.pk:
        members, own_role = _lock_and_rank(project_id, taken_out_by)
        require_giving(own_role, _present(members, user_id).role)
    remove_member(project_id=project_id, user_id=user_id, removed_by=taken_out_by)


def invite(
    *, project_id: int, invited_by: User, role: str, email: str, lifetime: timedelta, max_uses: int
) -> tuple[Invitation, str]:
    """Return a new invitation to a project and its key, which cannot be read again.

    Raises:
        NotFound: the caller is no member.
        NotAllowed: the caller may not give this role.
        ValidationFailed: the lifetime or the number of uses is out of range.
    """
    project = project_for(invited_by, project_id, Action.CHANGE_MEMBERS)
    require_giving(project.my_role, role)
    return create_invitation(
        created_by=invited_by, project=project, role=role, email=email, lifetime=lifetime, max_uses=max_uses
    )


def open_invitations(user: User, project_id: int | None) -> InvitationQuerySet:
    """Return the invitations to a project (None: to the instance) that can still be used, newest first."""
    usable = Invitation.objects.for_user(user).usable().filter(project_id=project_id)
    return usable.select_related("created_by", "project").order_by("-pk")


def invitation_for(user: User, invitation_id: int) -> Invitation:
    """Return an invitation that `user` may revoke.

    Raises:
        NotFound: there is none.
    """
    found = Invitation.objects.for_user(user).select_related("project").filter(pk=invitation_id)
    invitation: Invitation | None = found.first()
    if invitation is None:
        raise NotFound(f"There is no invitation {invitation_id}, or you may not revoke it.")
    return invitation


def _lock_and_rank(project_id: int, user: User) -> tuple[dict[int, Membership], str]:
    """Lock a project's members; return them by person, and the role of `user`, who may change members."""
    members = {member.user_id: member for member in lock_members(project_id)}
    return members, project_for(user, project_id, Action.CHANGE_MEMBERS).my_role


def _present(members: dict[int, Membership], user_id: int) -> Membership:
    if user_id not in members:
        raise NotFound(f"User {user_id} is no member of this project.")
    return members[user_id]
