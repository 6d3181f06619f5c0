"""What changes who belongs to a project, and in which role."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User, normalize_email
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import Conflict, NotFound, ValidationFailed
from apps.projects.labeling_rights import prepare_end_of_labeling
from apps.projects.locks import lock_members
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, Role, allows


@transaction.atomic
def set_member(*, project_id: int, user: User, role: str, changed_by: User | None = None) -> Membership:
    """Give `user` this role in a project, as a new or a present member.

    Raises:
        ValidationFailed: there is no such role.
        Conflict: it would take the role from the last owner.
    """
    if role not in Role.values:
        raise ValidationFailed(f'There is no role "{role}". Choose one of {", ".join(Role.values)}.')
    members = lock_members(project_id)
    present = next((member for member in members if member.user_id == user.pk), None)
    if present is None:
        member = Membership.objects.create(project_id=project_id, user=user, role=role)
        record(
            AuditAction.MEMBER_ADDED, actor=changed_by, target=user, project_id=project_id,
            after={"role": str(role)},
        )  # fmt: skip
        return member
    if role != Role.OWNER:
        _keep_an_owner(members, without=present)
    before, present.role = present.role, role
    present.save(update_fields=["role"])
    if not allows(role, Action.LABEL):
        prepare_end_of_labeling(project_id=project_id, user=user, ended_by=changed_by)
    if role != before:
        record(
            AuditAction.MEMBER_CHANGED, actor=changed_by, target=user, project_id=project_id,
            before={"role": before}, after={"role": str(role)},
        )  # fmt: skip
    return present


@transaction.atomic
def remove_member(*, project_id: int, user_id: int, removed_by: User | None = None) -> None:
    """Take a person out of a project; their completions stay.

    Raises:
        NotFound: they are no member.
        Conflict: they are its last owner.
    """
    members = lock_members(project_id)
    member = next((member for member in members if member.user_id == user_id), None)
    if member is None:
        raise NotFound(f"User {user_id} is no member of this project.")
    _keep_an_owner(members, without=member)
    record(
        AuditAction.MEMBER_REMOVED, actor=removed_by, target=member.user, project_id=project_id,
        before={"role": member.role},
    )  # fmt: skip
    prepare_end_of_labeling(project_id=project_id, user=member.user, ended_by=removed_by)
    member.delete()


def _keep_an_owner(members: list[Membership], *, without: Membership) -> None:
    """Keep an owner who can sign in: one who was deactivated or erased owns nothing for anybody."""
    owners = {member.pk for member in members if member.role == Role.OWNER and member.user.is_active}
    if owners and owners <= {without.pk}:
        raise Conflict("A project needs an owner. Make somebody else an owner first.")


@transaction.atomic
def hand_over_project(*, project_id: int, to: User, handed_over_by: User | None) -> None:
    """Make `to` the owner of a project; whoever owned it before stays as a manager.

    Raises:
        NotFound: the project was deleted in the meantime.
        ValidationFailed: `to` cannot sign in.
    """
    if not to.is_active:
        raise ValidationFailed(f"{to} is deactivated and cannot own a project.")
    members = lock_members(project_id)
    owners = [member for member in members if member.role == Role.OWNER]
    if [member.user_id for member in owners] == [to.pk]:
        return
    Membership.objects.update_or_create(project_id=project_id, user=to, defaults={"role": Role.OWNER})
    former = [member for member in owners if member.user_id != to.pk]
    Membership.objects.filter(pk__in=[member.pk for member in former]).update(role=Role.MANAGER)
    record(
        AuditAction.PROJECT_HANDED_OVER, actor=handed_over_by,
        target=Project.objects.get(pk=project_id), project_id=project_id,
        before={"owners": [member.user.email for member in owners]}, after={"owners": [to.email]},
    )  # fmt: skip


def person_by_email(email: str) -> User:
    """Return the active person with this address.

    Raises:
        ValidationFailed: there is none; they can be invited instead.
    """
    user = User.objects.filter(email=normalize_email(email), is_active=True).first()
    if user is None:
        message = f"Nobody here signs in as {email}. Send an invitation instead."
        raise ValidationFailed(message, fields={"email": [message]})
    return user
