"""What becomes of somebody's projects and invitations when their access ends."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.accounts.models import GlobalRole, User
from apps.projects.locks import lock_members
from apps.projects.membership import set_member
from apps.projects.models import Invitation, Membership
from apps.projects.policy import Role


def hand_over_owned_projects(*, person: User, ended_by: User | None, erased: bool) -> None:
    """Give each project that only `person` owns an owner who can sign in: its longest-standing manager, else an
    administrator.

    Nobody who must be locked out at once is kept in by a project, and no project is left without an owner.
    """
    owned = Membership.objects.filter(user=person, role=Role.OWNER, project__deleted_at=None)
    for project_id in owned.order_by("project_id").values_list("project_id", flat=True):
        others = [row for row in lock_members(project_id) if row.user.is_active and row.user_id != person.pk]
        if any(row.role == Role.OWNER for row in others):
            continue
        managers = [row.user for row in others if row.role == Role.MANAGER]
        heir = managers[0] if managers else _administrator(person, ended_by)
        if heir is not None:
            set_member(project_id=project_id, user=heir, role=Role.OWNER, changed_by=ended_by)


def count_solely_owned(person: User) -> int:
    """Return how many projects would get another owner if this person went."""
    owners = Membership.objects.filter(project=OuterRef("project"), role=Role.OWNER, user__is_active=True)
    owned = Membership.objects.filter(user=person, role=Role.OWNER, project__deleted_at=None)
    return owned.exclude(Exists(owners.exclude(user=person))).count()


def _administrator(person: User, ended_by: User | None) -> User | None:
    if ended_by is not None and ended_by != person and ended_by.is_administrator:
        return ended_by
    others = User.objects.filter(role=GlobalRole.ADMINISTRATOR, is_active=True).exclude(pk=person.pk)
    administrator: User | None = others.order_by("pk").first()
    return administrator


def forget_invited_address(*, person: User, ended_by: User | None, erased: bool) -> None:
    """Revoke the invitations that name somebody whose data are erased, and take the address out of them."""
    if erased:
        Invitation.objects.filter(email=person.email, revoked_at=None).update(revoked_at=timezone.now())
        Invitation.objects.filter(email=person.email).update(email=f"person-{person.pk}@erased.invalid")
